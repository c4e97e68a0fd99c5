"""Job documents of OPUS and of other UWS services."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.errors import InputError
from provlog.model.graph import Activity, ProvGraph
from provlog.model.identifiers import qualified_name
from provlog.readers.xml import Form, parse_xml
from tests.cli.test_cli import run
from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data" / "opus"
CRAB = DATA / "gammapy_crab-b213a3.uws.xml"
HEAD = (
    '<uws:job xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
# As DaCHS writes it; the query is not percent-encoded.
TAP = (
    f'<?xml version="1.0"?><!-- a job --><?xml-stylesheet href="x"?>\n{HEAD} version="1.1">'
    "<uws:jobId>abc</uws:jobId><uws:ownerId xsi:nil='true'/><uws:phase>ERROR</uws:phase>"
    "<uws:startTime>2026-01-01T10:00:00Z</uws:startTime><uws:endTime>2026-01-01T10:01:00Z</uws:endTime>"
    '<uws:parameters><uws:parameter id="QUERY">SELECT 1+1 AS "100%25"</uws:parameter>'
    '<uws:parameter id="UPLOAD" byReference="true">https://example.org/t.vot</uws:parameter>'
    "</uws:parameters><uws:results>"
    '<uws:result id="result" xlink:href="https://tap.example.org/tap/async/abc/results/result"/>'
    '</uws:results><uws:errorSummary type="fatal" hasDetail="true"><uws:message>no table</uws:message>'
    "</uws:errorSummary><uws:jobInfo><plan xmlns='urn:x'>seq</plan></uws:jobInfo></uws:job>"
)


def job(path: str) -> str:
    """Return the id of a job, made from its IRI in OPUS's own documents."""
    return qualified_name("activity", f"https://opus.example.org/rest/{path}", None)


def store(name: str) -> str:
    """Return the id of a file in the store, in the same way."""
    return qualified_name("entity", f"https://opus.example.org/store/?ID={name}", None)


def only(graph: ProvGraph) -> Activity:
    [activity] = graph.activities.values()
    return activity


def roles(graph: ProvGraph, kind: str) -> set[tuple[str | None, str]]:
    ends = ((item.role, item) for item in graph.relations[kind])
    return {(role, (item.target if kind == "used" else item.source).id) for role, item in ends}


def test_a_job_of_opus() -> None:
    graph = provlog.read(CRAB)
    activity = only(graph)
    assert activity.id == job("gammapy_crab/b213a3")
    assert (activity.start, activity.end) == ("2026-11-22T17:17:15", "2026-11-22T17:20:57")
    assert "queued" in activity.values("provlog:times")[0]
    assert activity.values("param:e_min") == ["0.5"]
    assert "param:runId" not in activity.attributes
    assert activity.values("uws:runId") == ["crab-1"]
    scope = "log:entity-https_opus.example.org-09b3ac6e"
    assert roles(graph, "used") == {
        ("config", store("82d642")), *(("obs_ids", f"{scope}-{n}") for n in range(23523, 23533, 3)),
    }  # fmt: skip
    assert roles(graph, "wasGeneratedBy") == {
        ("fit_result", store("fa5c7f")), ("flux_points", store("d5779b")),
        ("log", store("216e59")),
    }  # fmt: skip
    points = graph.entities[store("d5779b")]
    assert points.label == "flux_points.csv"
    assert points.values("log:hash") == ["5149f5ec06caac82e5132d43af768a6af3b4846d"]
    assert points.values("log:hash_type") == ["sha1"]
    assert graph.agent_names()[activity] == ["analyst"]


def test_a_failed_job_is_a_failed_activity() -> None:
    activity = only(provlog.read(DATA / "failing_job-65be3d.uws.xml"))
    assert activity.failure == "ERROR: Error in failing_job.sh running command: ls /no/such/file"


def test_a_value_is_percent_decoded_by_opus_only(tmp_path: Path) -> None:
    graph = provlog.read(DATA / "plain_value-131798.uws.xml")
    assert only(graph).values("param:text") == ["!"]
    path = tmp_path / "job.xml"
    path.write_text(TAP)
    graph = provlog.read(path)
    activity = only(graph)
    assert activity.values("param:QUERY") == ['SELECT 1+1 AS "100%25"']
    assert activity.failure == "ERROR: no table"
    assert activity.values("prov:location") == ["https://tap.example.org/tap/async/abc"]
    assert activity.values("uws:plan") == ["seq"]
    assert "provlog:times" not in activity.attributes
    [upload] = [item.target for item in graph.relations["used"]]
    # As any log that names this URL has it.
    assert upload.values("dcterms:identifier") == ["https://example.org/t.vot"]
    assert graph.agents == {}


def test_the_same_id_on_two_servers_is_two_jobs(tmp_path: Path) -> None:
    other = tmp_path / "other.uws.xml"
    other.write_text(CRAB.read_text().replace("opus.example.org", "opus.example.com"))
    graph = provlog.read(CRAB, other)
    assert len(graph.activities) == 2
    assert len(graph.entities) == 16
    assert job("gammapy_crab/b213a3") in graph.activities


def test_a_list_of_jobs_and_its_jobs() -> None:
    listed = DATA / "gammapy_crab.joblist.xml"
    assert only(provlog.read(listed)).id == only(provlog.read(CRAB)).id
    assert only(provlog.read(listed, CRAB)).values("log:status") == ["COMPLETED"]


def test_jobs_that_used_one_file_are_linked() -> None:
    graph = provlog.read(CRAB, DATA / "test_activity_2-7d8c87.uws.xml")
    [use] = [item for item in graph.relations["used"] if item.target.label == "flux_points.csv"]
    assert use.source.label == "test_activity_2"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            f"{BOMB}{HEAD}><uws:jobId>&b;</uws:jobId></uws:job>",
            "document type declaration is refused",
        ),
        (
            f"{EXTERNAL}{HEAD}><uws:jobId>&a;</uws:jobId></uws:job>",
            "document type declaration is refused",
        ),
        (f"{HEAD}>" + "<a>" * 100_000, "nested deeper than 200"),
        (f"{HEAD}><uws:jobId>&undefined;</uws:jobId></uws:job>", "undefined entity"),
    ],
)
def test_hostile_documents_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "job.xml"
    path.write_text(content)
    result = run("convert", path, "--from", "uws")
    assert result.code == 3
    assert message in result.errors
    assert result.errors.count("\n") == 1


@pytest.mark.parametrize("body", ["", "<uws:jobId/>", "<uws:results><uws:result/></uws:results>"])
def test_an_empty_job_is_an_activity(tmp_path: Path, body: str) -> None:
    path = tmp_path / "job.xml"
    path.write_text(f"{HEAD}>{body}</uws:job>")
    assert len(provlog.read(path).activities) == 1


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_no_bytes_are_fatal(data: bytes) -> None:
    with suppress(InputError):
        parse_xml(data, "x.xml", Form("XML", ("a",)), lambda _: None)


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@given(texts.map(str.strip), st.booleans())
def test_round_trip_of_parameters(text: str, is_opus: bool) -> None:
    value = escape(quote_plus(text) if is_opus else text)
    marker = "<uws:jobInfo><process_id>1</process_id></uws:jobInfo>" if is_opus else ""
    document = (
        f'{HEAD}><uws:jobId>a</uws:jobId><uws:parameters><uws:parameter id="p">{value}</uws:parameter>'
        f"</uws:parameters>{marker}</uws:job>"
    )
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(document.encode())
        file.flush()
        assert only(provlog.read(file.name)).values("param:p") == ([text] if text else [])
