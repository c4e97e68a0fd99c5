"""The log of a capture: handler, history and clock."""
