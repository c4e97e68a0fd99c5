"""One file with several digests."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import provlog
from provlog.model.digests import ALGORITHMS, algorithm_of


def digest(content: str, algorithm: str) -> str:
    return hashlib.new(algorithm, content.encode()).hexdigest()


def record(activity: str, relation: str, content: str, *algorithms: str) -> str:
    first, *others = algorithms
    known = digest(content, first)
    more = "".join(f", 'entity_{name}': {digest(content, name)!r}" for name in others)
    return (
        f"_PROV_2026-01-01T00:00:00_PROV_{{'activity_id': '{activity}', 'activity_name': '{activity}'}}\n"
        f"_PROV_2026-01-01T00:00:00_PROV_{{'entity_id': '{known}', 'entity_hash': '{known}', "
        f"'entity_hash_type': '{first}'{more}}}\n"
        f"_PROV_2026-01-01T00:00:00_PROV_{{'activity_id': '{activity}', '{relation}_id': '{known}'}}\n"
    )


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_common_digest_is_the_same_file(tmp_path: Path, is_reversed: bool) -> None:
    logs = [tmp_path / name for name in ("a.log", "b.log", "c.log", "d.log")]
    for log, line in zip(
        logs,
        (
            record("make", "generated", "data", "sha256", "sha1"), record("read", "used", "data", "sha1"),
            record("check", "used", "data", "md5", "sha1"), record("other", "used", "else", "sha1"),
        ),
        strict=True,
    ):  # fmt: skip
        log.write_text(line)
    graph = provlog.read(*(reversed(logs) if is_reversed else logs))
    assert len(graph.entities) == 2
    [made] = graph.relations["wasGeneratedBy"]
    users = {item.source.label for item in graph.relations["used"] if item.target is made.source}
    assert users == {"read", "check"}
    known = {digest("data", algorithm) for algorithm in ("sha256", "sha1", "md5")}
    assert {*made.source.values("dcterms:identifier")} == known


def test_a_chain_of_digests(tmp_path: Path) -> None:
    pairs = [("sha512", "sha384"), ("md5", "sha1"), ("sha224", "sha256"), ("sha256", "md5"),
             ("sha384", "sha224")]  # fmt: skip
    log = tmp_path / "run.log"
    log.write_text("".join(record(a, "used", "data", a, b) for a, b in pairs))
    assert len(provlog.read(log).entities) == 1


def test_entities_with_one_digest_each_stay_separate(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text(record("a", "used", "data", "sha1") + record("b", "used", "data", "sha256"))
    assert len(provlog.read(log).entities) == 2


@pytest.mark.parametrize("algorithm", ALGORITHMS.values())
def test_the_length_identifies_the_algorithm(algorithm: str) -> None:
    assert algorithm_of(digest("x", algorithm).upper()) == algorithm
    assert algorithm_of(digest("x", algorithm)[:-1] + "g") is None
