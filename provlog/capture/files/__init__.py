"""Files that activities use and generate: paths, folders and ids."""
