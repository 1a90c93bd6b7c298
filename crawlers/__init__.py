"""From the web to landing files."""
