"""Read PROV-XML: usual documents with regular expressions, others with a parser."""
