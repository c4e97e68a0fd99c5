"""Draw graphs as pictures: options, folding, DOT and Graphviz."""
