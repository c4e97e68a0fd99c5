"""Every command reads documents from other programs."""

from __future__ import annotations

from pathlib import Path

import prov
import pytest
from click.testing import CliRunner

from provlog.cli import main

FOLDER = Path(prov.__file__).parent / "tests"
DOCUMENTS = sorted(
    [
        *FOLDER.glob("unification/*.json"),
        *(FOLDER / "json").glob("*1.json"),
        *(FOLDER / "xml").glob("*.xml"),
        *(FOLDER / "provn").glob("*.provn"),
        *(FOLDER / "jsonld").glob("*.jsonld"),
    ]
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
@pytest.mark.parametrize(
    "command", [["show"], ["check"], ["convert", "-f", "provn"], ["graph", "-f", "dot"]], ids=str
)
def test_a_command_reads_a_foreign_document(command: list[str], path: Path) -> None:
    result = CliRunner().invoke(main, [command[0], str(path), *command[1:]])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in {0, 1, 2, 3}


@pytest.mark.parametrize("command", ["show", "check", "convert", "graph"])
def test_an_entity_used_as_an_activity_is_both(command: str, tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(
        '{"prefix": {"ex": "https://example.org/"}, "entity": {"ex:a": {}, "ex:e": {}},'
        ' "wasGeneratedBy": {"_:g": {"prov:entity": "ex:e", "prov:activity": "ex:a"}},'
        ' "used": {"_:u": {"prov:entity": "ex:e", "prov:activity": "ex:a"}}}'
    )
    options = {"convert": ["-f", "provn"], "graph": ["-f", "dot"]}.get(command, [])
    result = CliRunner().invoke(main, [command, str(path), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit)
