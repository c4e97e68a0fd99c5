"""Convert a log to the rows of a store."""
