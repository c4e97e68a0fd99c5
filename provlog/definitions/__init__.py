"""Definition files, which describe activities with their inputs and outputs."""
