"""Traced calls: wrapped functions, and what a call used and generated."""
