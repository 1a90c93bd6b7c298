"""From the store to the report model: what `pipelines.report` puts together."""
