"""Mappings decoded from the text of payloads."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from datetime import datetime
from pathlib import PosixPath
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provlog.model.identifiers import id_text
from provlog.readers.log.literals import read_literal
from provlog.readers.log.parsed import MAX_DEPTH, TooDeepError
from provlog.readers.log.payload import decode, decode_yaml
from tests.readers.log.scanning import codes, fields, scan
from tests.strategies import is_json, texts, values

TIME = "2019-10-07T11:20:06.091102"


def as_read(value: Any) -> Any:
    """Return the expected value: text keys, lists, and non-finite numbers as text."""
    if isinstance(value, dict):
        return {id_text(key): as_read(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_read(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def read(payload: str) -> dict[str, Any]:
    """Return the only payload of a log of one line, which must not cause diagnostics."""
    (payload_read,) = fields(f"INFO:x:_PROV_{TIME}_PROV_{payload}\n")
    return payload_read


tuples = st.recursive(values, lambda inner: st.tuples(inner, inner) | st.tuples(inner))
mappings = st.dictionaries(texts | st.integers(0, 10**20), values | tuples, max_size=5)


@given(mappings)
def test_round_trip_of_repr(mapping: dict[Any, Any]) -> None:
    mapping["entity_id"] = 1
    assert read(repr(mapping)) == as_read(mapping)


@given(mappings)
def test_round_trip_of_json(mapping: dict[Any, Any]) -> None:
    mapping = {"entity_id": 1} | mapping
    if is_json(mapping):
        assert read(json.dumps(mapping)) == as_read(json.loads(json.dumps(mapping)))


@given(mappings)
def test_the_slow_parser_reads_every_repr(mapping: dict[Any, Any]) -> None:
    mapping["entity_id"] = 1
    reading = read_literal(repr(mapping))
    assert reading.value == as_read(mapping)
    assert reading.end == len(repr(mapping))
    assert reading.problems == []


@given(mappings)
def test_the_fast_decoder_is_correct(mapping: dict[Any, Any]) -> None:
    decoded = decode(repr(mapping))
    assert decoded is None or decoded == as_read(mapping)


@given(st.lists(mappings, min_size=3, max_size=6))
def test_decoding_in_chunks_is_correct(mappings: list[dict[Any, Any]]) -> None:
    mapping = {"session_id": 1, "system": mappings, "text": "}, {" * 150}
    decoded = decode(repr(mapping))
    assert decoded is None or decoded == as_read(mapping)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nan", "nan"), ("inf", "inf"), ("-inf", "-inf"), ("True", True), ("None", None),
        ("1e5", 1e5), ("1.", 1.0), (".5", 0.5), ("-0", 0), ("1_000", 1000), ("0x1F", 31),
        ("10" * 40, int("10" * 40)), ("(1,)", [1]), ("()", []),
        ("{1, 2}", [1, 2]), ("set()", "set()"), ("u'x'", "x"), ("b'x'", "b'x'"),
        ("1+2j", "1+2j"), ("(1+2j)", "(1+2j)"), ("(-1e-05-infj)", "(-1e-05-infj)"),
        ("0x" + "f" * 4000, "0x" + "f" * 4000), ("9" * 5000, "9" * 5000), ("<Quantity 1. TeV>", "<Quantity 1. TeV>"),
        ("array([0.1, 1.])", "array([0.1, 1.])"),
        ("array([0.1, 1.], dtype=float32)", "array([0.1, 1.], dtype=float32)"),
        ("<Time object: scale='utc' value=1.>", "<Time object: scale='utc' value=1.>"),
        ("<Observations object at 0x7f12>", "<Observations object at 0x7f12>"),
        ("<function f.<locals>.<lambda> at 0x7f>", "<function f.<locals>.<lambda> at 0x7f>"),
        ("Config(a=[1, {'b': (2,)}], c='}')", "Config(a=[1, {'b': (2,)}], c='}')"),
        ("<class 'dict'>", "<class 'dict'>"), ("Ellipsis", "Ellipsis"), ("...", "..."),
        ("2019-10-07", "2019-10-07"), ("[<A 1>, nan, (inf,)]", ["<A 1>", "nan", ["inf"]]),
        ("{'n': {'a': <Angle 3. deg>}}", {"n": {"a": "<Angle 3. deg>"}}),
        ("'it\\'s'", "it's"), ('"it\'s"', "it's"), ('\'say "so"\'', 'say "so"'),
        ("'\\x00\\u20ac\\U0001f600\\n'", "\x00€😀\n"), ("'\\ud83d\\ude00'", "😀"),
        (repr(PosixPath("/data/x.fits")), "PosixPath('/data/x.fits')"),
        (repr(datetime(2020, 1, 1)), "datetime.datetime(2020, 1, 1, 0, 0)"),
        (repr(OrderedDict(a=1)), repr(OrderedDict(a=1))),
    ],
)  # fmt: skip
def test_values_and_texts_that_are_not_literals(text: str, value: object) -> None:
    # At the end of a record, and before another key.
    assert read(f"{{'entity_id': 1, 'x': {text}}}") == {"entity_id": 1, "x": value}
    assert read(f"{{'x': {text}, 'entity_id': 1}}") == {"x": value, "entity_id": 1}


def test_nothing_is_evaluated() -> None:
    text = "__import__('os').system('exit')"
    assert read(f"{{'entity_id': 1, 'x': {text}}}")["x"] == text


@pytest.mark.parametrize("opening", ["[", "{'a': ", "(", "{", "[{'a': ["])
def test_deep_nesting_is_reported(opening: str) -> None:
    for payload in (f"{{'x': {opening * 5000}", f"{{'x': {opening * 100_000}1}}"):
        records, found = scan(f"_PROV_{TIME}_PROV_{payload}\n_PROV_{{'entity_id': 1}}\n")
        assert found
        assert records[-1][1] == {"entity_id": 1}


@pytest.mark.parametrize("depth", [MAX_DEPTH - 10, MAX_DEPTH + 10])
def test_every_decoder_limits_the_depth(depth: int) -> None:
    payload = "{'x': " + "[" * depth + "]" * depth + "}"
    assert (decode(payload) is not None) == (depth < MAX_DEPTH)
    if depth < MAX_DEPTH:
        assert read_literal(payload).problems == []
    else:
        with pytest.raises(TooDeepError):
            read_literal(payload)


def test_siblings_do_not_count_as_depth() -> None:
    payload = repr({"entity_id": 1, "x": [{"a": [index]} for index in range(2000)]})
    assert len(read(payload)["x"]) == 2000


YAML_MAPPINGS = [
    "{entity_id: 1, name: plain words}", "{'entity_id': 1, 'x': yes}", "{'entity_id': 1, x: ~}",
    "{entity_id: 1, a: {b: [c, d]}}", "{'entity_id': 'it''s'}", "{'entity_id': 1, 'x': 2019-10-07}",
    "{entity_id: 1, PosixPath: x}", "{'entity_id': 1, 5: 6}", "{'entity_id': 1, 'x': !!str 5}",
    "{entity_id: 1, ? a : b}", "{entity_id: &a [1], b: *a}", "{'entity_id': 1, 'x': 'a': 'b'}",
    "{'entity_id': 1, }", "{entity_id: 1, 'x'}", "entity_id: 1", "{'entity_id': 0o17, 'x': 1e3}",
    "{'entity_id': 1, 'config': PosixPath('/x')}", "{entity_id: 1, path: /data/x.fits, n: 010}",
]  # fmt: skip


@pytest.mark.parametrize("payload", YAML_MAPPINGS)
def test_yaml_mappings_have_the_keys_that_pyyaml_reads(payload: str) -> None:
    try:
        expected = yaml.safe_load(payload)
    except yaml.YAMLError:
        expected = None
    records, _ = scan(f"INFO:x:_PROV_{TIME}_PROV_{payload}\n")
    if isinstance(expected, dict):
        ((_, read_fields),) = records
        assert list(read_fields) == [id_text(key) for key in expected]


yaml_pieces = st.lists(
    st.sampled_from(
        ["a", "b c", "'d'", '"e"', ": ", ":", ", ", ",", "{", "}", "[", "]", "1", "null", "'it''s'",
         "~", "1.5", "-", "x: y", " ", "nan", "(1)", "<b>", "é", "'f': 'g'", "\\", "#", "# h"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(yaml_pieces)
def test_generated_yaml_has_the_keys_that_pyyaml_reads(text: str) -> None:
    payload = f"{{'entity_id': 1, {text}}}"
    try:
        expected = yaml.safe_load(payload)
    except (yaml.YAMLError, TypeError, ValueError):
        return
    if not isinstance(expected, dict):
        return
    records, _ = scan(f"INFO:x:_PROV_{TIME}_PROV_{payload}\n")
    ((_, read_fields),) = records
    # A key without a value may be text after a comma in an unquoted text.
    missing = [value for key, value in expected.items() if id_text(key) not in read_fields]
    assert missing == [None] * len(missing)
    assert {id_text(key) for key in expected} >= read_fields.keys()


def test_endless_yaml_aliases_are_refused() -> None:
    bomb = "{a: &a [x, x, x, x, x, x, x, x], " + ", ".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 8)}]" for old, new in zip("abcdef", "bcdefg", strict=True)
    ) + "}"  # fmt: skip
    assert decode_yaml(bomb) is None
    assert decode_yaml("{a: &a [*a]}") is None


@pytest.mark.parametrize("payload", ["{", "{'", "{'a", "{'a'", "{'a':", "{'a': ", "{'a': 'b"])
def test_a_payload_truncated_anywhere_is_reported(payload: str) -> None:
    assert set(codes(f"_PROV_{TIME}_PROV_{payload}\n")) <= {"PL101", "PL102", "PL103"}
    assert codes(f"_PROV_{TIME}_PROV_{payload}\n")


@pytest.mark.parametrize("opening", ["f(", "<a "])
def test_nested_texts_that_are_not_literals_are_kept(opening: str) -> None:
    text = f"{opening * 20_000}1"
    assert read(f"{{'entity_id': 1, 'x': {text}}}") == {"entity_id": 1, "x": text}


def test_one_unusual_value_does_not_change_the_others() -> None:
    payload = (
        r"{'activity_id': 'a', 'x': Angle 3d, 4d, 'y': (1, 2), 'z': None, 'w': 1e-05, "
        r"'t': 'l1\nl2', 'b': 12:30}"
    )
    assert read(payload) == {
        "activity_id": "a", "x": "Angle 3d, 4d", "y": [1, 2], "z": None, "w": 1e-05,
        "t": "l1\nl2", "b": "12:30",
    }  # fmt: skip
