"""Find the session of each record, which is the scope in which its ids are unique."""

from __future__ import annotations

from msgspec import Struct, field

from provlog.model.graph import Activity, Attributes, Entity
from provlog.model.values import qname, safe_text
from provlog.origin import Origin

__all__ = ["Scope", "Scopes"]

SESSION = qname("provlog:Session")


class Scope(Struct, eq=False):
    """A scope in which ids are unique: a session, or a log without a session.

    Parameters
    ----------
    name : str
        The session's id, or the digest of the log's first record.
    session : Activity, optional
        The session.
    entities : dict
        Its entities, by the id in the log.
    key : object
        An object that united scopes have in common.
    """

    name: str
    session: Activity | None = None
    entities: dict[str, Entity] = field(default_factory=dict)
    key: object = field(default_factory=object)


class Scopes:
    """The sessions of all logs, and the current session of the log being read.

    A record belongs to the session that it names (``in_session`` or ``session_tag``), or
    else to the session that was named last. The records before the first session of a log
    belong to that session.

    Attributes
    ----------
    current : Scope
        The scope of a record that names no session.
    interleaved : bool
        Whether two sessions take turns in this log, so that the session of a record cannot
        be inferred from its position.
    sessions : dict
        The scopes of all sessions, by their ids in the logs.
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
        """Return the scope of a session, which is created if it is new."""
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
            # The earlier records of this log belong to a session that began in another log.
            self.current.name, self.current.session = scope.name, scope.session
            self.current.key = scope.key
            self.current = scope
        self._named = True
        return scope

    def named_by(self, origin: Origin) -> Scope | None:
        """Return the scope that a record names and make it current; ``None`` without one."""
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
