"""Removing wrappers takes linear time: four times the length, about four times the time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import provlog
from tests.linear import is_linear
from tests.readers.log.wrappers.comparing import folded

RECORD = "_PROV_2024-03-11T20:04:02_PROV_{'entity_id': 'e', 'entity_name': 'the dl1 table of one night', 'value': 1}"
TIMED = f"2026-11-22T17:17:17.55Z {RECORD}"


def at_80(text: str) -> str:
    return "\n".join(folded([text], 80))


BROKEN = at_80(RECORD * 9)
INPUTS: dict[str, Callable[[int], str]] = {
    "escaped quotes in a document": lambda size: '{"a": "' + '\\"' * (size // 2),
    "a broken document": lambda size: at_80('{"a": "' + RECORD * (size // 100) + '"}'),
    "a document without blanks at breaks": lambda size: (
        '{"a": "' + "\n".join(["x" * 77, "y" * 80] * (size // 157)) + '"}'
    ),
    "a broken record that never ends": lambda size: at_80(
        RECORD * 9 + "_PROV_{'entity_id': '" + "ab c" * (size // 4)
    ),
    "lines that lack a blank": lambda size: "\n".join(
        [BROKEN, f"_PROV_{{'entity_id': '{'x' * 60}", *["x" * 79] * (size // 80)]
    ),
    "beginnings of records": lambda size: "\n".join(
        [BROKEN, *["{'activity_id': 'x".ljust(80, "x")] * (size // 81)]
    ),
    "two widths": lambda size: "\n".join([BROKEN, *folded([RECORD * (size // 100)], 60)]),
    "broken lines behind times": lambda size: "\n".join(folded([TIMED] * (size // 130), 80)),
    "JSON in columns, with lines of another program": lambda size: "\n".join(
        ['INFO     {"log": "' + RECORD[:60], *["         xx xx", "yy"] * (size // 18)]
    ),
    "columns and broken strings": lambda size: "\n".join(
        ["INFO     {'entity_id': 'e', 'x': '", *["         xx\\n  xx"] * (size // 18)]
    ),
    "pairs that do not end": lambda size: "event='a' " * (size // 10) + "x'",
    "CDATA": lambda size: "<html>" + "<![CDATA[ ]]>" * (size // 13),
    "escapes of colours": lambda size: (RECORD + "#012345#012") * (size // 110),
    "lines that lack a time": lambda size: "\n".join(
        [*folded([TIMED] * 20, 80), f"{TIMED[:-2]}, 'a': '", *["xx"] * (size // 3)]
    ),
}


@pytest.mark.parametrize("name", INPUTS)
def test_four_times_the_input_takes_about_four_times_as_long(tmp_path: Path, name: str) -> None:
    small, large = tmp_path / "small.log", tmp_path / "large.log"
    for path, size in ((small, 25_000), (large, 100_000)):
        path.write_text(INPUTS[name](size), encoding="utf-8")
    assert is_linear(lambda: provlog.read(small), lambda: provlog.read(large))
