"""Files that a program names: paths, ids and folders."""
