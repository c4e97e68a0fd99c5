"""The log of a capture: destinations of records and warnings, and the clock."""
