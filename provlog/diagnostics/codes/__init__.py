"""Declare every diagnostic code once: severity, title, example, meaning and remedy.

Codes are stable. ``PL0..`` concerns inputs and outputs, ``PL1..`` the syntax of a
record, ``PL2..`` its content, ``PL3..`` records that contradict each other, ``PL4..``
constraints of W3C PROV-CONSTRAINTS, ``PL5..`` gaps in the provenance, ``PL6..``
definition files, ``PL7..`` the IVOA Provenance Data Model, ``PL8..`` VOTables. To add a
code, declare it in the module of its series.
"""

from __future__ import annotations

from provlog.diagnostics.codes.code import Code
from provlog.diagnostics.codes.constraints import CONSTRAINT_CODES
from provlog.diagnostics.codes.definitions import DEFINITION_CODES
from provlog.diagnostics.codes.descriptions import DESCRIPTION_CODES
from provlog.diagnostics.codes.gaps import GAP_CODES
from provlog.diagnostics.codes.inputs import INPUT_CODES
from provlog.diagnostics.codes.records import RECORD_CODES
from provlog.diagnostics.codes.tables import TABLE_CODES

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    **INPUT_CODES,
    **RECORD_CODES,
    **CONSTRAINT_CODES,
    **GAP_CODES,
    **DEFINITION_CODES,
    **DESCRIPTION_CODES,
    **TABLE_CODES,
}
"""All codes in the order of their numbers."""
