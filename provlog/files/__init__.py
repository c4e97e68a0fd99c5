"""Find, fetch and replace files, on this machine or at a URL."""
