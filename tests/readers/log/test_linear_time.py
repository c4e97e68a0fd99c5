"""Reading takes linear time for any input: four times the length, about four times the time."""

from __future__ import annotations

import pytest

from tests.linear import is_linear
from tests.readers.log.scanning import scan

MARK = "_PROV_2019-10-07T11:20:06.091_PROV_"
FIELD = MARK + "{'entity_id': 1, 'a': "
COLUMN = " " * 29
WRAPPED = f"[11/22/26 17:33:43] INFO     {MARK}{{'entity_id': 1, capture.py:451\n"

SIZES = [5_000, pytest.param(10_000, marks=pytest.mark.slow)]
# The beginning, the repeated part, and the end of each text.
INPUTS: dict[str, tuple[str, str, str]] = {
    "lists within lists": (FIELD, "[", "x}"),
    "mappings within mappings": (MARK, "{'a': ", "1}"),
    "brackets that do not match": (FIELD, "[(]", "}"),
    "closing brackets behind others": (FIELD + "x", "(]", "}"),
    "objects that are not closed": (FIELD + "x", "<a)", "}"),
    "brackets of two kinds crossed": (FIELD + "x", "([)", "}"),
    "sets one behind the other": (FIELD, "{1, {2}, ", "}"),
    "text behind many containers": (FIELD, "[" * 99 + "x y" + "] z" * 99 + ", ", "}"),
    "single quotes": (FIELD, "'", "}"),
    "apostrophes": (FIELD + "'it's ", "'x ", "'}"),
    "quotes of both kinds": (FIELD, "\"'", "}"),
    "double quotes": (FIELD, "'b'c", "}"),
    "strings with text behind them": (FIELD, "['b'c", "}"),
    "keys that are not keys": (FIELD + "x", ", 'b' ", "}"),
    "commas in a text": (FIELD + "x", ", y", "}"),
    "numbers in a text": (FIELD + "x", ", 1", "}"),
    "doubled quotes in a text": (FIELD + "x", ", '''", "}"),
    "backslashes": (FIELD + "'", "\\", "'}"),
    "escaped quotes that are never closed": (FIELD + "'", "\\'", "}"),
    "escaped quotes behind a text": (FIELD + "x(", "\\'", "}"),
    "escaped double quotes behind a text": (FIELD + "x(", '\\"', "}"),
    "escaped quotes as a key": (MARK + "{", "\\'", "x}"),
    "escaped quotes in a column": (WRAPPED + COLUMN + "'", "\\'", "\n"),
    "escaped quotes in many lines of a column": (WRAPPED, COLUMN + "\\'" * 20 + "\n", ""),
    "calls": (FIELD, "f(", "}"),
    "calls with quotes": (FIELD, "f('", "}"),
    "calls behind an escape": (FIELD + "'\\'', 'b': ", "f(", "}"),
    "names behind an escape": (FIELD + "'\\'', 'b': ", "a.", "}"),
    "objects behind an escape": (FIELD + "'\\'', 'b': ", "<a", "}"),
    "digits": (FIELD, "1", "x, 5: 1, 'b': ''}"),
    "digits of a float": (FIELD + "nan, 'b': 0.", "1", "}"),
    "digits of a YAML time": (MARK + "{entity_id: 2001-01-01 01:01:01.", "1", "x}"),
    "digits of a complex number": (FIELD + "(", "1+", "x}"),
    "blanks behind a marker": ("_PROV_", " ", "x"),
    "blanks in a marker": ("_P", " ", "x"),
    "blanks in a time": ("_PROV_2019-10-07", " ", "x"),
    "blanks in a tuple": (FIELD + "(1,", " ", "x}"),
    "blanks behind a number": (FIELD + "1", " ", "x}"),
    "blanks behind a string": (FIELD + "'b'", " ", "x}"),
    "line breaks in a text": (FIELD + "x", "\n", "!}"),
    "line breaks and blanks in a text": (FIELD + "x", "\n ", "!}"),
    "blank lines in a text": (FIELD + "<a\n", " \t\n", "x}"),
    "a long word before a line break": (FIELD + "'", "a", " b\nb'}"),
    "markers": ("", "_PROV_", ""),
    "markers with times": ("", "_PROV_2019-10-07T11:20:06.091", ""),
    "records on a line": ("", MARK + "{'entity_id': 1} ", ""),
    "cut records on a line": ("", MARK + "{'entity_id': '", ""),
    "short records on a line": ("", "_PROV_{'", ""),
    "markers in strings": ("", MARK + "{'entity_id': 'x _PROV_ y', 'b': 1", ""),
    "prose behind markers": ("_PROV_", "a: b, ", ""),
    "half markers": ("", "_PRO\n", ""),
    "underscores": ("", "_\n", ""),
    "cut records on lines": ("", MARK + "{'entity_id': ['x\n", ""),
    "brackets on every line": (FIELD + "\n", "}{\n", ""),
    "a wrapped record that never ends": (WRAPPED, COLUMN + "'a': 'b', 'c': 'ddddd',\n", ""),
    "log lines below a long line": ("1" * 5000 + FIELD + "'\n", "INFO x\n", ""),
    "bare records on a line": ("", "{'entity_id': 1} ", ""),
    "bare records with a muddle": ("", "{'entity_id': 1, 'a': x(, 'b': 2} ", ""),
    "bare records that never end": ("", "{'entity_id': ", ""),
    "bare records that never end, on lines": ("", "{'entity_id': [\n{\n", ""),
    "columns with paths": ("_P", " a.py:1", ""),
    "escape sequences": (MARK, "\x1b]", ""),
    "YAML within YAML": (MARK + "{entity_id: ", "a: [b, ", "}"),
    "YAML aliases": (MARK + "{entity_id: &a {a: b}, ", "<<: *a, ", "}"),
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", INPUTS)
def test_four_times_the_input_takes_about_four_times_as_long(name: str, size: int) -> None:
    before, unit, behind = INPUTS[name]
    small, large = (f"{before}{unit * (n // len(unit))}{behind}\n" for n in (size, 4 * size))
    assert is_linear(lambda: scan(small), lambda: scan(large))


@pytest.mark.parametrize("around", ["[]", "{}", "()"])
@pytest.mark.parametrize("quote", ["", "'"])
def test_balanced_brackets_take_linear_time(around: str, quote: str) -> None:
    small, large = (
        f"{FIELD}{quote}{around[0] * depth}{around[1] * depth}{quote}}}\n"
        for depth in (5_000, 20_000)
    )
    assert is_linear(lambda: scan(small), lambda: scan(large))


def test_sets_within_sets_are_read_once() -> None:
    depth = 150
    records, found = scan(f"{FIELD}{'{' * depth}1{'}' * depth}}}\n")
    value = records[0][1]["a"]
    for _ in range(depth):
        (value,) = value
    assert value == 1
    assert found == []
