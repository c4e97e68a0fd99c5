"""Run a program unchanged and record it: ``provlog run``."""
