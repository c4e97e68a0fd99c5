"""Fingerprints of columns of pandas, with and without pyarrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest

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
