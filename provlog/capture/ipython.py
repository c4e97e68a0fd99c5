"""The extension for IPython and Jupyter: ``%load_ext provlog``, and a cell as an activity.

A cell uses the data in the variables that it reads, and generates the data in those that it
assigns or changes.
"""

from __future__ import annotations

import ast
import io
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any, NamedTuple

from provlog.capture.blocks import ActivityBlock
from provlog.capture.capture import Capture
from provlog.capture.code import masked_code
from provlog.capture.log.warnings import warn
from provlog.capture.records.activity import Activity, current
from provlog.errors import ProvlogError, UsageError
from provlog.objects.data import CONTAINERS, is_data

__all__ = ["OWN_CODE", "Cells", "load", "names_in_cell", "without_magic"]

_MAGIC = "provlog"
_LOG = "prov.log"
_MAGIC_LINE = re.compile(r"%%provlog(?:\s|$)")
OWN_CODE = "from provlog.run.kernel import"
"""How the code begins that provlog itself executes in the kernel of a notebook."""
# How many items of a container are looked at.
_MAX_ITEMS = 100

_STREAMS = frozenset({
    io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO,
})  # fmt: skip

_captures: dict[str, Capture] = {}
_shells: list[Any] = []


class _Open(NamedTuple):
    """A cell in progress."""

    capture: Capture
    manager: AbstractContextManager[ActivityBlock]
    block: ActivityBlock
    read: list[str]
    assigned: list[str]
    # The ids of the data that it reads, at its start.
    ids: dict[str, str]


def names_in_cell(source: str) -> tuple[list[str], list[str]]:
    """Return the names of the variables that a cell reads, and of those that it assigns.

    Examples
    --------
    >>> names_in_cell("table = clean(raw)\\nmodel.fit(table)")
    (['clean', 'raw', 'model', 'table'], ['table'])
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return [], []
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    read = [node.id for node in names if isinstance(node.ctx, ast.Load)]
    assigned = [node.id for node in names if isinstance(node.ctx, ast.Store)]
    return list(dict.fromkeys(read)), list(dict.fromkeys(assigned))


class Cells:
    """Record the cells of a notebook as activities.

    Parameters
    ----------
    shell : InteractiveShell
        The shell that runs the cells.
    program : Activity, optional
        The activity that encloses those of the cells. With it, every cell is recorded;
        without it, those that begin with ``%%provlog``.
    """

    def __init__(
        self, shell: Any, capture: Capture | None = None, program: Activity | None = None
    ) -> None:
        self._shell = shell
        self._capture = capture
        self._program = program
        self._open: _Open | None = None
        shell.input_transformers_cleanup.append(without_magic)
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    def _before(self, info: Any) -> None:
        source = str(info.raw_cell)
        if source.startswith(OWN_CODE):
            return
        try:
            options = _options(source)
            capture = self._capture
            if options is not None:
                capture = _capture_of(options.log)
            if capture is not None:
                name = options.name if options else ""
                # The shell has counted on already, if it keeps a history.
                count = self._shell.execution_count - bool(info.store_history)
                self._begin(capture, name or f"cell {count}", self._shell.transform_cell(source))
        except ProvlogError as error:
            warn("a cell is not recorded: %s", error)

    def _after(self, result: Any) -> None:
        if self._open is not None:
            self._end(result.error_before_exec or result.error_in_exec)

    def _begin(self, capture: Capture, name: str, source: str) -> None:
        if self._program is not None:
            current.set(self._program)
        manager = capture.activity(name)
        read, assigned = names_in_cell(source)
        block = manager.__enter__()
        self._open = opened = _Open(capture, manager, block, read, assigned, {})
        block.describe({"type": "Cell", "code": masked_code(source)})
        capture.recorder.guard.run(name, self._note_ids, opened, opened.ids)
        for variable, value in self._data(read):
            block.used(value, role=variable)

    def _end(self, error: BaseException | None) -> None:
        opened, self._open = self._open, None
        assert opened is not None
        if error is None:
            ids: dict[str, str] = {}
            opened.capture.recorder.guard.run(_MAGIC, self._note_ids, opened, ids)
            for variable, value in self._data([*opened.assigned, *opened.read]):
                is_changed = ids.get(variable) != opened.ids.get(variable)
                if variable in opened.assigned or is_changed:
                    opened.block.generated(value, role=variable)
        # It raises the exception again, which IPython has shown already.
        with suppress(BaseException):
            opened.manager.__exit__(None if error is None else type(error), error, None)

    def _note_ids(self, opened: _Open, ids: dict[str, str]) -> None:
        identify = opened.capture.recorder.entities.identify
        ids |= {name: identify(value).id for name, value in self._data(opened.read)}

    def _data(self, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        for name in dict.fromkeys(names):
            value = self._shell.user_ns.get(name)
            if _is_entity(value):
                yield name, value


def _is_entity(value: Any) -> bool:
    kind = type(value)
    if kind in CONTAINERS:
        items = list(value.values() if kind is dict else value)[:_MAX_ITEMS]
        return any(map(is_data, items))
    # The variable of a `with open(...)` that has ended holds nothing.
    is_closed = kind in _STREAMS and value.closed
    return is_data(value) and not is_closed


class _Options(NamedTuple):
    """The options of ``%%provlog``."""

    log: str
    name: str


def _options(source: str) -> _Options | None:
    first = source.lstrip().partition("\n")[0]
    if not _MAGIC_LINE.match(first):
        return None
    words = first.split()[1:]
    if words[:1] == ["--log"] and len(words) > 1:
        return _Options(words[1], " ".join(words[2:]))
    if words and words[0].startswith("--"):
        raise UsageError("write %%provlog [--log FILE] [NAME]")
    return _Options(_LOG, " ".join(words))


def without_magic(lines: list[str]) -> list[str]:
    """Return the lines of a cell without ``%%provlog``; the others keep their numbers.

    Examples
    --------
    >>> without_magic(["%%provlog load\\n", "x = 1\\n"])
    ['\\n', 'x = 1\\n']
    """
    if lines and _MAGIC_LINE.match(lines[0]):
        return ["\n", *lines[1:]]
    return lines


def load(shell: Any) -> None:
    """Add ``%%provlog`` to a shell of IPython."""
    if not any(one is shell for one in _shells):
        _shells.append(shell)
        Cells(shell)


def _capture_of(log: str) -> Capture:
    path = os.path.abspath(log)
    if path not in _captures:
        _captures[path] = Capture(log=path)
    return _captures[path]
