"""Codes of VOTables: ``PL8..``."""

from __future__ import annotations

from provlog.diagnostics.codes.code import Code
from provlog.diagnostics.severity import Severity

__all__ = ["TABLE_CODES"]


def _votable(*tables: str) -> tuple[str, ...]:
    return ("<VOTABLE><RESOURCE>", *tables, "</RESOURCE></VOTABLE>")


_ENTITY = (
    "<TABLE name='Entity' utype='voprov:Entity'><FIELD name='id' datatype='char'/>",
    "<DATA><TABLEDATA><TR><TD>ex:e</TD></TR></TABLEDATA></DATA></TABLE>",
)

TABLE_CODES: dict[str, Code] = {
    "PL801": Code(
        Severity.ERROR,
        "VOTable that is not well-formed",
        _votable(*_ENTITY)[:-1],
        "The XML is truncated or not well-formed, declares a document type, or is nested too "
        "deeply. provlog kept the rows before this place.",
        "Repair the document, or write it again.",
    ),
    "PL802": Code(
        Severity.WARNING,
        "table of a VOTable that provlog does not read",
        _votable(*_ENTITY, "<TABLE name='Sources' utype='voprov:Sources'/>"),
        "A table does not belong to the IVOA Provenance Data Model, or has its rows in FITS or in "
        "another file, or its binary data is damaged. provlog skipped what it cannot read.",
        "Correct the name or utype of the table; docs/ivoa.md lists them. Convert tables in FITS "
        "with 'stilts votcopy format=tabledata'.",
    ),
    "PL803": Code(
        Severity.WARNING,
        "row of a VOTable that cannot be read",
        _votable(
            *_ENTITY,
            "<TABLE name='Agent'><FIELD name='id' datatype='char'/>",
            "<DATA><TABLEDATA><TR><TD/></TR></TABLEDATA></DATA></TABLE>",
        ),
        "A row lacks a value that it needs, such as its id, or repeats an id, or has an unknown "
        "kind of relation. provlog skipped it.",
        "Add the value.",
    ),
    "PL804": Code(
        Severity.WARNING,
        "reference to a missing row of a VOTable",
        _votable(
            *_ENTITY,
            "<TABLE name='HadMember'><FIELD name='collection_id' datatype='char'/>",
            "<FIELD name='entity_id' datatype='char'/>",
            "<DATA><TABLEDATA><TR><TD>ex:e</TD><TD>ex:m</TD></TR></TABLEDATA></DATA></TABLE>",
        ),
        "A row refers to an id that no table has. provlog kept the relation, but knows nothing "
        "else about the other end.",
        "Add the missing row, or correct the id.",
    ),
}
"""Codes of VOTables."""
