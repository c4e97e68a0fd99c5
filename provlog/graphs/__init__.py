"""Select from, search and summarise graphs."""
