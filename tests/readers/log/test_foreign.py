"""Text that another program wrote into the records of a log."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.readers.log.wrapping import STRING
from tests.profiles import examples
from tests.readers.log.scanning import record_lines, scan
from tests.samples import SAMPLES

HEAD = "_PROV_2024-03-11T20:04:02_PROV_"
WHOLE = f"{HEAD}{{'entity_id': 'e0', 'name': 'Event list of the run', 'location': '/data/observations/e0.fits', 'contentType': 'application/fits'}}\n"
FOREIGN = [
    "WARNING: from a C library",
    "libpng warning: iCCP: known profile",
    "45%|####    | 3/7",
    "x",
]


@pytest.mark.parametrize("foreign", FOREIGN)
def test_the_value_around_the_text_is_left_out_and_the_others_stay(foreign: str) -> None:
    record = f"{HEAD}{{'activity_id': 'a1', 'parameters': {{'lo': 0.5, 'n': 'Crab "
    (_, (_, payload)), found = scan(f"{WHOLE}{record}{foreign}\nNebula', 'hi': [1, 2]}}}}\n")
    assert payload == {"activity_id": "a1", "parameters": {"lo": 0.5, "hi": [1, 2]}}
    assert [(item.code, item.origin.line) for item in found] == [("PL110", 3)]


@pytest.mark.parametrize(
    ("foreign", "name"),
    [(FOREIGN[1], {"name": "Crab Nebula"}), (FOREIGN[2], {"name": "Crab Nebula"}), ("x", {})],
)
def test_a_whole_line_within_a_value_is_left_out_with_it_or_alone_if_it_is_recognised(
    foreign: str, name: dict[str, str]
) -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'type': 'File', 'name': 'Crab \n{foreign}\nNebula'}}\n"
    (_, (_, payload)), found = scan(f"{WHOLE}{record}")
    assert payload == {"entity_id": "e1", "type": "File"} | name
    assert [item.code for item in found] == ["PL110"]


def test_an_item_of_a_list_is_left_out() -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'files': ['a', 'b45%|#  |\nc', 'd']}}\n"
    (_, (_, payload)), _ = scan(f"{WHOLE}{record}")
    assert payload == {"entity_id": "e1", "files": ["a", "d"]}


def test_a_record_with_an_unknown_id_is_left_out() -> None:
    record = f"{HEAD}{{'activity_id': 'a1', 'used_id': 'e45%|#  |\n1', 'used_role': 'events'}}\n"
    ((_, payload),), found = scan(f"{WHOLE}{record}")
    assert payload["entity_id"] == "e0"
    assert [(item.code, item.message.rpartition(": ")[2]) for item in found] == [
        ("PL110", "record left out")
    ]


def test_where_most_records_are_broken_the_line_break_may_have_replaced_a_blank() -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'name': 'dl1 tab\nle'}}\n"
    records, found = scan(record * 3)
    assert len(records) == 3
    assert {item.code for item in found} == {"PL109"}


MARKED = ["gammapy-2019-10-30.log", "logprov-selftest.log"]


@pytest.mark.parametrize("name", MARKED)
@settings(max_examples=examples(60))
@given(seed=st.integers(0, 10_000), foreign=st.sampled_from(FOREIGN), whole=st.booleans())
def test_text_anywhere_in_a_sample_changes_nothing_silently(
    name: str, seed: int, foreign: str, whole: bool
) -> None:
    lines = [f"{line}\n" for line in record_lines(SAMPLES / name)]
    # The text is only known to be foreign if the line is shorter than others.
    longest = max(map(len, lines)) - len(foreign)
    chance = random.Random(seed)
    number = chance.choice([n for n, line in enumerate(lines) if len(line) < longest])
    at = chance.randrange(lines[number].rindex("_PROV_") + 7, len(lines[number]) - 1)
    start, end = lines[number][:at], lines[number][at:]
    broken = [f"{start}\n{foreign}\n{end}" if whole else f"{start}{foreign}\n{end}"]
    bare = [fields for _, fields in scan("".join(lines))[0]]
    records, found = scan("".join(lines[:number] + broken + lines[number + 1 :]))
    assert [fields for _, fields in records] == bare or found


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), foreign=st.sampled_from(FOREIGN), whole=st.booleans())
def test_text_anywhere_in_a_record_without_marker_changes_nothing_silently(
    seed: int, foreign: str, whole: bool
) -> None:
    text = (SAMPLES / "lstosa-runwise.log").read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if line]
    longest = max(map(len, lines)) - len(foreign)
    chance = random.Random(seed)
    number = chance.choice([n for n, line in enumerate(lines) if len(line) < longest])
    within_key = chance.randrange(1, lines[number].index(":") + 1)
    at = chance.choice([within_key, chance.randrange(1, len(lines[number]) - 1)])
    start, end = lines[number][:at], lines[number][at:]
    broken = [start, foreign, end] if whole else [f"{start}{foreign}", end]
    bare = [fields for _, fields in scan(text)[0]]
    records, found = scan("\n".join(lines[:number] + broken + lines[number + 1 :]))
    assert [fields for _, fields in records] == bare or found


RECORD = "{'activity_id': 'a1', 'name': 'fit', 'startTime': '2019-10-07T11:20:06.091031'}"


@pytest.mark.parametrize("foreign", ["45%|#  |", "45%|#  |\n", "\n45%|#  |\n", "\nx\n"])
@pytest.mark.parametrize("at", range(1, RECORD.index(":") + 1))
@pytest.mark.parametrize("is_first", [False, True])
def test_text_within_the_first_key_of_a_record_without_marker_is_reported(
    foreign: str, at: int, is_first: bool
) -> None:
    whole, torn = f"{RECORD.replace('a1', 'a0')}\n", f"{RECORD[:at]}{foreign}{RECORD[at:]}\n"
    blocks = [torn, whole] if is_first else [whole, torn]

    records, found = scan(*blocks)

    is_known = "PL110" in {item.code for item in found if item.origin.line == 1 + (not is_first)}
    assert is_known or [fields["name"] for _, fields in records] == ["fit", "fit"]


def test_other_text_in_braces_is_not_reported() -> None:
    _, found = scan(f"{RECORD}\n{{\n  'level': 'info',\n  'name': 'fit'}}\n{{'a': 1}}\n{{fit}}\n")
    assert found == []


def test_text_like_a_record_in_a_log_with_markers_is_not_reported() -> None:
    _, found = scan(f"{WHOLE}{{'activi45%|#  |\nty_id': 'a1'}}\n")
    assert found == []


PROGRESS = " 45%|####    | 3/7 [00:01<00:02,  2.5it/s]"
ON_THE_LINE = [PROGRESS, "WARNING: from a C library", "libpng warning: no profile "]


@pytest.mark.parametrize("foreign", ON_THE_LINE)
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{'activity_id': 'a1', ", "'name': 'fit', 'n': 1}", {"name": "fit", "n": 1}),
        ("{", "'activity_id': 'a1', 'n': 1}", {"n": 1}),
        ("{'activity_id': 'a1', 'name': ", "'fit', 'n': 1}", {"n": 1}),
        ("{'activity_id': 'a1', 'name': 'fit'", ", 'n': 1}", {"n": 1}),
        ("{'activity_id': 'a1', 'm': 1", "7, 'n': 1}", {"n": 1}),
        ("{'activity_id': 'a1', 'm': {'k': 1}", ", 'n': 1}", {"n": 1}),
    ],
)
def test_text_on_the_line_of_a_record_is_left_out_with_its_value(
    foreign: str, before: str, after: str, expected: dict[str, object]
) -> None:
    ((_, payload),), found = scan(f"{HEAD}{before}{foreign}{after}\n")
    assert payload == {"activity_id": "a1"} | expected
    assert [item.code for item in found] == ["PL110"]


@pytest.mark.parametrize("foreign", ON_THE_LINE)
def test_a_record_with_text_in_an_id_is_left_out(foreign: str) -> None:
    records, found = scan(f"{HEAD}{{'activity_id': 91680{foreign}1615, 'name': 'fit'}}\n")
    assert records == []
    assert [item.code for item in found] == ["PL110"]
    assert "record left out" in found[0].message


@pytest.mark.parametrize("head", ["", HEAD])
def test_a_progress_bar_within_a_string_stays_and_is_reported(head: str) -> None:
    ((_, payload),), found = scan(f"{head}{{'activity_id': 'a1', 'name': 'Crab{PROGRESS}'}}\n")
    assert payload["name"] == f"Crab{PROGRESS}"
    assert [(item.code, item.message) for item in found] == [
        ("PL110", "text like a progress bar within a value: kept")
    ]


def test_a_progress_bar_behind_a_record_is_not_reported() -> None:
    assert scan(f"{HEAD}{{'activity_id': 'a1', 'mode': 'a|b'}}{PROGRESS}\n")[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "<Table 'a: b' length=2>",
        "UserWarning('Warning: bad')",
        "b'abc'",
        "PosixPath('/data')",
        "[1, 2] m",
        "dtype('<f8')",
        "Region: CircleSkyRegion",
    ],
)
def test_the_text_of_an_object_is_not_foreign(text: str) -> None:
    ((_, payload),), found = scan(f"{HEAD}{{'entity_id': 'e1', 'value': {text}, 'n': 1}}\n")
    assert (payload["value"], payload["n"], found) == (text, 1, [])


@settings(max_examples=examples(300))
@given(seed=st.integers(0, 100_000), name=st.sampled_from(["lstosa-runwise.log", *MARKED]))
def test_text_on_the_line_of_a_sample_outside_strings_changes_nothing_silently(
    seed: int, name: str
) -> None:
    path = SAMPLES / name
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
    if name in MARKED:
        lines = record_lines(path)
    chance = random.Random(seed)
    line = chance.choice(lines)
    spots = set(range(line.index("{") + 1, len(line)))
    spots -= {at for one in STRING.finditer(line) for at in range(one.start() + 1, one.end())}
    at, foreign = chance.choice(sorted(spots)), chance.choice(ON_THE_LINE)

    records, found = scan(f"{lines[0]}\n{line[:at]}{foreign}{line[at:]}\n")

    bare, _ = scan(f"{lines[0]}\n{line}\n")
    assert found or [fields for _, fields in records] == [fields for _, fields in bare]


@pytest.mark.parametrize("foreign", FOREIGN[1:3])
def test_a_line_of_another_program_in_the_text_of_an_object_is_reported(foreign: str) -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'mask': array([1,\n{foreign}\n       2])}}"
    (_, found) = scan(f"{WHOLE}{record}\n")
    assert [(item.code, item.origin.line) for item in found] == [("PL109", 3)]


LINES = (
    "libpng warning: iCCP: known profile",
    "45%|####    | 3/7",
    "site.py:12: UserWarning: bad",
    "Traceback (most recent call last):",
    "[1710187441.123] kernel: out of memory",
)


@pytest.mark.parametrize("foreign", [*LINES, "done"])
def test_a_line_without_the_indent_of_a_wrapped_record_is_left_out(foreign: str) -> None:
    lines = [
        f"[11/22/26 17:33:42] INFO     {HEAD}{{'entity_id': 'e1',",
        *(f"{' ' * 29}'key{number}': 'a text of words'," for number in range(5)),
        f"{' ' * 29}'last': 2}}",
    ]
    (bare,), _ = scan("\n".join(lines))
    for at in range(1, len(lines)):
        (record,), found = scan("\n".join([*lines[:at], foreign, *lines[at:]]))
        assert record[1] == bare[1]
        assert [(item.code, item.origin.line) for item in found] == [("PL110", at + 1)]


@pytest.mark.parametrize("foreign", LINES)
def test_a_line_between_values_is_left_out(foreign: str) -> None:
    start = f"{HEAD}{{'entity_id': 'e1', 'mask': array([1,\n       2]),"
    (record,), found = scan(f"{start}\n{foreign}\n 'name': 'Crab'}}\n")
    assert record[1] == {"entity_id": "e1", "mask": "array([1,\n       2])", "name": "Crab"}
    assert [(item.code, item.origin.line) for item in found] == [("PL110", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "   a   b c\n0  1     x\n1  2    it",
        "0    a\n1    b\nName: x, dtype: object",
        "   a\n0  1\n\n[100 rows x 1 columns]",
        "WCS Keywords\n\nNumber of WCS axes: 2\nNAXIS : 0  0",
        "RegionGeom\n\n\tframe : icrs",
        "array([[1, 2],\n       [3, 4]])",
    ],
)
def test_a_table_and_the_text_of_an_object_that_spans_lines_stay(text: str) -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'value': {text}, 'n': 1}}\n"
    (_, (_, payload)), found = scan(f"{WHOLE}{record}")
    assert (payload["value"], payload["n"], found) == (text.strip(), 1, [])


@pytest.mark.parametrize("foreign", ["[  12.345678] killer", "free(): invalid pointer"])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("'name': ", "'fit', 'n': 1", {"n": 1}),
        ("'lo': ", "0.5, 'n': 1", {"n": 1}),
        ("", "'name': 'fit', 'n': 1", {"n": 1}),
    ],
)
def test_a_line_that_begins_like_a_list_or_a_call_is_foreign(
    foreign: str, before: str, after: str, expected: dict[str, object]
) -> None:
    record = f"{HEAD}{{'entity_id': 'e1', {before}{foreign}\n{after}}}\n"
    (_, (_, payload)), found = scan(f"{WHOLE}{record}")
    assert payload == {"entity_id": "e1"} | expected
    assert [item.code for item in found] == ["PL110"]


def test_a_line_behind_a_list_is_foreign() -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'bins': [1, 2]\nhello world\n, 'n': 1}}\n"
    (_, (_, payload)), found = scan(f"{WHOLE}{record}")
    assert payload == {"entity_id": "e1", "n": 1}
    assert [item.code for item in found] == ["PL110"]


@pytest.mark.parametrize("foreign", ["WARNING: bad card [fits] ", "a.py:3: UserWarning: bad "])
def test_a_warning_behind_a_list_is_foreign(foreign: str) -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'bins': [1, 2]{foreign}, 'n': 1}}\n"
    ((_, payload),), found = scan(record)
    assert payload == {"entity_id": "e1", "n": 1}
    assert [item.code for item in found] == ["PL110"]


@pytest.mark.parametrize("name", ["'n", "'bins"])
def test_a_torn_line_in_a_short_log_with_longer_lines_is_not_a_fixed_width(
    name: str, tmp_path: Path
) -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'n': 1, 'bins': [1]}}\n"
    at = record.index(name) + len(name)
    torn = f"{record[:at]}libpng warning: bad\n{record[at:]}"
    path = tmp_path / "run.log"
    path.write_text(f"{torn}{WHOLE}", encoding="utf-8")
    graph = provlog.read(path)
    assert [item.code for item in graph.diagnostics if item.code < "PL5"] == ["PL110"]


def test_a_string_with_an_escaped_line_break_stays_in_a_torn_record() -> None:
    record = f"{HEAD}{{'entity_id': 'e1', 'doc': 'a\\nb', 'name': 'Crab x\nNebula'}}\n"
    (_, (_, payload)), _ = scan(f"{WHOLE}{record}")
    assert payload == {"entity_id": "e1", "doc": "a\nb"}


@pytest.mark.parametrize("text", ["{:5.1f}%|{:s}", "%|", "a%|b", "%d%|"])
def test_a_percent_sign_without_number_is_not_a_progress_bar(text: str) -> None:
    ((_, payload),), found = scan(f"{HEAD}{{'entity_id': 'e1', 'format': '{text}'}}\n")
    assert (payload["format"], found) == (text, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [("'name': 'fit', ", "'n': 1"), ("'n': ", "12"), ("'n': 1", "2"), ("'bins': [", "1, 2]")],
)
def test_a_line_outside_of_strings_is_reported_if_no_other_line_is_longer(
    before: str, after: str
) -> None:
    record = f"{HEAD}{{'entity_id': 'e1', {before}hello world\n{after}}}\n"
    _, found = scan(record)
    assert [item.code for item in found] == ["PL109"]
