"""VOTables, validated by astropy and STILTS, and read back."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from astropy.io.votable import parse
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.diagnostics.codes.examples import record_line, start_line
from provlog.graphs.bundles import in_bundles
from provlog.graphs.ivoa_view import plain
from provlog.model.graph import Activity, Agent, Entity, ProvGraph
from tests.documents import documents
from tests.profiles import examples
from tests.samples import LOGS, NAMES, SAMPLES, document, graph_of
from tests.strategies import graphs, texts, values

DEFINITIONS = Path("tests/data/presentation-definition.yaml")


def assert_reads_back(graph: ProvGraph, path: Path, *, has_all_rows: bool = True) -> None:
    """Write a VOTable, have astropy validate it, and compare the graph that it holds."""
    provlog.write(graph, path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse(path, verify="exception")
    again = provlog.read(path)
    expected = plain(graph, parameters=True).to_prov()
    found = plain(again, parameters=True).to_prov()
    assert found == expected, found.get_provn() + expected.get_provn() + path.read_text()
    assert again.to_prov() == graph.to_prov()
    assert len(again.sessions) == len(graph.sessions)
    assert {found.code for found in again.diagnostics} <= (set() if has_all_rows else {"PL804"})


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_every_sample_reads_back(path: Path, tmp_path: Path) -> None:
    graph = provlog.read(path)
    assert_reads_back(graph, tmp_path / "run.vot")
    assert_reads_back(in_bundles(graph), tmp_path / "bundles.vot")


@settings(max_examples=examples(60))
@given(graphs())
def test_generated_graphs_read_back(graph: ProvGraph) -> None:
    if any(True for _ in graph.elements()):
        with TemporaryDirectory() as folder:
            assert_reads_back(graph, Path(folder) / "run.vot")


@settings(max_examples=examples(100))
@given(documents())
def test_all_of_prov_dm_reads_back(graph: ProvGraph) -> None:
    if graph.bundles or any(graph.relations.values()) or any(True for _ in graph.elements()):
        with TemporaryDirectory() as folder:
            # Documents may refer to undeclared elements.
            assert_reads_back(graph, Path(folder) / "run.vot", has_all_rows=False)


names = (
    st.sampled_from(["data", "result", "Events", "", " ", "a b", "<&>", "é😀", "x" * 80]) | texts
)
some = st.none() | names | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
items = st.lists(
    st.fixed_dictionaries(
        {"value": st.just("x")},
        optional={
            "role": names, "description": some, "multiplicity": some, "contentType": some,
            "type": st.sampled_from(["Main", "Log", "File", "Setup"]), "entityName": names,
        },
    ),
    max_size=4,
)  # fmt: skip
definitions = st.fixed_dictionaries(
    {
        "activities": st.dictionaries(
            st.just("fit") | names,
            st.fixed_dictionaries(
                {
                    "parameters": st.lists(
                        st.fixed_dictionaries(
                            {"name": names.filter(bool)},
                            optional={
                                "unit": some, "ucd": some, "datatype": some, "min": some,
                                "max": some, "default": some, "description": some,
                                "options": st.lists(some, max_size=3),
                            },
                        ),
                        max_size=3,
                    ),
                    "usage": items,
                    "generation": items,
                },
                optional={"description": some, "version": some, "contact": names},
            ),
            max_size=3,
        ),
        "entities": st.dictionaries(
            names,
            st.fixed_dictionaries(
                {}, optional={"description": some, "contentType": some, "datatype": some}
            ),
            max_size=3,
        ),
        "agents": st.dictionaries(
            names,
            st.fixed_dictionaries(
                {}, optional={"role": st.sampled_from(["Creator", "Operator"]), "email": some}
            ),
            max_size=2,
        ),
    }
)  # fmt: skip


@settings(max_examples=examples(60))
@given(definitions, st.lists(st.tuples(names, names, values), max_size=4))
def test_generated_descriptions_read_back(
    defined: dict[str, Any], used: list[tuple[str, str, Any]]
) -> None:
    lines = [
        record_line(0, session_id="s1", definitions=defined),
        start_line(1, "a1", "fit"),
        *(
            line
            for number, (role, name, value) in enumerate(used)
            for line in (
                record_line(2, activity_id="a1", used_id=f"e{number}", used_role=role),
                record_line(2, activity_id="a1", generated_id=f"g{number}", generated_role=role),
                record_line(3, entity_id=f"e{number}", name=name, location=f"/data/{number}"),
                record_line(3, activity_id="a1", parameters={role: value}),
            )
        ),
    ]
    with TemporaryDirectory() as folder:
        graph = graph_of(Path(folder), lines)
        assert_reads_back(graph, Path(folder) / "run.vot")


def votlint(documents: Iterable[str], folder: Path) -> str:
    """Return the findings of STILTS in all documents, from one process: its start takes a second."""
    whole = folder / "all.vot"
    parts = [re.fullmatch(DOCUMENT, document, re.DOTALL) for document in documents]
    heads = {part["head"] for part in parts if part is not None}
    assert len(heads) == 1
    assert None not in parts
    # A name occurs once in a document.
    resources = "".join(
        re.sub('<RESOURCE type="results" name="', rf"\g<0>{number}-", part["resources"])
        for number, part in enumerate(parts)
        if part is not None
    )
    whole.write_text(f"{heads.pop()}{resources}</VOTABLE>\n", encoding="utf-8")
    command = ["stilts", "votlint", f"votable={whole}", "ucd=true", "unit=true"]
    # It returns 0 for errors, too.
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return result.stdout + result.stderr


DOCUMENT = "(?P<head>.*?)(?P<resources> <RESOURCE .*)</VOTABLE>\n"
needs_stilts = pytest.mark.skipif(shutil.which("stilts") is None, reason="STILTS is not installed")


@needs_stilts
def test_votlint_reports_nothing_about_any_sample(tmp_path: Path) -> None:
    samples = [provlog.read(path) for path in LOGS]
    described = [provlog.read(path, definitions=DEFINITIONS) for path in LOGS[:3]]
    graphs = [*samples, *described, *map(in_bundles, samples)]
    assert votlint([document(graph, "votable") for graph in graphs], tmp_path) == ""


@needs_stilts
def test_votlint_reports_a_row_with_too_many_cells(tmp_path: Path) -> None:
    text = document(provlog.read(LOGS[0]), "votable").replace("<TD>", "<TD/><TD>", 1)
    assert "Wrong number of TDs" in votlint([text], tmp_path)


@needs_stilts
def test_votlint_accepts_hostile_text(tmp_path: Path) -> None:
    graph = ProvGraph()
    hostile = "é 😀 <b a='c'> & ]]> \r\n\t \u2028 <!--"
    graph.entities["log:e"] = Entity("log:e", {"prov:label": hostile, "prov:value": ""})
    graph.agents["log:a"] = Agent("log:a", {"prov:label": hostile})
    graph.activities["log:x"] = Activity(
        "log:x", {"param:p": hostile}, start="2020-01-01T00:00:00+02:00"
    )
    assert_reads_back(graph, tmp_path / "run.vot")
    written = [document(graph, "votable")]

    @settings(max_examples=examples(50), database=None)
    @given(graphs() | documents())
    def write(graph: ProvGraph) -> None:
        written.append(document(graph, "votable"))

    write()
    assert votlint(written, tmp_path) == ""


def test_the_tables_of_the_model_hold_the_descriptions(tmp_path: Path) -> None:
    provlog.write(provlog.read(SAMPLES / "provlog-gammapy.log"), tmp_path / "run.vot")
    tables = {table.name: table.to_table() for table in parse(tmp_path / "run.vot").iter_tables()}
    described = {row["id"]: row["description"] for row in tables["ActivityDescription"]}
    fit = next(row for row in tables["Activity"] if row["name"] == "run_fit")
    assert described[fit["activitydescription_id"]] == "Fit the models to the datasets"
    roles = {row["role"] for row in tables["UsageDescription"]}
    assert {"datasets", "models", "exclusion_mask"} <= roles
    uses = [row for row in tables["Used"] if row["activity_id"] == fit["id"]]
    assert all(row["usagedescription_id"] for row in uses)
    assert "Relation" in tables


def test_only_tables_with_rows_are_written() -> None:
    from provlog.writers.votable import write_votable

    graph = ProvGraph(namespaces={})
    assert "<TABLE" not in "".join(write_votable(graph))
