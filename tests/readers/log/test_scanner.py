"""Records found in lines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.readers.log.lines import MAX_LINE
from tests.readers.log.scanning import codes, fields, scan
from tests.samples import LOGS, SAMPLES
from tests.strategies import logs

TIME = "2019-10-07T11:20:06.091102"
PAYLOAD = "{'activity_id': '9456793112'}"
FIELDS = {"activity_id": "9456793112"}


@pytest.mark.parametrize(
    ("line", "time"),
    [
        (f"INFO:gammapy.utils.provenance.provenance:_PROV_{TIME}_PROV({PAYLOAD})", TIME),
        (f"INFO:gammapy.utils.provenance.provenance:_PROV_{TIME}_PROV_{PAYLOAD}", TIME),
        (f"_PROV_{PAYLOAD}", None),
        (f"{TIME}_PROV_{PAYLOAD}", TIME),
        (f"2020-04-01 17:17:19,430 INFO [provLogger] __PROV__{TIME}__PROV__{PAYLOAD}", TIME),
        (f"_PROV_{TIME}_PROV_{PAYLOAD.replace(chr(39), chr(34))}", TIME),
        (f"any [prefix] at {{all}} _PROV_{TIME}_PROV_{PAYLOAD}  trailing words", TIME),
        (f"_PROV_{TIME}_PROV ( {PAYLOAD} )", TIME),
        (f"_PROV_{TIME}+02:00_PROV_{PAYLOAD}", f"{TIME}+02:00"),
        (f"\x1b[32mINFO\x1b[0m _PROV_{TIME}_PROV_{PAYLOAD}", TIME),
        (PAYLOAD, None),
    ],
)
def test_dialects(line: str, time: str | None) -> None:
    (record,), found = scan(line)
    assert (record[0].time, record[1], found) == (time, FIELDS, [])


def test_origin_counts_lines_and_columns_from_one() -> None:
    (record,), _ = scan(f"INFO: first\nINFO: second\nINFO:_PROV_{TIME}_PROV_{PAYLOAD}\n")
    assert (record[0].file, record[0].line, record[0].column) == ("run.log", 3, 6)


def test_windows_line_ends() -> None:
    assert fields(f"INFO: x\r\n_PROV_{TIME}_PROV_{PAYLOAD}\r\n" * 2) == [FIELDS] * 2


def test_several_records_on_a_line() -> None:
    line = f"_PROV_{TIME}_PROV_{{'activity_id': 1}}INFO:_PROV_{TIME}_PROV_{{'activity_id': 2}}"
    assert fields(f"{line}\n{PAYLOAD}\n") == [{"activity_id": 1}, {"activity_id": 2}, FIELDS]


def test_a_record_on_several_lines() -> None:
    log = (
        f"_PROV_{TIME}_PROV_{{'activity_id': 1, 'parameters': {{'e': <Quantity [1.,\n\n\t2.] TeV>,"
        f" 'n': 2}}}}\nINFO: on\n_PROV_{TIME}_PROV_{PAYLOAD}\n"
    )
    assert fields(log) == [
        {"activity_id": 1, "parameters": {"e": "<Quantity [1.,\n\n\t2.] TeV>", "n": 2}},
        FIELDS,
    ]


def test_a_repr_with_unbalanced_brackets() -> None:
    log = f"_PROV_{TIME}_PROV_{{'activity_id': 1, 'parameters': {{'f': Fit(a=[1, 'n': 2}}}}\n"
    assert fields(log) == [{"activity_id": 1, "parameters": {"f": "Fit(a=[1", "n": 2}}]


@pytest.mark.parametrize(
    ("rest", "code", "recovered"),
    [
        ("{'activity_id': 1, 'parameters': {'a': [{'b': 2}]", "PL101",
         {"activity_id": 1, "parameters": {"a": [{"b": 2}]}}),
        ("{'activity_id': 1, 'used_id': 2, 'used_ro", "PL102", {"activity_id": 1, "used_id": 2}),
        ("{'activity_id': 1, 'name': 'unfini", "PL102", {"activity_id": 1}),
        ("", "PL103", None),
        ("{[1], [2]}", "PL104", None),
        ("{'activity_id': " + "[" * 500 + "]" * 500 + "}", "PL106", None),
        ("{'activity_id': " + "[" * 50_000, "PL106", None),
        ("{" * 100_000, "PL106", None),
        ("The entity is a file that was not found", "PL107", None),
        ("{'activity_id': 1, 'name': 'it's', 'x': 1}", "PL108",
         {"activity_id": 1, "name": "it's", "x": 1}),
    ],
)  # fmt: skip
def test_damaged_records_are_reported_and_the_next_one_is_read(
    rest: str, code: str, recovered: dict[str, object] | None
) -> None:
    log = f"INFO: x\n_PROV_{TIME}_PROV_{rest}\nINFO:_PROV_{TIME}_PROV_{PAYLOAD}\n"
    records, found = scan(log)
    assert [(item.code, item.origin.line) for item in found] == [(code, 2)]
    assert [payload for _, payload in records] == [
        payload for payload in (recovered, FIELDS) if payload is not None
    ]


def test_a_truncated_record_with_the_next_one_on_its_line() -> None:
    line = f"_PROV_{TIME}_PROV_{{'activity_id': 1, 'a': [_PROV_{TIME}_PROV_{PAYLOAD}\n"
    records, found = scan(line)
    assert [payload for _, payload in records][-1] == FIELDS
    assert {item.code for item in found} <= {"PL101", "PL102"}
    assert found


def test_a_line_longer_than_the_limit_is_reported_and_skipped() -> None:
    log = f"_PROV_{TIME}_PROV_{{'a': '{'x' * MAX_LINE}'}}\n_PROV_{TIME}_PROV_{PAYLOAD}\n"
    records, found = scan(log)
    assert [item.code for item in found] == ["PL105"]
    assert [payload for _, payload in records] == [FIELDS]


@pytest.mark.parametrize(
    "line",
    ["", "_", "__", "_P", "_PRO", "x_PROVENANCE_x", "MY_PROV_DIR=/tmp", "{}", "{'a': 1}", "}" * 99,
     "_PROV", "os.environ['MY_PROV_']", "{'name': 'x'}"],
)  # fmt: skip
def test_lines_that_are_not_records_are_ignored(line: str) -> None:
    records, found = scan(f"{line}\nINFO: on\n{line}")
    assert records == []
    assert {item.severity for item in found} <= {"note"}


@pytest.mark.parametrize("path", [path for path in LOGS if path.suffix == ".log"], ids=str)
def test_a_log_read_line_by_line_has_the_same_records(path: object) -> None:
    text = (SAMPLES / str(path)).read_text(encoding="utf-8")
    assert scan(*text.splitlines(keepends=True)) == scan(text)


@given(logs(), st.data())
def test_results_do_not_depend_on_blocks(lines: list[str], data: st.DataObject) -> None:
    text = [f"{line}\n" for line in lines]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=3)))
    edges = [0, *cuts, len(text)]
    blocks = ["".join(text[a:b]) for a, b in pairwise(edges)]
    assert scan(*blocks) == scan("".join(text))


# Texts composed of markers, brackets and quotes.
fragments = st.lists(
    st.sampled_from(
        ["_PROV_", "__PROV__", "_PROV", "_", "P", TIME, "2019-10-07", "T11:20", "(", ")", "{", "}",
         "[", "]", "'", '"', ",", ":", " ", "\n", "\t", "\\", "\x00", "\x1b[0m", "1", "1.5e3", "nan",
         "None", "<A ", ">", "a", "'activity_id': 1", "'session_id'", "PosixPath('/x')", "array([1",
         "INFO:", "é", "😀"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(fragments)
def test_any_text_is_read_without_losing_the_next_record(text: str) -> None:
    records, _ = scan(f"{text}\nINFO:x:_PROV_{TIME}_PROV_{{'activity_id': 'last'}}\n")
    assert records[-1][1].get("activity_id") == "last" or "{" in text or "_" in text


@given(st.text(max_size=60))
def test_any_payload_is_read_without_an_error(text: str) -> None:
    records, _ = scan(f"_PROV_{TIME}_PROV_{{{text}\nINFO:x:_PROV_{TIME}_PROV_{PAYLOAD}\n")
    assert any(payload == FIELDS for _, payload in records) or codes(f"{{{text}")


@pytest.mark.parametrize(
    "cut",
    [f"_PROV_{TIME}", "_PROV_2019-10-0", "_PROV_2019-10-07T11:4", "_PROV_20", "_PROV_2",
     f"[INFO] _PROV_{TIME}", "__PROV__201", f"_PROV_{TIME}_PROV_"],
)  # fmt: skip
@pytest.mark.parametrize("between", ["", "\n", "\n  "])
@pytest.mark.parametrize(
    "following", [f"_PROV_{TIME}_PROV({PAYLOAD})", f"__PROV__{TIME}__PROV__{PAYLOAD}"]
)
def test_a_record_truncated_in_its_time_does_not_affect_the_next_one(
    cut: str, between: str, following: str
) -> None:
    records, found = scan(f"{cut}\n{between}{following}\n")
    assert [payload for _, payload in records] == [FIELDS]
    assert [item.code for item in found] == ["PL103"]


def test_several_bare_records_on_a_line() -> None:
    assert fields("{'activity_id': 'a'}{'activity_id': 'b'} {'entity_id': 1}\n") == [
        {"activity_id": "a"}, {"activity_id": "b"}, {"entity_id": 1},
    ]  # fmt: skip


def test_a_marker_within_a_string_is_part_of_it() -> None:
    payload = {"activity_id": 1, "message": f"a _PROV_{TIME}_PROV_ line", "x": "it's"}
    assert fields(f"_PROV_{TIME}_PROV_{payload}\n") == [payload]


# Each of these once took minutes, because every part was read many times.
@pytest.mark.parametrize("size", [1, pytest.param(5, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("before", "unit", "count", "behind"),
    [
        ("", f"_PROV_{TIME}_PROV_{{'activity_id': 'a', 'x': ", 400, ""),
        ("", f"_PROV_{TIME}_PROV_{{'activity_id': 'a', 'x': 'y\r", 400, ""),
        ("", f"_PROV_{TIME}_PROV_{{'activity_id': 'a', 'x': f(x,\r", 400, ""),
        ("", "_PROV_{'a': 1, ", 4000, ""),
        ("_PROV_{'activity_id': 'a', 'config': '", r"key: {\'a\': [1, 2]}\n", 4000, ""),
        ("_PROV_{'activity_id': 'a', 'x': ", "1", 40_000, "x}"),
        ("_PROV_{'activity_id': 'a', 'x': 0x", "f", 40_000, "}"),
        ("_PROV_{'activity_id': 'a', 'x': '", "\\'", 20_000, ""),
        ("", "_", 100_000, ""),
        ("", "_PRO\n", 10_000, ""),
        ("", "_PROV_{\n", 4000, ""),
    ],
)  # fmt: skip
def test_time_is_not_quadratic_in_the_length_of_a_record(
    before: str, unit: str, count: int, behind: str, size: int
) -> None:
    text = before + unit * count * size + behind
    records, _ = scan(f"{text}\nINFO:x:_PROV_{TIME}_PROV_{PAYLOAD}\n")
    assert records[-1][1] == FIELDS


@pytest.mark.parametrize(
    "record",
    [
        "{'entity_id': 'e', 'x': '" + "y" * MAX_LINE + "'}",
        f"_PROV_{TIME}_PROV_{{'entity_id': 'e', 'x': <Table\n" + "1 2 3\n" * 200_000 + ">}",
    ],
    ids=["bare", "over lines"],
)  # fmt: skip
def test_a_record_longer_than_the_limit_is_reported(record: str) -> None:
    records, found = scan(f"{record}\nINFO:x:_PROV_{TIME}_PROV_{PAYLOAD}\n")
    assert "PL105" in [item.code for item in found]
    assert records[-1][1] == FIELDS


def test_unbalanced_brackets_are_not_reported_as_deep_nesting() -> None:
    muddle = "[" * 150 + "1" + "] x" * 149 + "]"
    records, found = scan(
        f"_PROV_{TIME}_PROV_{{'entity_id': 'e', 'x': {muddle}}}\n_PROV_{PAYLOAD}\n"
    )
    assert "PL106" not in [item.code for item in found]
    assert records[-1][1] == FIELDS


def test_a_damaged_record_does_not_affect_the_one_before_it() -> None:
    bomb = "[" * 500
    line = f"_PROV_{TIME}_PROV_{{'activity_id': 'a', 'x': 1, 'z_PROV_{TIME}_PROV_{{'y': {bomb}"
    records, found = scan(f"{line}\n")
    assert [payload for _, payload in records] == [{"activity_id": "a", "x": 1}]
    assert [item.code for item in found] == ["PL102", "PL106"]
