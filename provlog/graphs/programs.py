"""Summarise recorded programs: arguments, commit, exit status, packages, parameters of calls."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from typing import Any

from provlog.graphs.descriptive import short_line
from provlog.model.graph import Activity, ProvGraph

__all__ = ["parameters_of_calls", "programs"]

Row = dict[str, Any]

_PROGRAM = "Program"
_PARAMETER = "param:"
_MOST_VALUES = 3


def programs(graph: ProvGraph) -> list[Row]:
    """Return the facts of each recorded run of a program, as plain values for JSON.

    Parameters
    ----------
    graph : ProvGraph
        The graph.

    Returns
    -------
    list of dict
        The ``name`` of each program, and its ``facts``, each with ``name`` and ``value``.
    """
    return [
        {
            "name": one.label,
            "facts": [{"name": name, "value": text} for name, text in _facts(one).items() if text],
        }
        for one in graph.activities.values()
        if _is_program(one)
    ]


def parameters_of_calls(graph: ProvGraph) -> list[Row]:
    """Return the parameters of the activities without a description, if a program was recorded.

    Parameters
    ----------
    graph : ProvGraph
        The graph.

    Returns
    -------
    list of dict
        The ``name`` of each activity, and lines of ``parameters`` with up to three values each.
    """
    # Objects have sessions of their own.
    if not any(map(_is_program, graph.activities.values())):
        return []
    lines = defaultdict[str, defaultdict[str, dict[str, None]]](lambda: defaultdict(dict))
    for one in graph.activities.values():
        if _is_program(one) or graph.descriptions.of_activity(one) is not None:
            continue
        for key in one.attributes:
            if key.startswith(_PARAMETER):
                name = key.removeprefix(_PARAMETER)
                values = lines[one.label][name]
                if len(values) < _MOST_VALUES:
                    values |= {short_line(f"{name} {value}"): None for value in one.values(key)}
    return [
        {"name": name, "parameters": [line for values in found.values() for line in values]}
        for name, found in lines.items()
    ]


def _is_program(activity: Activity) -> bool:
    return _PROGRAM in activity.values("prov:type")


def _facts(program: Activity) -> dict[str, str]:
    arguments = _first(program, f"{_PARAMETER}arguments")
    commit = _first(program, "log:git_commit")
    is_changed = commit and _first(program, "log:git_is_dirty") == "True"
    return {
        "arguments": _joined(arguments),
        "working directory": _first(program, "log:working_directory"),
        "git commit": f"{commit}, with changes" if is_changed else commit,
        "exit status": _first(program, "log:exit_status"),
        "packages": _joined(_first(program, "log:packages"), ", "),
    }


def _first(program: Activity, key: str) -> str:
    return str(next(iter(program.values(key)), ""))


def _joined(text: str, separator: str = " ") -> str:
    """Return the items of a list or a mapping in JSON as a text; any other text as it is."""
    with suppress(ValueError, RecursionError):
        match json.loads(text):
            case list(items):
                return separator.join(map(str, items))
            case dict(items):
                return separator.join(f"{name} {value}" for name, value in items.items())
    return text
