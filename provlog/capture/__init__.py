"""Capture: records the provenance of a Python analysis while it runs."""
