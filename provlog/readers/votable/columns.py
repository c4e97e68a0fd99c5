"""Find the tables and columns of the model under all their names in documents.

Drafts of 2017 and 2018 used other names: a short prefix for each column, and words that the
Recommendation has replaced.
"""

from __future__ import annotations

import re

from provlog.model.tables import TABLES, Table
from provlog.readers.votable.parse import ParsedTable

__all__ = ["column_of", "table_of"]

_TABLES = {table.name.lower(): table for table in TABLES.values()}
_DRAFT_TABLES = {
    "useddescription": "UsageDescription",
    "useddesc": "UsageDescription",
    "wasgeneratedbydescription": "GenerationDescription",
    "wasgeneratedbydesc": "GenerationDescription",
    "entitydesc": "EntityDescription",
    "activitydesc": "ActivityDescription",
    "parameterdesc": "ParameterDescription",
    "usage": "Used",
    "generation": "WasGeneratedBy",
    "association": "WasAssociatedWith",
    "attribution": "WasAttributedTo",
}
_BY_UTYPE = {table.utype.lower(): table for table in TABLES.values() if table.utype}
_PREFIX = re.compile(r"(?:e|ed|a|ad|ag|p|pd|u|ud|wgb|wgbd|waw|wat)_(?=[A-Za-z])")

_DRAFT_COLUMNS: dict[str, str] = {
    "starttime": "start_time",
    "endtime": "end_time",
    "start": "start_time",
    "stop": "end_time",
    "generatedattime": "generated_at_time",
    "creationtime": "generated_at_time",
    "invalidatedattime": "invalidated_at_time",
    "value": "entity_value",
    "time": "time_used",
    "useddescription_id": "usagedescription_id",
    "usagedescription": "usagedescription_id",
    "wasgeneratedbydescription_id": "generationdescription_id",
    "generationdescription": "generationdescription_id",
    "informant": "informant_id",
    "annotation": "comment",
    "label": "name",
}
_DESCRIPTION_COLUMNS = {
    "annotation": "description",
    "doculink": "docurl",
    "category": "type",
    "datatype": "value_type",
    "valuetype": "value_type",
    "min": "min_value",
    "max": "max_value",
    "default": "default_value",
    "contenttype": "content_type",
}
_DRAFT_COLUMNS_OF: dict[str, dict[str, str]] = {
    "Entity": {"description": "entitydescription_id", "desc_id": "entitydescription_id"},
    "Activity": {"description": "activitydescription_id", "desc_id": "activitydescription_id"},
    "Parameter": {"value": "parameter_value", "description": "parameterdescription_id"},
    **{name: _DESCRIPTION_COLUMNS for name in TABLES if name.endswith("Description")},
}


def table_of(parsed: ParsedTable) -> Table | None:
    """Return the table of the model for a document's table, by its name or utype."""
    name = parsed.name.rpartition(":")[2].lower()
    draft = _DRAFT_TABLES.get(name)
    found = _TABLES.get(name) or (TABLES[draft] if draft is not None else None)
    return found or _BY_UTYPE.get(parsed.utype.lower())


def column_of(table: Table, name: str, utype: str) -> str:
    """Return the name of a column in the model, or its own name if the model does not have it.

    Examples
    --------
    >>> column_of(TABLES["Activity"], "a_startTime", "voprov:Activity.startTime")
    'start_time'
    >>> column_of(TABLES["Used"], "u_activity_id", "voprov:Used.activity")
    'activity_id'
    >>> column_of(TABLES["Entity"], "e_rights", "voprov:Entity.rights")
    'rights'
    """
    names = {column.name for column in table.columns}
    if name in names:
        return name
    for column in table.columns:
        if column.utype and column.utype.lower() == utype.lower():
            return column.name
    short = _PREFIX.sub("", name)
    known = {**_DRAFT_COLUMNS, **_DRAFT_COLUMNS_OF.get(table.name, {})}
    low = short.lower()
    found = known.get(low, low)
    return found if found in names else short
