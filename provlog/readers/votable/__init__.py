"""Read provenance in VOTables: those that provlog writes, and those of the model's drafts.

No standard defines a serialisation. provlog reads the tables of :mod:`provlog.model.tables`,
and those of the IVOA's working drafts of 2017 and 2018.
"""

from __future__ import annotations

from provlog.readers.votable.graph import read_votable

__all__ = ["read_votable"]
