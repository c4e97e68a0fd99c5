"""Query a store: look up, search, follow lineages, and build graphs from rows."""
