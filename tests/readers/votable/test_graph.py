"""VOTables from other programs, and damaged ones."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.errors import InputError
from provlog.model.graph import ProvGraph
from provlog.readers.votable import read_votable

DATA = Path(__file__).parent.parent.parent / "data" / "ivoa"
PROPOSAL = DATA / "example-1.0-proposal.vot.xml"


def read(folder: Path, text: str) -> ProvGraph:
    path = folder / "run.vot"
    path.write_text(text, encoding="utf-8")
    return provlog.read(path)


def table(name: str, fields: str, *rows: str) -> str:
    columns = "".join(f'<FIELD name="{field}" datatype="char"/>' for field in fields.split())
    cells = "".join(
        "<TR>" + "".join(f"<TD>{cell}</TD>" for cell in row.split("|")) + "</TR>\n" for row in rows
    )
    data = f"<DATA><TABLEDATA>\n{cells}</TABLEDATA></DATA>"
    return f'<TABLE name="{name}" utype="voprov:{name}">{columns}\n{data}</TABLE>\n'


def votable(*tables: str) -> str:
    return f"<VOTABLE>\n<RESOURCE>\n{''.join(tables)}</RESOURCE>\n</VOTABLE>\n"


ACTIVITY = table("Activity", "id name", "ex:a|fit")


def codes(graph: ProvGraph) -> list[tuple[str, int]]:
    return [(found.code, found.origin.line) for found in graph.diagnostics]


def test_the_example_of_the_proposal_is_read_completely() -> None:
    graph = provlog.read(PROPOSAL)
    assert graph.diagnostics == []
    descriptions = graph.descriptions
    (described,) = descriptions.activities.values()
    assert dict(described.roles()) == {
        "name": "make_map", "version": "1.2", "description": "Makes a map of an event list",
        "docurl": "https://example.org/make_map", "type": "Analysis", "subtype": "map making",
    }  # fmt: skip
    (usage,) = described.usages
    assert (usage.role, usage.type, usage.multiplicity) == ("events", "Main", "1..*")
    assert [kind.name for kind in usage.entities] == ["event list"]
    (parameter,) = described.parameters
    assert (parameter.unit, parameter.min, parameter.max) == ("TeV", "0.01", "100")
    (file,) = described.config_files
    assert file.content_type == "application/yaml"
    activity = graph.activities["ex:make_map-1"]
    assert descriptions.of_activity(activity) is described
    assert activity.values("param:emin") == ["0.5"]
    assert graph.agents["ex:observatory"].values("prov:type") == ["prov:Organization"]
    (attribution,) = graph.relations["wasAttributedTo"]
    assert dict(attribution.pairs()) == {"voprov:role": "Creator"}
    assert graph.entities["ex:conf-1"].values("prov:type") == ["voprov:ConfigFile"]


@pytest.mark.parametrize("path", sorted(DATA.glob("*.vot.xml")), ids=lambda path: path.name)
def test_round_trip_of_foreign_documents(path: Path, tmp_path: Path) -> None:
    graph = provlog.read(path)
    provlog.write(graph, tmp_path / "again.vot")
    assert provlog.read(tmp_path / "again.vot").to_prov() == graph.to_prov()


def test_a_draft_of_2018_is_read() -> None:
    graph = provlog.read(DATA / "wd2018-small.vot.xml")
    assert graph.diagnostics == []
    activity = graph.activities["ex:Process1"]
    assert (activity.label, activity.start) == ("Process 1", "2017-04-18T17:28:00")
    (use,) = graph.relations["used"]
    assert use.target.values("voprov:type") == ["Data"]
    assert graph.namespaces["ex"] == "http://www.example.com/provenance"


def test_a_malformed_draft_is_read_up_to_the_error() -> None:
    graph = provlog.read(DATA / "wd2018-rgb.vot.xml")
    assert codes(graph)[0] == ("PL801", 38)
    assert len(graph.relations["used"]) == len(graph.relations["wasGeneratedBy"]) == 1


def test_a_truncated_table_keeps_its_complete_rows(tmp_path: Path) -> None:
    text = PROPOSAL.read_text(encoding="utf-8")
    graph = read(tmp_path, text[: text.index("ex:map</TD><TD>ex:make_map-1")])
    assert codes(graph)[0][0] == "PL801"
    assert len(graph.entities) == 4
    assert len(graph.relations["used"]) == 2


def test_references_to_missing_rows_are_reported_and_kept(tmp_path: Path) -> None:
    text = votable(
        ACTIVITY,
        table("Used", "activity_id entity_id usagedescription_id", "ex:a|ex:e|ex:u"),
        table("UsageDescription", "id activitydescription_id role", "ex:d|ex:none|data"),
        table("WasConfiguredBy", "activity_id artefact_type parameter_id", "ex:a|Parameter|ex:p"),
    )
    graph = read(tmp_path, text)
    assert {code for code, _ in codes(graph)} == {"PL804"}
    assert all(line > 1 for _, line in codes(graph))
    (use,) = graph.relations["used"]
    assert use.target.id == "ex:e"
    assert ("voprov:descriptor", "ex:u") in [
        (name, getattr(value, "text", value)) for name, value in use.pairs()
    ]
    assert [part.id for _, owner in graph.descriptions.all() if owner for part in owner.parts()]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (table("Stars", "id", "ex:s"), "PL802"),
        ('<TABLE name="Used"><DATA><BINARY/></DATA></TABLE>', "PL802"),
        (table("Entity", "id name", "|nameless"), "PL803"),
        (table("Activity", "id name", "ex:a|again"), "PL803"),
        (table("Relation", "relation_kind source_id", "wasEatenBy|ex:a"), "PL803"),
        (table("Used", "activity_id role", "ex:a|data"), "PL803"),
        (table("Activity", "id start_time", "ex:b|yesterday"), "PL202"),
    ],
)
def test_unreadable_rows_are_reported_and_the_rest_is_read(
    bad: str, code: str, tmp_path: Path
) -> None:
    graph = read(tmp_path, votable(ACTIVITY, bad))
    assert [found for found, _ in codes(graph)] == [code]
    assert graph.activities["ex:a"].label == "fit"


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    text = votable(ACTIVITY).replace("<VOTABLE>", '<!DOCTYPE VOTABLE [<!ENTITY a "b">]><VOTABLE>')
    with pytest.raises(InputError, match="PL801"):
        provlog.read(_written(tmp_path, text), reader="votable")


def _written(folder: Path, text: str) -> Path:
    path = folder / "run.vot"
    path.write_text(text, encoding="utf-8")
    return path


@given(st.integers(0, 18000), st.text(alphabet="<>/TDR&;\x00é ", max_size=3))
def test_no_damage_causes_a_traceback(place: int, damage: str) -> None:
    text = PROPOSAL.read_text(encoding="utf-8")
    damaged = text[:place] + damage + text[place + len(damage) :]
    read_text(damaged)


CELLS = PROPOSAL.read_text(encoding="utf-8").split("<TD>")


@given(
    st.lists(st.tuples(st.integers(1, len(CELLS) - 1), st.sampled_from(["", "ex:map", "x", ":", "a b", "-"])),
             max_size=6),
)  # fmt: skip
def test_no_wrong_cell_causes_a_traceback(changes: list[tuple[int, str]]) -> None:
    cells = list(CELLS)
    for number, text in changes:
        cells[number] = text + cells[number][cells[number].index("<") :]
    graph = read_text("<TD>".join(cells))
    graph.to_prov()


def read_text(text: str) -> ProvGraph:
    source: Any = SimpleNamespace(name="x.vot", chunks=lambda: iter([text.encode()]))
    return read_votable(source, lambda _: None)
