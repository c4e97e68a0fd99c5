"""Values of logs converted to values that every format can hold."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provlog.model.values import Literal, date_time, json_text, literal, safe_text, value_of
from tests.strategies import texts, values


@given(texts)
def test_text_is_safe_in_xml(text: str) -> None:
    element = etree.Element("x")
    element.text = safe_text(text)


@given(texts)
def test_safe_text_is_unchanged(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)


@pytest.mark.parametrize(
    ("value", "text", "datatype"),
    [
        (1, "1", "xsd:int"), (2**31 - 1, "2147483647", "xsd:int"), (2**31, "2147483648", "xsd:long"),
        (-(2**63), "-9223372036854775808", "xsd:long"), (2**63, "9223372036854775808", "xsd:integer"),
        (10**30, "1" + "0" * 30, "xsd:integer"), (True, "true", "xsd:boolean"),
        (1.5, "1.5", "xsd:double"), (1e300, "1e+300", "xsd:double"),
        (datetime(2020, 1, 1), "2020-01-01T00:00:00", "xsd:dateTime"),
    ],
)  # fmt: skip
def test_scalars_keep_their_type(value: object, text: str, datatype: str) -> None:
    assert literal(value) == Literal(text, datatype)
    assert value_of(literal(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"), ("x", "x"), (math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"),
        ([], "[]"), ({"a": [1, None, True]}, '{"a":[1,null,true]}'), ((1, 2), "[1,2]"),
        ({1: 2}, '{"1":2}'), (["\ud800"], '["\\ud800"]'), ([10**30], "[1" + "0" * 30 + "]"),
        (object, "<class 'object'>"),
    ],
)  # fmt: skip
def test_other_values_become_text(value: object, text: str) -> None:
    assert literal(value) == text


@given(values)
def test_every_value_has_a_literal(value: Any) -> None:
    assert isinstance(literal(value), (str, Literal))


@given(values.filter(lambda value: isinstance(value, (list, dict))))
def test_json_is_compact_and_keeps_the_order(value: Any) -> None:
    text = json_text(value)
    if isinstance(value, dict) and value:
        assert not text.startswith('{ "')
    assert "\n" not in text


@pytest.mark.parametrize(
    ("raw", "time"),
    [
        ("2019-10-07T11:20:05.884419", "2019-10-07T11:20:05.884419"),
        ("2019-10-07T11:20:05Z", "2019-10-07T11:20:05Z"),
        ("2019-10-07T11:20:05+02:00", "2019-10-07T11:20:05+02:00"),
        ("2019-10-07 11:20:05", "2019-10-07T11:20:05"),
        ("20191007T112005", "2019-10-07T11:20:05"),
        ("datetime.datetime(2020, 1, 2, 3, 4)", "2020-01-02T03:04:00"),
        (datetime(2020, 1, 2), "2020-01-02T00:00:00"),
        ("2019-02-30T00:00:00", None), ("2019-13-01T00:00:00", None), ("yesterday", None),
        ("", None), (None, None), (3, None), ("datetime.datetime(2020, 13, 1)", None),
        ("2019-10-07T24:00:00", None), ("2019-10-07T11:20:05+15:00", None),
    ],
)  # fmt: skip
def test_times_are_kept_as_written_or_refused(raw: object, time: str | None) -> None:
    assert date_time(raw) == time


@given(st.text(max_size=30) | st.datetimes().map(str) | st.datetimes().map(repr))
def test_any_time_is_valid_or_none(raw: str) -> None:
    time = date_time(raw)
    assert time is None or datetime.fromisoformat(time).year > 0
