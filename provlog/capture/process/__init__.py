"""The recorded process: its environment, its worker processes and its forks."""
