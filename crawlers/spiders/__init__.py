"""One module per kind of source; the `spider:` key of a source names it."""
