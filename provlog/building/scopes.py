"""Find the session of each record, which is the scope in which its ids are unique."""

from __future__ import annotations

from msgspec import Struct, field

from provlog.model.graph import Activity, Attributes, Entity
from provlog.model.values import qname, safe_text
from provlog.origin import Origin

__all__ = ["Scope", "Scopes"]

SESSION = qname("provlog:Session")


class Scope(Struct, eq=False):
    """A scope in which ids are unique: a session, or a log that names none.

    Parameters
    ----------
    name : str
        The session's id, or the digest of the log's first record.
    session : Activity, optional
        The session.
    entities : dict
        Its entities, by the id in the log.
    key : object
        The same object for scopes that were united.
    """

    name: str
    session: Activity | None = None
    entities: dict[str, Entity] = field(default_factory=dict)
    key: object = field(default_factory=object)


class Scopes:
    """The sessions of all logs, and the one that is current in the log being read.

    A record belongs to the session that it names (``in_session`` or
    ``session_tag``), else to the one that was named last. The records before the first
    session of a log belong to this session.

    Attributes
    ----------
    current : Scope
        The scope of a record that names no session.
    interleaved : bool
        Two sessions take turns in this log: the session of a record that names none
        does not follow from its position.
    sessions : dict
        The scopes of all sessions, by the id that the logs give them.
    """

    def __init__(self) -> None:
        self.sessions: dict[str, Scope] = {}
        self._logs: dict[str, Scope] = {}
        self.start_log("")

    def start_log(self, digest: str) -> None:
        """Begin a log with a scope of its own."""
        self.current = self._logs.setdefault(digest, Scope(digest))
        self.interleaved = False
        self._named = False
        self._been_current: set[Scope] = set()
        self._tags: dict[str, Scope] = {}

    def of_session(self, raw: str) -> Scope:
        """Return the scope of a session, which may be new."""
        scope = self.sessions.get(raw)
        if scope is None:
            is_first = not self._named and self.current.session is None
            scope = self.current if is_first else Scope(raw)
            scope.name = raw
            attributes: Attributes = {"prov:type": SESSION}
            attributes["dcterms:identifier"] = safe_text(raw)
            scope.session = Activity("", attributes)
            self.sessions[raw] = scope
        elif not self._named and self.current.session is None:
            # The records of this log so far belong to a session of another log.
            self.current.name, self.current.session = scope.name, scope.session
            self.current.key = scope.key
            self.current = scope
        self._named = True
        return scope

    def named_by(self, origin: Origin) -> Scope | None:
        """Return the scope that a record names, which becomes current; ``None`` without one."""
        if origin.session is not None:
            scope: Scope | None = self.of_session(origin.session)
        elif origin.tag is not None:
            # A tag is "<activity name>:<session name>".
            scope = self._tags.get(origin.tag) or self._tags.get(origin.tag.rpartition(":")[2])
        else:
            return None
        if scope is not None:
            self.enter(scope)
        return scope

    def enter(self, scope: Scope) -> None:
        """Make a scope the current one."""
        if scope.key is not self.current.key:
            self.interleaved = self.interleaved or scope in self._been_current
            self._been_current.update((self.current, scope))
            self.current = scope

    def learn_tag(self, tag: str | None, scope: Scope) -> None:
        """Add a tag, or a session's name, by which records refer to a scope."""
        if tag is not None:
            self._tags[tag] = scope
