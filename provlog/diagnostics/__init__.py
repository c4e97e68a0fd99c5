"""The problems that an input can have: codes, explanations and listings."""
