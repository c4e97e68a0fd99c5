"""Read sources of provenance; :mod:`provlog.readers.log` reads logs."""
