"""Figures and how they are made; nothing here is needed to run trendscout."""
