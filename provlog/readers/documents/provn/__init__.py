"""Read PROV-N: regular expressions for usual statements, a tokenizer for others and for faults."""
