"""Describe what can be wrong with an input: codes, explanations and listings."""
