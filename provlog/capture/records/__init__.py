"""Records of sessions, activities and entities."""
