"""Fingerprints of columns of pandas, with and without pyarrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest

from provlog.objects.fingerprints.converters import is_identified_by_value
from provlog.objects.fingerprints.fingerprint import fingerprint

Column = Callable[[list[Any]], Any]


def arrow_text(values: list[Any]) -> Any:
    pytest.importorskip("pyarrow")
    return pd.Series(values, dtype="string[pyarrow]")


TEXTS: dict[str, Column] = {
    "default": pd.Series,
    "object": lambda values: pd.Series(values, dtype=object),
    "python": lambda values: pd.Series(values, dtype="string[python]"),
    "arrow": arrow_text,
    "category": lambda values: pd.Series(values, dtype="category"),
    "index": lambda values: pd.DataFrame({"a": range(len(values))}, index=pd.Index(values)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_equal_if_and_only_if_their_fingerprints_are(name: str) -> None:
    make = TEXTS[name]
    values = ["a", "bb", None, "\N{LATIN SMALL LETTER E WITH ACUTE}", ""]
    others = [
        ["ab", "b", None, "\N{LATIN SMALL LETTER E WITH ACUTE}", ""],
        ["a", "bb", "\N{LATIN SMALL LETTER E WITH ACUTE}", None, ""],
        ["a", "bb", "", "\N{LATIN SMALL LETTER E WITH ACUTE}", None],
        values[:-1],
        [],
    ]
    assert fingerprint(make(values)) == fingerprint(make(list(values)))
    found = [fingerprint(make(one)) for one in (values, *others)]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", ["default", "object", "python", "arrow"])
def test_slices_and_parts_do_not_count(name: str) -> None:
    make = TEXTS[name]
    values = ["a", "bb", None, "ccc"] * 3
    whole = make(values)
    joined = pd.concat([whole[:5], whole[5:]], ignore_index=True)
    assert fingerprint(joined) == fingerprint(whole)
    part = whole[4:].reset_index(drop=True)
    assert fingerprint(part) == fingerprint(make(values[4:]))


@pytest.mark.parametrize(
    "make",
    [
        lambda n: pd.Series([1, None, n], dtype="Int64"),
        lambda n: pd.Series(pd.date_range("2026-01-01", periods=n, tz="UTC")),
        lambda n: pd.DataFrame({"a": [n]}, index=pd.MultiIndex.from_tuples([(1, "x")])),
        lambda n: pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(n, "x")])),
    ],
)
def test_other_columns_have_fingerprints(make: Callable[[int], Any]) -> None:
    assert fingerprint(make(2)) == fingerprint(make(2)) != fingerprint(make(3))


COLUMNS: dict[str, Callable[[int], Any]] = {
    "numbers": lambda n: [1, n],
    "missing numbers": lambda n: pd.array([None, n], dtype="Int64"),
    "flags": lambda n: [True, n > 2],
    "texts": lambda n: [None, "x" * n],
    "objects": lambda n: [{"a": n}, None],
    "times": lambda n: pd.date_range("2026-01-01", periods=2, freq=f"{n}h"),
    "times in a zone": lambda n: pd.date_range("2026-01-01", periods=2, freq=f"{n}h", tz="UTC"),
    "durations": lambda n: pd.to_timedelta([1, n], unit="s"),
    "periods": lambda n: pd.period_range("2026-01", periods=2, freq=f"{n}M"),
    "intervals": lambda n: pd.interval_range(0, 2 * n, periods=2),
    "categories": lambda n: pd.Categorical(["a", "b" * n]),
    "sparse numbers": lambda n: pd.arrays.SparseArray([0, n]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_is_that_of_its_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fingerprints() -> list[bytes]:
        make = COLUMNS[name]
        tables = [
            pd.DataFrame({"a": make(2), "b": [1.5, 2.5], "c": [3, 4]}),
            pd.DataFrame({"a": make(3), "b": [1.5, 2.5], "c": [3, 4]}),
            pd.DataFrame({"a": make(2), "b": [1.5, 2.5], "d": [3, 4]}),
            pd.DataFrame({"b": [1.5, 2.5], "a": make(2), "c": [3, 4]}),
            pd.DataFrame({"a": make(2), "b": [1.5, 2.5], "c": [3, 4]}, index=[0, 2]),
        ]
        return [fingerprint(table) for table in tables]

    found = fingerprints()
    assert len(set(found)) == len(found)
    assert found == fingerprints()
    # Not a part of the interface of pandas.
    monkeypatch.setattr(pd.DataFrame, "_iter_column_arrays", None)
    assert found == fingerprints()


def test_the_order_of_a_table_in_memory_does_not_count() -> None:
    columns = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    rows = pd.DataFrame([[1, 3], [2, 4]], columns=["a", "b"])
    assert fingerprint(columns) == fingerprint(rows) == fingerprint(rows.copy())


@pytest.mark.parametrize("kind", [pd.Series, pd.Index, pd.array])
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_indexes_and_arrays_are_known_by_content(
    name: str, kind: Callable[[Any], Any]
) -> None:
    one, equal, other = (kind(COLUMNS[name](number)) for number in (2, 2, 3))
    assert fingerprint(one) == fingerprint(equal) != fingerprint(other)
    assert is_identified_by_value(type(one))


def test_the_numbers_of_a_range_are_not_made() -> None:
    many = 10**15
    assert fingerprint(pd.RangeIndex(many)) != fingerprint(pd.RangeIndex(many + 1))
    assert fingerprint(pd.RangeIndex(0, 3, 2)) == fingerprint(pd.RangeIndex(0, 4, 2))
    assert fingerprint(pd.RangeIndex(3, name="a")) != fingerprint(pd.RangeIndex(3, name="b"))
