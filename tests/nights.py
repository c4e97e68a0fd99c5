"""Nights of small logs, some of which are damaged in known ways."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

TIME = "2020-01-17T20:00:00"


class Broken(NamedTuple):
    """A kind of damage to a log, with the code and the line of its diagnostic."""

    code: str
    line: int
    write: Callable[[Path, list[str]], None]


def lines_of(number: int) -> list[str]:
    """Return the lines of a small log with one activity, which has an id of its own."""
    activity = f"'activity_id': 'a{number}'"
    payloads = (
        f"{{'session_id': {10**12 + number}, 'name': 'night', 'startTime': '{TIME}'}}",
        f"{{{activity}, 'name': 'calibrate', 'startTime': '{TIME}', 'in_session': {10**12 + number}}}",
        f"{{{activity}, 'parameters': {{'threshold': {number}}}}}",
        f"{{'entity_id': 'raw{number}', 'name': 'Raw', 'type': 'File'}}",
        f"{{{activity}, 'used_id': 'raw{number}', 'used_role': 'input'}}",
        f"{{'entity_id': 'dl1{number}', 'name': 'DL1', 'type': 'File'}}",
        f"{{{activity}, 'generated_id': 'dl1{number}', 'generated_role': 'output'}}",
        f"{{{activity}, 'endTime': '{TIME}'}}",
    )
    return [
        "INFO begin",
        *(f"INFO _PROV_{TIME}_PROV_{payload}" for payload in payloads),
        "INFO end",
    ]


def write(path: Path, lines: list[str]) -> None:
    """Write an undamaged log."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _with_line(number: int, line: str) -> Callable[[Path, list[str]], None]:
    return lambda path, lines: write(path, [*lines[: number - 1], line, *lines[number:]])


def _damaged(path: Path, lines: list[str]) -> None:
    # Large enough that the reader gets data before the damage.
    noise = [f"INFO {hash_like * 2654435761 % 2**32:x}" for hash_like in range(40_000)]
    packed = gzip.compress("\n".join([*lines, *noise]).encode())
    path.write_bytes(packed[: len(packed) // 2])


def _link(path: Path, lines: list[str]) -> None:
    path.symlink_to(path.with_name("gone"))


BROKEN = (
    Broken("PL101", 4, _with_line(4, f"INFO _PROV_{TIME}_PROV_{{'activity_id': 'x', 'name': 'y'")),
    Broken(
        "PL102", 10, _with_line(10, f"INFO _PROV_{TIME}_PROV_{{'activity_id': 'x', 'name': 'unfin")
    ),
    Broken("PL103", 5, _with_line(5, f"INFO _PROV_{TIME}_PROV_")),
    Broken("PL104", 6, _with_line(6, f"INFO _PROV_{TIME}_PROV_{{[1], [2]}}")),
    Broken(
        "PL106",
        7,
        _with_line(7, f"INFO _PROV_{TIME}_PROV_{{'activity_id': {'[' * 500}{']' * 500}}}"),
    ),
    Broken("PL201", 8, _with_line(8, f"INFO _PROV_{TIME}_PROV_{{'name': 'nobody'}}")),
    Broken("PL002", 0, lambda path, lines: write(path, ["INFO nothing here"])),
    Broken("PL003", 0, _link),
    Broken("PL001", 0, _damaged),
)
"""All kinds of damage. A line of 0 stands for the place at which reading stopped."""


def night(folder: Path, logs: int, every: int = 0) -> dict[str, Broken]:
    """Write logs in folders of 100; return the damaged ones by their path below the folder.

    One of every ``every`` logs is damaged; 0 stands for none.
    """
    broken = {}
    for number in range(logs):
        place = f"{number // 100:03}/run{number:05}.log"
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if every and number % every == every - 1:
            way = BROKEN[number // every % len(BROKEN)]
            way.write(path, lines_of(number))
            broken[place] = way
        else:
            write(path, lines_of(number))
    return broken


def outputs(folder: Path) -> dict[str, bytes]:
    """Return the contents of an output folder, without the manifest."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".provlog-batch.db")
    }
