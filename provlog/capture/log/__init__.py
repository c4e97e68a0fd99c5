"""The log of a capture: where records and warnings go, and what time it is."""
