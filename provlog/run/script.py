"""Run a program as Python does, and trace its targets."""

from __future__ import annotations

import atexit
import builtins
import os
import sys
from contextlib import suppress
from functools import partial, wraps
from logging import getLogger
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from provlog import version
from provlog.capture.capture import Capture
from provlog.capture.process.workers import KEYS, announce, announce_later
from provlog.run.activity import program_activity
from provlog.run.automatic import STEPS, steps
from provlog.run.imports import Action, ImportWatcher
from provlog.run.libraries import library_action
from provlog.run.program import (
    STANDARD_INPUT,
    Program,
    code_program,
    input_program,
    is_folder,
    module_program,
    own_names,
    script_program,
)
from provlog.run.rewrite import DECORATOR, compiled
from provlog.run.room import with_room
from provlog.run.tracer import Tracer

__all__ = ["Run", "run_in_child"]

_WORKER = "provlog.run.worker"
# The keys with which multiprocessing names the main module for a spawned process.
_MAINS = frozenset({"init_main_from_name", "init_main_from_path"})


class Run(NamedTuple):
    """A program to run.

    Parameters
    ----------
    program : str
        The path of a script, ``-`` for standard input, the name of a module, or code.
    is_module : bool
        Whether `program` names a module.
    definitions : str, optional
        The path of the definition file.
    log : str
        The path of the log.
    targets : tuple of str
        Targets in addition to those of the definitions. `STEPS` stands for the steps of the
        program.
    files : str
        Which of the files that the program opens are recorded, as for `Capture`.
    ignore : tuple of str
        Patterns of files to leave out.
    is_code : bool
        Whether `program` is code.
    each : int
        The number of calls of a function in one activity that are recorded each by itself.
    hash : tuple of str
        The hash methods that identify files, as for `Capture`.
    """

    program: str
    is_module: bool
    definitions: str | None
    log: str
    targets: tuple[str, ...]
    files: str = "data"
    ignore: tuple[str, ...] = ()
    is_code: bool = False
    each: int = 1000
    hash: tuple[str, ...] = ("sha256",)

    @property
    def is_file(self) -> bool:
        """Whether `program` is the path of a script, a folder or an archive."""
        return not (self.is_module or self.is_code or self.program == STANDARD_INPUT)

    def prepared(self) -> Tracer:
        """Start to watch imports, and return the tracer of the program.

        Raises
        ------
        ProvlogError
            If the definitions cannot be read, or a target is invalid.
        """
        log = os.path.abspath(self.log)
        announce_later()
        make = partial(Capture.from_yaml, self.definitions) if self.definitions else Capture
        capture = make(
            log=log, files=self.files, ignore=self.ignore, each=self.each, hash=self.hash
        )
        targets = [target for target in self.targets if target != STEPS]
        tracer = Tracer(capture, targets, self._own_names())
        actions: dict[str, Action] = {
            KEYS: lambda _: announce(),
            "multiprocessing.spawn": partial(_trace_children, self.with_absolute_paths()),
        }

        def action_of(name: str) -> Action | None:
            return actions.get(name) or library_action(name) or tracer.action_of(name)

        watcher = ImportWatcher(action_of)
        # Registered first, so called last: the program's own exit functions are still traced.
        atexit.register(_stop_tracing, watcher)
        # From here on, functions that provlog itself uses may be traced, too.
        watcher.install()
        return tracer

    def execute(self, tracer: Tracer, arguments: list[str]) -> None:
        """Run the program; its exceptions propagate.

        Parameters
        ----------
        tracer : Tracer
            The tracer from `prepared`.
        arguments : list of str
            The program's arguments.

        Raises
        ------
        NoProgramError
            If the program does not exist or cannot be run.
        """
        _search_modules_in(self._folder())
        # As in Python, sys.argv[0] is "-m" during the search for a module.
        first = "-m" if self.is_module else "-c" if self.is_code else self.program
        sys.argv = [first, *arguments]
        sys.modules["__main__"] = main = ModuleType("__main__")
        if sys.version_info < (3, 14):
            main.__annotations__ = {}
        program = self.found()
        if self.is_module:
            sys.argv[0] = program.file
        with program_activity(tracer.capture, program.file):
            self._execute(program, tracer, vars(main))

    @with_room
    def _execute(
        self,
        program: Program,
        tracer: Tracer | None,
        namespace: dict[str, Any],
        name: str = "__main__",
    ) -> None:
        if tracer is None:
            code = compiled(program.text, program.file, None)
        else:
            code = self._traced_code(program, tracer)
            # Among the builtins, because the program may iterate over its own globals.
            setattr(builtins, DECORATOR, tracer.decorator)
        namespace.update(program.attributes, __name__=name, __doc__=None, __builtins__=builtins)
        exec(code, namespace)  # noqa: S102

    def _traced_code(self, program: Program, tracer: Tracer) -> CodeType:
        tracer.read(program.text)
        if STEPS in self.targets:
            # Errors in the source are reported when it is compiled.
            with suppress(SyntaxError, ValueError, RecursionError):
                package = program.attributes["__package__"] or ""
                tracer.add_steps(steps(program.text, self._folder(), package))
        return tracer.compiled(program)

    def found(self) -> Program:
        """Return the source code of the program.

        Raises
        ------
        NoProgramError
            If the program does not exist or cannot be run.
        """
        if self.is_module:
            return module_program(self.program)
        if self.is_file:
            return script_program(self.program)
        return code_program(self.program) if self.is_code else input_program()

    def _own_names(self) -> frozenset[str]:
        if self.is_module or self.is_file:
            return own_names(self.program, self.is_module)
        return frozenset({"__main__"})

    def _folder(self) -> str:
        """Return the first folder in which the program's imports look."""
        if self.is_module:
            return os.getcwd()
        if not self.is_file:
            return ""
        if is_folder(self.program):
            return os.path.join(os.getcwd(), self.program)
        return os.path.dirname(os.path.realpath(self.program))

    def with_absolute_paths(self) -> Run:
        """Return the same run for a process in another working directory."""
        return self._replace(
            program=os.path.abspath(self.program) if self.is_file else self.program,
            definitions=self.definitions and os.path.abspath(self.definitions),
            log=os.path.abspath(self.log),
        )


