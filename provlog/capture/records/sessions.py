"""Sessions: what one analysis object, or one process with its workers, did."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from provlog.capture.log.clock import moment
from provlog.capture.process.environment import system, user
from provlog.capture.process.workers import tell_described
from provlog.capture.records.object_ids import Known
from provlog.capture.records.syntax import line
from provlog.objects.classes import class_name, module_of, qualname_of
from provlog.objects.identity_map import IdentityMap
from provlog.objects.literals import to_literal

if TYPE_CHECKING:
    from provlog.capture.log.record_log import RecordLog
    from provlog.capture.process.workers import Family
    from provlog.definitions.load import Definitions

__all__ = ["Latest", "Session", "Sessions"]

Latest = dict[str, tuple[str, Known | None]]
"""The id of the entity that a variable was when it was seen last, by the expression that
names it, and what is cached_by_class of the object."""


class Session(Struct, eq=False):
    """A session.

    Parameters
    ----------
    id : str
        Its id: 16 hexadecimal digits.
    latest : Latest
        What global variables were when they were seen last.
    described : dict
        What was said last of each entity, by its id.
    related : set
        What was said of members and progenitors.
    """

    id: str
    latest: Latest = field(default_factory=dict)
    described: dict[str, str] = field(default_factory=dict)
    related: set[tuple[object, ...]] = field(default_factory=set)


class Sessions:
    """Begins sessions and knows whose they are.

    Parameters
    ----------
    log : RecordLog
        Takes their records.
    family : Family
        The program and its workers.
    definitions : Definitions
        The descriptions, which the first session's record holds.
    configuration : mapping
        What the program says of its configuration.
    """

    def __init__(
        self,
        log: RecordLog,
        family: Family,
        definitions: Definitions,
        configuration: Mapping[str, Any],
    ) -> None:
        self._log = log
        self._family = family
        self._described: dict[str, Any] = {}
        if configuration:
            self._described["configuration"] = to_literal(configuration)
        if definitions.activities:
            self._described["definitions"] = to_literal(definitions.source)
        self._objects: IdentityMap[Session] = IdentityMap()
        self._count = 0
        self.agent = user()
        self._process: Session | None = None
        self._is_described = family.is_worker and family.is_described
        self.enter_process(family)

    def enter_process(self, family: Family) -> None:
        """Go on in another process, which was forked from this one."""
        self._family = family
        self._is_described = self._is_described or self._process is not None
        self._process = None
        self._lock = threading.RLock()

    def of_process(self) -> Session:
        """Return the session of the process, which is also that of its workers."""
        if self._process is not None:
            return self._process
        with self._lock:
            if self._process is None:
                self._process = session = Session(self._family.name)
                if self._family.is_worker and self._is_described:
                    self._write(session, self._family.start, {})
                else:
                    self._begin(session, self._family.start, {"session_name": _program()})
                    tell_described()
            return self._process

    def known(self, owner: object) -> Session | None:
        """Return the session of an analysis object, if it has one."""
        return self._objects.get(owner)

    def of_object(self, owner: object) -> Session:
        """Return the session of an analysis object, which may begin now.

        That of an object in a worker is the program's: each task may bring a copy of it.
        """
        if self._family.is_worker:
            return self.of_process()
        with self._lock:
            session = self._objects.get(owner)
            if session is None:
                session = Session(self._next_id())
                self._objects.put(owner, session)
                kind = type(owner)
                module, name = module_of(kind), qualname_of(kind)
                names = {"session_name": class_name(kind), "module": module, "class": name}
                self._begin(session, moment()[1], names)
            return session

    def _next_id(self) -> str:
        self._count += 1
        unique = f"{self._family.name} {os.getpid()} {moment()} {self._count}"
        return blake2b(unique.encode(), digest_size=8).hexdigest()

    def _begin(self, session: Session, start: str, names: dict[str, str]) -> None:
        self._write(session, start, names | {"system": system()} | self._described)
        # They are long: once is enough.
        self._described.pop("definitions", None)

    def _write(self, session: Session, start: str, said: dict[str, Any]) -> None:
        fields = {"session_id": session.id, "startTime": start, "agent_name": self.agent, **said}
        now = moment()
        self._log.write([line(now, repr(fields))], now)


def _program() -> str:
    """What this process runs: the name of a script, or of a package that is run as one."""
    folder, name = os.path.split(sys.argv[0] if sys.argv else "")
    return (os.path.basename(folder) if name == "__main__.py" else name) or "python"
