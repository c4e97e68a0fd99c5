"""The database of OPUS, and its dumps."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.readers.opus.database import TABLES
from provlog.readers.opus.dump import read_dump
from tests.readers.opus.test_uws import CRAB, DATA, job, store
from tests.samples import document

DUMP = DATA / "job_database.sql"


def database(path: Path, script: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def copied(script: str) -> str:
    """Return a dump of SQLite as pg_dump writes it."""
    memory = sqlite3.connect(":memory:")
    memory.executescript(script)
    text = "--\n-- PostgreSQL database dump\n--\n\n\\restrict x\n\nSET client_encoding = 'UTF8';\n"
    for name in (*TABLES, "users"):
        rows = memory.execute(f"SELECT * FROM {name}")
        columns = [item[0] for item in rows.description]
        declared = ",\n".join(f"    {column} character varying(80)" for column in columns)
        text += f"CREATE TABLE public.{name} (\n{declared}\n);\n\nALTER TABLE public.{name} OWNER TO opus;\n"
        text += f"COPY public.{name} ({', '.join(columns)}) FROM stdin;\n"
        for row in rows:
            cells = ["\\N" if cell is None else str(cell).replace("\\", "\\\\") for cell in row]
            text += "\t".join(cells) + "\n"
        text += "\\.\n\n"
    memory.close()
    return text + "--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict x\n\n"


def test_all_jobs_with_their_files() -> None:
    graph = provlog.read(DUMP)
    assert len(graph.activities) == 8
    used = {(item.source.id, item.role, item.target.id) for item in graph.relations["used"]}
    for name, files in {
        "gammapy_crab/b213a3": ["82d642"], "test_activity_2/7d8c87": ["d5779b"],
        "test_activity_2/127018": ["d5779b"], "count_events/e01c78": ["bdd56b"],
    }.items():  # fmt: skip
        stored = [file for source, _, file in used if source == job(name) and "store" in file]
        assert stored == [store(file) for file in files]
    assert graph.activities[job("failing_job/65be3d")].failure is not None


def test_the_database_and_a_job_document_agree() -> None:
    graph, alone = provlog.read(CRAB, DUMP), provlog.read(DUMP)
    assert graph.activities.keys() == alone.activities.keys()
    assert graph.entities.keys() == alone.entities.keys()
    for kind, found in alone.relations.items():
        assert len(graph.relations[kind]) == len(found)
    activity = graph.activities[job("gammapy_crab/b213a3")]
    assert activity.attributes["log:status"] == "COMPLETED"


def test_a_result_is_derived_from_its_inner_entity() -> None:
    graph = provlog.read(DUMP)
    derived = {(item.source.id, item.target.id) for item in graph.relations["wasDerivedFrom"]}
    assert derived == {
        (store("8ba07b"), store("f77540")), (store("7bafc1"), store("de3732")),
    }  # fmt: skip
    [inner] = graph.entities[store("de3732")].values("log:from_entity")
    assert inner == "log:entity-f6b79c9ca25ec2b7cd463105f5b62cd88927a497"


def test_every_form_of_the_database_reads_the_same(tmp_path: Path) -> None:
    script = DUMP.read_text()
    expected = document(provlog.read(DUMP), "provn")
    binary = database(tmp_path / "jobs.db", script)
    postgres = tmp_path / "pg.sql"
    postgres.write_text(copied(script))
    with closing(sqlite3.connect(binary)) as connection:
        python = tmp_path / "python.sql"
        python.write_text("\n".join(connection.iterdump()))
    for path in (binary, postgres, python):
        graph = provlog.read(path)
        assert document(graph, "provn") == expected
        assert graph.diagnostics == []


@pytest.mark.parametrize("form", ["sqlite", "postgres"])
def test_a_dump_cut_anywhere_is_read_up_to_there(form: str, tmp_path: Path) -> None:
    text = DUMP.read_text()
    if form == "postgres":
        text = copied(text)
    path, whole, most = tmp_path / "x.sql", read_dump(text, TABLES), 0
    end = text.index("COMMIT" if form == "sqlite" else "-- PostgreSQL database dump complete")
    for size in (*range(text.index("owner_token") + 20, end, 211), end):
        cuts: list[int] = []
        rows = read_dump(text[:size], TABLES, cuts.append)
        assert len(cuts) == 1
        assert cuts[0] <= size
        for name, found in rows.items():
            assert found == whole[name][: len(found)]
        path.write_text(text[:size])
        [message] = [item.message for item in provlog.check(path) if item.code == "PL013"]
        assert message.startswith("truncated dump of OPUS's database: it ends in line ")
        most = max(most, sum(map(len, rows.values())))
    assert most == sum(map(len, whole.values()))


def test_a_large_dump_is_recognised(tmp_path: Path) -> None:
    """The rows of a table separate it from the next one."""
    lines = DUMP.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("INSERT INTO jobs"))
    more = [lines[at].replace("6ec626", f"{n:06x}", 1) for n in range(1000)]
    path = tmp_path / "x.sql"
    path.write_text("\n".join((*lines[:at], *more, *lines[at:])))
    assert len(provlog.read(path).activities) == 1008


@pytest.mark.parametrize("form", ["dump", "database", "postgres"])
def test_tokens_never_leave_the_database(tmp_path: Path, form: str) -> None:
    script = DUMP.read_text().replace("<token>", "s3cret-t0ken")
    path = tmp_path / "x"
    if form == "database":
        database(path, script)
    else:
        path.write_text(copied(script) if form == "postgres" else script)
    assert "s3cret-t0ken" in path.read_bytes().decode(errors="replace")
    for name in ("provn", "provjson", "provxml"):
        assert "s3cret-t0ken" not in document(provlog.read(path), name)


@given(st.lists(st.tuples(st.text(max_size=20), st.none() | st.text(max_size=20)), max_size=5))
def test_round_trip_of_dumps(rows: list[tuple[str, str | None]]) -> None:
    rows = [
        row
        for row in rows
        if not any(text and ("\0" in text or not text.isprintable()) for text in row)
    ]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE TABLE used (entity_id TEXT PRIMARY KEY, role TEXT DEFAULT 'x;)')"
        )
        connection.executemany("INSERT OR IGNORE INTO used VALUES (?, ?)", rows)
        expected = [
            {"entity_id": entity, "role": role}
            for entity, role in connection.execute("SELECT * FROM used")
        ]
        text = "\n".join(connection.iterdump())
    assert read_dump(text, TABLES)["used"] == expected


@given(st.text(alphabet="INSERTOVALUCPY ()'\",;\n-/*\\.used", max_size=200))
def test_no_text_is_fatal(text: str) -> None:
    read_dump(text, TABLES)


def test_a_damaged_database(tmp_path: Path) -> None:
    path = database(tmp_path / "x.db", DUMP.read_text())
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    assert [item.code for item in provlog.check(path)][:1] == ["PL003"]


def test_another_database_has_no_provenance(tmp_path: Path) -> None:
    path = database(tmp_path / "x.db", "CREATE TABLE t (job_parameters TEXT)")
    assert [item.code for item in provlog.check(path)] == ["PL002"]
