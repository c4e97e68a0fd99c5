"""Traced calls: wrapped functions, and the inputs and outputs of calls."""
