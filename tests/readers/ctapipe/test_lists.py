"""Activities in lists that follow each other."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.readers.ctapipe.lists import activities

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
found = st.builds(lambda name, others: {"activity_name": name, **others}, st.text(max_size=8),
                  st.dictionaries(st.text(max_size=5), values, max_size=4))  # fmt: skip
lists = st.lists(found, max_size=3)


def read(text: str) -> tuple[list[dict[str, Any]], list[int], list[str]]:
    diagnostics: list[Diagnostic] = []
    read = [*activities(text, "x.log", diagnostics.append)]
    for item in read:
        line = text.split("\n")[item.origin.line - 1]
        assert line[item.origin.column - 1 :].startswith("{")
    return (
        [item.fields for item in read],
        [item.list for item in read],
        [item.code for item in diagnostics],
    )


@given(
    st.lists(lists, max_size=4), st.sampled_from([None, 1, 3]), st.sampled_from(["", "\n", " \r\n"]),
    st.booleans(),
)  # fmt: skip
def test_every_activity_of_every_list(
    content: list[list[dict[str, Any]]], indent: int | None, between: str, ascii: bool
) -> None:
    text = between.join(json.dumps(one, indent=indent, ensure_ascii=ascii) for one in content)
    fields, numbers, codes = read(text)
    assert fields == [item for one in content for item in one]
    assert codes == []
    sizes = [len(one) for one in content if one]
    assert [numbers.count(number) for number in dict.fromkeys(numbers)] == sizes


@given(lists.filter(bool), st.integers(min_value=0), st.sampled_from([None, 3]))
def test_a_truncated_list_is_read_up_to_its_end(
    content: list[dict[str, Any]], cut: int, indent: int | None
) -> None:
    text = json.dumps(content, indent=indent)
    text = text[: cut % len(text)]
    fields, _, codes = read(text)
    whole = fields[:-1] if codes else fields
    assert whole == content[: len(whole)]
    assert len(fields) - len(whole) <= 1
    assert set(codes) <= {"PL102"}


@given(st.text(alphabet='{}[]",:\\activity_name 01', max_size=200))
def test_no_text_is_fatal(text: str) -> None:
    read(text)


def test_a_truncated_log_with_another_list() -> None:
    """A full disk cuts a list, and the next tool appends its own."""
    first, second = (
        [{"activity_name": "a", "activity_uuid": "1", "role": "some text"}] for _ in "ab"
    )
    cut = json.dumps(first, indent=3)[:-12]
    fields, numbers, codes = read(cut + json.dumps(second, indent=3))
    assert fields == [{"activity_name": "a", "activity_uuid": "1"}, *second]
    assert numbers == [1, 2]
    assert codes == ["PL102"]


def test_reading_stops_after_many_damaged_activities() -> None:
    fields, _, codes = read('[{"activity_name": "a" "b"},' * 100_000)
    assert fields == []
    assert len(codes) == 102
