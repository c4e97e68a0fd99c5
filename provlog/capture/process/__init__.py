"""The process that is recorded: environment, workers and forks."""
