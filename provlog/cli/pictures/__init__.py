"""The commands that draw: ``provlog graph`` and ``provlog explore``."""
