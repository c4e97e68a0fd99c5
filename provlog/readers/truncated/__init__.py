"""Complete truncated documents: leave out what is incomplete at the end, and close the rest.

A document is truncated if it is correct up to its end. Each module has a function
``completed`` for one syntax, which returns the complete part.
"""
