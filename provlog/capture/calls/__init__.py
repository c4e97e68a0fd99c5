"""Traced calls: wrapping functions and recording what a call used and generated."""
