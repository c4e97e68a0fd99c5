"""The sessions of a capture: one for the process, and one for each analysis object."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provlog.capture.log.clock import timestamp
from provlog.capture.log.record_log import Records
from provlog.capture.process.environment import parent, system, user
from provlog.capture.process.workers import mark_described, next_session
from provlog.capture.records.activity import Session
from provlog.capture.records.syntax import session_record
from provlog.objects.classes import class_name, module_of, qualname_of
from provlog.objects.identity_map import IdentityMap
from provlog.objects.literals import to_literal

if TYPE_CHECKING:
    from provlog.capture.log.record_log import RecordLog
    from provlog.capture.process.workers import Program
    from provlog.definitions.load import Definitions

__all__ = ["Sessions"]


class Sessions:
    """Start sessions, and find the session of a process or object.

    Parameters
    ----------
    log : RecordLog
        The log of their records.
    program : Program
        The program of this process.
    definitions : Definitions
        The definitions, which the first session's record contains.
    configuration : mapping
        The configuration of the program.

    Attributes
    ----------
    process : Session, optional
        The session of the program, once it has started.
    """

    # Compiled code finds this field by its place.
    __slots__ = ("__dict__", "__weakref__", "process")

    def __init__(
        self,
        log: RecordLog,
        program: Program,
        definitions: Definitions,
        configuration: Mapping[str, Any],
    ) -> None:
        self._log = log
        self._program = program
        self._configuration = to_literal(configuration) if configuration else None
        self._definitions = to_literal(definitions.source) if definitions.activities else None
        self._of_objects: IdentityMap[Session] = IdentityMap()
        self.agent = user()
        self.process: Session | None = None
        self._is_described = program.is_worker and program.is_described
        self.enter_process(program)

    def enter_process(self, program: Program) -> None:
        """Continue in a process that was forked from this one."""
        self._program = program
        self._is_described = self._is_described or self.process is not None
        self.process = None
        self._lock = threading.RLock()

    def of_process(self) -> Session:
        """Return the session of the program, which its worker processes share."""
        if self.process is not None:
            return self.process
        with self._lock:
            if self.process is None:
                program = self._program
                self.process = session = Session(program.id)
                if program.is_worker and self._is_described:
                    self._write(session, program.start)
                else:
                    self._write_first(session, program.start, name=_program_name())
                    mark_described()
            return self.process

    def existing_of(self, owner: object) -> Session | None:
        """Return the session of an analysis object if it has started."""
        return self._of_objects.get(owner)

    def of_object(self, owner: object) -> Session:
        """Return the session of an analysis object, which may start now.

        In a worker it is the session of the program, because each task may bring a copy of
        the object.
        """
        if self._program.is_worker:
            return self.of_process()
        with self._lock:
            session = self._of_objects.get(owner)
            if session is None:
                session = Session(f"{self._program.id}s{next_session()}")
                self._of_objects.put(owner, session)
                kind = type(owner)
                self._write_first(
                    session,
                    timestamp()[1],
                    name=class_name(kind),
                    module=module_of(kind),
                    class_name=qualname_of(kind),
                )
            return session

    def _write_first(self, session: Session, start: str, **names: str) -> None:
        definitions, self._definitions = self._definitions, None
        self._write(
            session,
            start,
            **names,
            system=system(),
            configuration=self._configuration,
            # Only the first record has the definitions, since they are long.
            definitions=definitions,
            in_activity=parent(),
        )

    def _write(self, session: Session, start: str, **attributes: Any) -> None:
        now, time = timestamp()
        records = Records(now, time)
        records.lines.append(session_record(time, session.id, start, self.agent, **attributes))
        self._log.write(records)


def _program_name() -> str:
    """Return the name of the script, or of the package if Python runs a package."""
    folder, name = os.path.split(sys.argv[0] if sys.argv else "")
    return (os.path.basename(folder) if name == "__main__.py" else name) or "python"
