"""Capture: record the provenance of a Python analysis while it runs."""