def run_in_child(namespace: dict[str, Any]) -> None:
    """Run the program, traced, as the main module of a process that it spawned.

    Parameters
    ----------
    namespace : dict
        The namespace of the process's ``__mp_main__``. The last item of ``sys.argv`` holds
        the fields of the `Run`.
    """
    run = Run(*sys.argv.pop())
    tracer = None
    try:
        tracer = run.prepared()
    except Exception as error:  # noqa: BLE001
        # The definitions were valid when the program started; the worker must run anyway.
        getLogger("provlog.capture").warning("provlog: a worker process is not traced: %s", error)
    program = run.found()
    if not program.is_package:
        sys.argv[0] = program.file
        namespace.clear()
        run._execute(program, tracer, namespace, "__mp_main__")


def _search_modules_in(folder: str) -> None:
    """Replace the first entry of ``sys.path``, provlog's own, by the program's folder."""
    if not sys.flags.safe_path:
        sys.path[:1] = [folder]
    # Processes that the program spawns must find provlog.
    home = os.path.dirname(os.path.dirname(version.__file__))
    if home not in sys.path:
        sys.path.append(home)


def _stop_tracing(watcher: ImportWatcher) -> None:
    """Drop the references to the program's functions and classes, so that they are freed."""
    watcher.remove()
    vars(builtins).pop(DECORATOR, None)


def _trace_children(run: Run, spawn: ModuleType) -> None:
    """Make spawned processes of ``multiprocessing`` run the program through ``run.worker``.

    A spawned process runs the program's file again to get its functions. A forked process
    needs no change.
    """
    described = spawn.get_preparation_data

    @wraps(described)
    def described_traced(*args: Any, **kwargs: Any) -> dict[str, Any]:
        data: dict[str, Any] = described(*args, **kwargs)
        if data.keys() & _MAINS:
            for key in _MAINS:
                data.pop(key, None)
            data["init_main_from_name"] = _WORKER
            # In the arguments, because the program may clear the environment; as a plain
            # tuple, because it is unpickled before provlog can be imported.
            data["sys_argv"] = [*data["sys_argv"], tuple(run)]
        return data

    setattr(spawn, "get_preparation_data", described_traced)  # noqa: B010
