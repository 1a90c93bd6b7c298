"""From a plain report to something to read, no database."""
