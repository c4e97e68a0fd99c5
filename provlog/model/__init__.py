"""The nouns of provenance: graph, events, values, identifiers and namespaces."""
