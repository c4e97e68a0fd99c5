"""Look at Python objects without running their code."""
