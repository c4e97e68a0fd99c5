"""Fingerprints of Python values: equal values have equal fingerprints."""
