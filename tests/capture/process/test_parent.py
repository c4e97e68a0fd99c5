"""The activity that a program is a part of, as the environment names it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import provlog
from provlog.capture.process.environment import parent
from tests.capture import programs
from tests.readers.opus.test_uws import DATA, job, store

PROGRAM = """
    from pathlib import Path

    from provlog.capture import Capture

    capture = Capture(log="inside.log", hash=["sha256", "sha1"])

    @capture.trace
    def count(events: Path) -> Path:
        Path("counts.csv").write_text(str(events.read_text().count("event")))
        return Path("counts.csv")

    count(Path("events.csv"))
    """


def sha1(path: Path) -> str:
    return hashlib.sha1(path.read_bytes()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A job's work folder."""
    (tmp_path / "events.csv").write_text("event 1\\nevent 2\\n")
    return tmp_path


def run(folder: Path, **environment: str) -> Path:
    result = programs.run(folder, PROGRAM, **environment)
    assert result.returncode == 0, result.stderr
    return folder / "inside.log"


@pytest.mark.parametrize(
    "environment",
    [
        {"PROVLOG_PARENT": "e01c78"},
        {"PROVLOG_PARENT": "https://opus.example.org/rest/count_events/e01c78"},
        {"jd": "/var/opt/opus/jobdata/e01c78/"},
    ],
)
def test_a_program_is_linked_to_its_job(folder: Path, environment: dict[str, str]) -> None:
    log = run(folder, **environment)
    text = (DATA / "count_events-e01c78.uws.xml").read_text()
    document = folder / "job.uws.xml"
    document.write_text(
        text.replace("f6b79c9ca25ec2b7cd463105f5b62cd88927a497", sha1(folder / "counts.csv"))
    )
    graph = provlog.read(document, log)
    [session] = graph.sessions.values()
    parts = {
        item.target.id for item in graph.relations["wasInfluencedBy"] if item.source is session
    }
    assert parts == {job("count_events/e01c78")}
    [derived] = [
        item for item in graph.relations["wasDerivedFrom"] if item.source.id == store("7bafc1")
    ]
    assert derived.target.values("log:sha1") == [sha1(folder / "counts.csv")]
    assert derived.target.values("log:hash_type") == ["sha256"]


def test_a_program_of_its_own_has_no_parent(folder: Path) -> None:
    graph = provlog.read(run(folder, PROVLOG_PARENT="", jd="/data/jd/5"))
    [session] = graph.sessions.values()
    assert "log:in_activity" not in session.attributes


def test_a_secret_in_the_name_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVLOG_PARENT", "https://me:s3cret@example.org/jobs/5")
    assert "s3cret" not in str(parent())
