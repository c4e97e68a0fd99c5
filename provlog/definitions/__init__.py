"""Definition files: what activities use and generate."""
