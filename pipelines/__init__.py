"""Stages, store and command line."""
