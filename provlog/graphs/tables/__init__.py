"""The rows of a graph in the tables of the IVOA's model."""
