"""A program as it is, run as Python runs it, with what is to be traced in it traced."""

from __future__ import annotations

import atexit
import builtins
import os
import sys
from functools import partial, wraps
from logging import getLogger
from types import ModuleType
from typing import Any, NamedTuple

from provlog import version
from provlog.capture.capture import Capture
from provlog.run.imports import ImportWatcher
from provlog.run.program import (
    Program,
    is_folder,
    module_program,
    own_names,
    script_program,
)
from provlog.run.rewrite import MARK, compiled
from provlog.run.tracer import Tracer

__all__ = ["Run", "run_in_child"]

_WORKER = "provlog.run.worker"
# How a process is told what its main module is.
_MAINS = frozenset({"init_main_from_name", "init_main_from_path"})


class Run(NamedTuple):
    """A program that is to be run.

    Parameters
    ----------
    program : str
        The script's path, or the module's name.
    is_module : bool
        It is a module.
    definitions : str, optional
        The definition file.
    log : str
        The log.
    places : tuple of str
        What is traced besides that which the definitions name.
    """

    program: str
    is_module: bool
    definitions: str | None
    log: str
    places: tuple[str, ...]

    def prepared(self) -> Tracer:
        """Return what traces the program, and begin to watch what is imported.

        Raises
        ------
        ProvlogError
            If the definitions cannot be read, or a place is none.
        """
        log = os.path.abspath(self.log)
        capture = Capture.from_yaml(self.definitions, log) if self.definitions else Capture(log=log)
        tracer = Tracer(capture, self.places, own_names(self.program, self.is_module))
        tell_children = partial(_trace_children, self._anywhere())
        watcher = ImportWatcher({**tracer.actions(), "multiprocessing.spawn": tell_children})
        # What is registered first is called last: the program's own functions are traced.
        atexit.register(_let_go, watcher)
        # From here on anything may be traced that is used here, too.
        watcher.install()
        return tracer

    def execute(self, tracer: Tracer, arguments: list[str]) -> None:
        """Run the program; whatever it raises is raised.

        Parameters
        ----------
        tracer : Tracer
            What traces it.
        arguments : list of str
            The program's arguments.

        Raises
        ------
        NoProgramError
            If there is no such program.
        """
        _look_first_in(self._folder())
        # Python, too, says -m while it looks for a module.
        sys.argv = ["-m" if self.is_module else self.program, *arguments]
        sys.modules["__main__"] = main = ModuleType("__main__")
        if sys.version_info < (3, 14):
            main.__annotations__ = {}
        program = self.found()
        if self.is_module:
            sys.argv[0] = program.file
        _execute(program, tracer, vars(main))

    def found(self) -> Program:
        """Return the code of the program.

        Raises
        ------
        NoProgramError
            If there is no such program.
        """
        return (module_program if self.is_module else script_program)(self.program)

    def _folder(self) -> str:
        """Where the program finds its modules."""
        if self.is_module:
            return os.getcwd()
        if is_folder(self.program):
            return os.path.join(os.getcwd(), self.program)
        return os.path.dirname(os.path.realpath(self.program))

    def _anywhere(self) -> Run:
        """Return the same for a process in another folder."""
        return self._replace(
            program=self.program if self.is_module else os.path.abspath(self.program),
            definitions=self.definitions and os.path.abspath(self.definitions),
            log=os.path.abspath(self.log),
        )


def run_in_child(namespace: dict[str, Any]) -> None:
    """Do in a process that the program spawned what the program's own code does there.

    Parameters
    ----------
    namespace : dict
        That of the process's ``__mp_main__``. What is to be run stands behind the arguments.
    """
    run = Run(*sys.argv.pop())
    tracer = None
    try:
        tracer = run.prepared()
    except Exception as error:  # noqa: BLE001
        # The definitions were good when the program began; it shall not end for them now.
        getLogger("provlog.capture").warning("provlog: nothing is traced in a worker: %s", error)
    program = run.found()
    if not program.is_package:
        sys.argv[0] = program.file
        namespace.clear()
        _execute(program, tracer, namespace, "__mp_main__")


def _execute(
    program: Program, tracer: Tracer | None, namespace: dict[str, Any], name: str = "__main__"
) -> None:
    code = compiled(program.text, program.file, tracer.own if tracer else None)
    if tracer is not None:
        # Not among the program's own names, which it may go through.
        setattr(builtins, MARK, tracer.mark)
    namespace.update(program.attributes, __name__=name, __doc__=None, __builtins__=builtins)
    exec(code, namespace)  # noqa: S102


def _look_first_in(folder: str) -> None:
    """Let imports look where they do if Python runs the program, and not where provlog was run."""
    if not sys.flags.safe_path:
        sys.path[:1] = [folder]
    # For the processes that the program spawns.
    home = os.path.dirname(os.path.dirname(version.__file__))
    if home not in sys.path:
        sys.path.append(home)


def _let_go(watcher: ImportWatcher) -> None:
    """Let objects of the program end with it: what traces it knows classes and functions."""
    watcher.remove()
    vars(builtins).pop(MARK, None)


def _trace_children(run: Run, spawn: ModuleType) -> None:
    """Let ``multiprocessing`` tell the processes that it spawns to run the program traced.

    They run the program's file again, to have its functions. A fork needs nothing.
    """
    described = spawn.get_preparation_data

    @wraps(described)
    def described_traced(*args: Any, **kwargs: Any) -> dict[str, Any]:
        data: dict[str, Any] = described(*args, **kwargs)
        if data.keys() & _MAINS:
            for key in _MAINS:
                data.pop(key, None)
            data["init_main_from_name"] = _WORKER
            # Not in the environment, which the program may empty. A mere tuple: it is read before
            # provlog can be imported.
            data["sys_argv"] = [*data["sys_argv"], tuple(run)]
        return data

    setattr(spawn, "get_preparation_data", described_traced)  # noqa: B010
