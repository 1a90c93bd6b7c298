"""Pure language stages: values in, values out, no database."""
