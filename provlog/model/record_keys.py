"""The marker and the keys of provenance records, shared by the log reader and the capture.

The reader accepts more spellings than the capture writes: see
:mod:`provlog.readers.log.facets`.
"""

from __future__ import annotations

MARKER = "_PROV_"
"""The marker before the time of a record and before its payload."""

# Ids of the session, activity or entity that a record describes.
SESSION_ID = "session_id"
ACTIVITY_ID = "activity_id"
ENTITY_ID = "entity_id"

# Sessions and activities.
SESSION_NAME = "session_name"
ACTIVITY_NAME = "activity_name"
START_TIME = "startTime"
END_TIME = "endTime"
AGENT_NAME = "agent_name"
SCRIPT = "script"
PARAMETERS = "parameters"
UNITS = "units"
STATUS = "status"
EXCEPTION = "exception"
MODULE = "module"
CLASS = "class"
SYSTEM = "system"
CONFIGURATION = "configuration"
DEFINITIONS = "definitions"

# Relations to other activities and sessions.
IN_ACTIVITY = "in_activity"
IN_SESSION = "in_session"
SESSION_TAG = "session_tag"

# Relations between activities and entities, and between entities.
USED_ID = "used_id"
USED_ROLE = "used_role"
GENERATED_ID = "generated_id"
GENERATED_ROLE = "generated_role"
MEMBER_ID = "member_id"
PROGENITOR_ID = "progenitor_id"

# Attributes, and the prefixes that say which entity an attribute describes.
NAME = "name"
DESCRIPTION = "description"
TYPE = "type"
LOCATION = "location"
FILEPATH = "filepath"
VALUE = "value"
CONTENT_TYPE = "contentType"
HASH = "hash"
HASH_TYPE = "hash_type"
NOTE = "note"
ENTITY = "entity_"
MEMBER = "member_"
PROGENITOR = "progenitor_"
