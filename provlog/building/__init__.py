"""Build the provenance graph from events."""
