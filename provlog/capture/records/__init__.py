"""Records of a capture: sessions, activities, entities and their syntax."""
