"""Graphs without the descriptions that documents state."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.graphs.bundles import in_bundles
from tests.judges import judge
from tests.samples import SAMPLES

LOGS = ["provlog-gammapy.log", "logprov-selftest.log", "logprov-gammapy-rich80-unwrapped.log"]
VOPROV = sorted(Path("tests/data/ivoa").glob("voprov-*.json"))


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("suffix", ["json", "xml", "provn", "ttl", "jsonld", "vot"])
def test_removing_descriptions_from_a_document_equals_a_log_without_them(
    name: str, suffix: str, tmp_path: Path
) -> None:
    document = tmp_path / f"run.{suffix}"
    provlog.write(provlog.read(SAMPLES / name), document)
    bare = provlog.read(SAMPLES / name, descriptions=False)
    again = provlog.read(document, descriptions=False)
    assert again.to_prov() == bare.to_prov()
    assert not again.descriptions


def test_descriptions_of_bundles_are_removed(tmp_path: Path) -> None:
    log = SAMPLES / "provlog-gammapy.log"
    provlog.write(in_bundles(provlog.read(log)), tmp_path / "run.provn")
    bare = in_bundles(provlog.read(log, descriptions=False))
    assert provlog.read(tmp_path / "run.provn", descriptions=False).to_prov() == bare.to_prov()


def test_parameters_are_kept(tmp_path: Path) -> None:
    log = SAMPLES / "provlog-gammapy.log"
    provlog.write(provlog.read(log), tmp_path / "run.json", parameters="entities")
    graph = provlog.read(tmp_path / "run.json", descriptions=False)
    types = [name for entity in graph.entities.values() for name in entity.values("prov:type")]
    assert "voprov:Parameter" in types
    assert not any(name.endswith("Description") for name in types)


@pytest.mark.parametrize("path", VOPROV, ids=lambda path: path.name)
def test_documents_of_voprov_keep_all_but_descriptions(path: Path) -> None:
    whole, bare = provlog.read(path), provlog.read(path, descriptions=False)
    assert bare.activities.keys() == whole.activities.keys()
    assert bare.agents.keys() == whole.agents.keys()
    assert 0 < len(bare.entities) < len(whole.entities)
    assert len(bare.relations["used"]) == len(whole.relations["used"])
    text = bare.to_prov().get_provn()
    assert "Description" not in text
    assert "voprov:descriptor" not in text
    assert ("voprov:Collection" in text) == ("full" in path.name)
    judge(bare, ["provjson", "provxml", "provn"])


def test_a_relation_that_only_states_a_description_is_removed(tmp_path: Path) -> None:
    document = tmp_path / "draft.provn"
    document.write_text(
        "document\n"
        "  prefix ex <urn:ex:>\n"
        "  prefix voprov <http://www.ivoa.net/documents/ProvenanceDM/index.html#>\n"
        "  activity(ex:a)\n  agent(ex:me)\n"
        "  entity(ex:d, [prov:type='voprov:ActivityDescription'])\n"
        "  wasAssociatedWith(ex:a, -, ex:d)\n"
        '  wasAssociatedWith(ex:a, ex:me, ex:d, [prov:role="Operator"])\n'
        "endDocument\n",
        encoding="utf-8",
    )
    graph = provlog.read(document, descriptions=False)
    (relation,) = graph.relations["wasAssociatedWith"]
    assert (relation.target.id, relation.role) == ("ex:me", "Operator")
    assert "ex:d" not in graph.to_prov().get_provn()
