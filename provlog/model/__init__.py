"""The data model of provenance: graph, events, values, identifiers and namespaces."""
