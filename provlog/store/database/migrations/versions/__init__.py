"""One migration a module, named by its version."""
