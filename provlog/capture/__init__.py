"""What writes the log: an analysis program is traced, and each event becomes one record."""
