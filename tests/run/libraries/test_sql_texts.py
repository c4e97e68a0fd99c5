"""The files that an SQL text names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provlog.run.libraries.sql_texts import ATTACH, READ, READ_FOLDER, WRITE, files_in_sql

A, B = (READ, "a.csv"), (READ, "b.csv")


@pytest.mark.parametrize(("text", "expected"), [
    ("SELECT * FROM 'a.csv'", [A]),
    ('from "a.csv"', [A]),
    ("from a.csv", [A]),
    ("from $$a.csv$$ where x = $y$ from 'b.csv' $y$", [A]),
    ("from 'a.csv' a, 'b.csv' b where a.x = b.x", [A, B]),
    ("select * from t join 'a.csv' using (x)", [A]),
    ("select * from (select 1 from 'a.csv'), 'b.csv'", [A, B]),
    ("from read_csv(['a.csv', 'b.csv'], sep = ';')", [A, B]),
    ("from Read_CSV('a.csv', 'b.csv')", [A]),
    ("from parquet_scan('a.csv')", [A]),
    ("create table t as from 'a.csv'; from 'b.csv'", [A, B]),
    ("copy t from 'a.csv' (delimiter ';')", [A]),
    ("copy (from 'a.csv') to 'out.csv'; select 1", [A, (WRITE, "out.csv")]),
    ("export database 'out'", [(WRITE, "out")]),
    ("import database 'in'", [(READ_FOLDER, "in")]),
    ("attach if not exists 'x.db' as x (type sqlite)", [(ATTACH, "x.db")]),
    ("attach database 'x.db' as x", [(ATTACH, "x.db")]),
    ("select 'it''s' from 'it''s.csv'", [(READ, "it's.csv")]),
    ("summarize 'a.csv'", [A]),
])  # fmt: skip
def test_files_are_found_at_their_places(text: str, expected: list[tuple[str, str]]) -> None:
    assert files_in_sql(text) == expected


@pytest.mark.parametrize("text", [
    "select * from t where file = 'a.csv' and file in ('a.csv', 'b.csv')",
    "insert into t values ('a.csv'), ('b.csv')",
    "update t set file = 'a.csv'",
    "select upper('a.csv'), x.y from t",
    "-- from 'a.csv'\nselect /* from 'b.csv' */ 1",
    "select 'a' 'from ''a.csv'' '",
    "alter table t rename to 'a.csv'",
    "load 'a.csv'",
    "from t order by 'a.csv'",
    "",
    None,
    7,
])  # fmt: skip
def test_other_texts_are_data(text: Any) -> None:
    assert files_in_sql(text) == []


@pytest.mark.parametrize(("text", "parameters", "expected"), [
    ("select ? from read_csv(?)", [1, "a.csv"], [A]),
    ("from read_csv($2) where x = $1", (1, Path("a.csv")), [A]),
    ("from read_csv($files)", {"files": ["a.csv", "b.csv"]}, [A, B]),
    ("from read_csv(?)", [["a.csv", "b.csv"]], [A, B]),
    ("copy t to ?", ["out.csv"], [(WRITE, "out.csv")]),
    ("from read_csv(?)", [], []),
    ("from read_csv(?)", None, []),
    ("from read_csv($a)", ["a.csv"], []),
    ("from read_csv(?)", [3], []),
])  # fmt: skip
def test_parameters_name_files(text: str, parameters: Any, expected: list[tuple[str, str]]) -> None:
    assert files_in_sql(text, parameters) == expected
