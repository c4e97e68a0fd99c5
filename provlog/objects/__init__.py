"""Inspection of Python objects without running their code: values, state, identity."""
