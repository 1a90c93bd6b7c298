"""Bulk files into documents: streamed, checked row by row, safe to start again."""
