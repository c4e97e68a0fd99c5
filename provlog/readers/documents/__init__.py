"""Read PROV documents: PROV-JSON, PROV-XML, PROV-N, Turtle, TriG and PROV-JSONLD."""
