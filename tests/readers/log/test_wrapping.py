"""Records that a console, a PDF or a terminal broke into lines."""

from __future__ import annotations

import logging
import random
import textwrap
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.logging import RichHandler

from tests.grids import grid
from tests.profiles import examples
from tests.readers.log.scanning import fields, record_lines, scan, timed
from tests.samples import SAMPLES

LINES = record_lines(SAMPLES / "logprov-gammapy-rich80-unwrapped.log", longest=20_000)
MORE_LINES = [
    line
    for name in ("gammapy-2020-04", "logprov-selftest", "gammapy-2019-10-07")
    for line in record_lines(SAMPLES / f"{name}.log")[:40]
]


def through_rich(messages: list[str], width: int, **columns: Any) -> str:
    """Return the output of rich's handler for messages."""
    stream = StringIO()
    console = Console(file=stream, width=width, color_system=None)
    logger = logging.Logger("test")
    logger.addHandler(RichHandler(console=console, **columns))
    for message in messages:
        logger.info("%s", message)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("width", "show_time", "show_level", "show_path"),
    grid([80, 36, 50, 72, 97, 120, 200], *[[True, False]] * 3),
)
def test_rich_at_any_width_with_and_without_its_columns(
    width: int, show_time: bool, show_level: bool, show_path: bool
) -> None:
    column = width - 20 * show_time - 9 * show_level - 17 * show_path
    if column < 5:
        pytest.skip("no room for a message")
    messages = [line[line.index("_PROV_") :] for line in LINES]
    columns = {"show_time": show_time, "show_level": show_level, "show_path": show_path}
    records, found = scan(through_rich(messages, width, **columns))
    # A table in a string may have had several blanks at a break.
    assert {item.code for item in found} <= {"PL109", "PL111"}
    assert timed(records) == timed(scan("\n".join(messages))[0])
    messages = [message for message in messages if "  " not in message]
    assert messages
    assert {item.code for item in scan(through_rich(messages, width, **columns))[1]} <= {"PL111"}


def test_blanks_that_a_wrap_removed_are_noted_once() -> None:
    record = "_PROV_2019-10-07T11:20:06_PROV_{'entity_id': 1, 'built': 'on the day of May  9 2026'}"
    wraps = [through_rich([record] * 3, width) for width in range(60, 140)]
    for wrapped in wraps:
        records, found = scan(wrapped)
        is_lost = any(fields["built"] != "on the day of May  9 2026" for _, fields in records)
        codes = [item.code for item in found]
        assert codes.count("PL111") <= 1
        assert codes or not is_lost
    assert any([item.code for item in scan(wrapped)[1]] == ["PL111"] for wrapped in wraps)


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30)
plain_values = st.recursive(
    st.integers() | st.booleans() | st.none() | words | st.lists(words).map(" ".join),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=examples(100))
@given(st.dictionaries(words, plain_values, max_size=5), st.integers(64, 160), st.booleans())
def test_rich_and_generated_records(payload: dict[str, Any], width: int, columns: bool) -> None:
    message = f"_PROV_2019-10-07T11:20:06.091102_PROV_{ ({'entity_id': 'e1'} | payload)!r}"
    wrapped = through_rich(
        [message] * 2, width, show_time=columns, show_level=columns, show_path=columns
    )
    assert timed(scan(wrapped)[0]) == timed(scan(f"{message}\n" * 2)[0])


@pytest.mark.parametrize("width", [31, 40, 57, 77, 78, 80, 100])
def test_cut_at_a_fixed_width_as_a_terminal_does(width: int) -> None:
    cut = [line[i : i + width] for line in MORE_LINES for i in range(0, len(line), width)]
    records, found = scan("\n".join(cut))
    # The lines of one record do not always show whether a blank was lost.
    assert {item.code for item in found} <= {"PL107", "PL109"}
    assert timed(records) == timed(scan("\n".join(MORE_LINES))[0])


@pytest.mark.parametrize("width", [40, 60, 90])
def test_wrapped_between_words_as_a_mail_program_does(width: int) -> None:
    wrapped = [
        part for line in MORE_LINES for part in textwrap.wrap(line, width, break_on_hyphens=False)
    ]
    assert timed(scan("\n".join(wrapped))[0]) == timed(scan("\n".join(MORE_LINES))[0])


@pytest.mark.parametrize("seed", range(8))
def test_cut_once_anywhere_as_in_a_pdf(seed: int) -> None:
    chance = random.Random(seed)
    cuts = [chance.randrange(1, len(line)) for line in MORE_LINES]
    broken = [f"{line[:cut]}\n{line[cut:]}" for line, cut in zip(MORE_LINES, cuts, strict=True)]
    assert timed(scan("\n".join(broken))[0]) == timed(scan("\n".join(MORE_LINES))[0])


@pytest.mark.parametrize(
    "broken",
    [
        "INFO:x:_PR\nOV_2019-10-07T11:20:06.091_PROV({'activity_id': '9456793112', 'a': 'two words'})",
        "INFO:x:_PROV_2019-10-07T11:2\n0:06.091_PROV({'activity_id': '9456793112', 'a': 'two words'})",
        "INFO:x:_PROV_2019-10-07T11:20:06\n.091_PROV({'activity_id': '9456793112', 'a': 'two words'})",
        "INFO:x:_PROV_2019-10-07T11:20:06.091_\nPROV({'activity_id': '9456793112', 'a': 'two words'})",
        "INFO:x:_PROV_2019-10-07T11:20:06.091_PROV({'activi\nty_id': '9456793112', 'a': 'two words'})",
        "INFO:x:_PROV_2019-10-07T11:20:06.091_PROV({'activity_id': '94567\n93112', 'a': 'two words'})",
        "INFO:x:_PROV_2019-10-07T11:20:06.091_PROV({'activity_id': '9456793112', 'a':\n'two words'})",
    ],
)  # fmt: skip
def test_breaks_inside_marker_time_word_and_string(broken: str) -> None:
    ((origin, payload),), found = scan(f"{broken}\nINFO: on\n")
    assert origin.time == "2019-10-07T11:20:06.091"
    assert payload == {"activity_id": "9456793112", "a": "two words"}
    assert found == []


def test_a_number_broken_over_two_lines_is_joined() -> None:
    line = "_PROV_2019-10-07T11:20:06_PROV_{'entity_id': 53175\n80169, 'a': 'b'}"
    assert fields(line) == [{"entity_id": 5317580169, "a": "b"}]


def test_a_level_in_the_message_column_does_not_start_a_message() -> None:
    message = (
        "_PROV_2019-10-07T11:20:06_PROV_{'entity_id': 1, 'x': 'an WARNING INFO INFO ERROR kind'}"
    )
    for width in range(60, 120):
        wrapped = through_rich([message] * 2, width, show_path=False)
        assert timed(scan(wrapped)[0]) == timed(scan(f"{message}\n" * 2)[0])


@pytest.mark.parametrize("foreign", ["WARNING: from a C library", "libz: not found", "45%|##  |"])
def test_text_of_another_program_within_a_value_is_reported(foreign: str) -> None:
    head = "_PROV_2024-03-11T20:04:02_PROV_{'entity_id': 'e1', 'name': 'Crab neb"
    _, found = scan(f"{head}{foreign}\nula field of view', 'n': [1, 2]}}\n")
    assert [item.code for item in found] == ["PL109"]
