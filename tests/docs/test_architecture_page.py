"""docs/architecture.md names existing tables and files; tests/test_layout.py checks its layers."""

from __future__ import annotations

import re

import pytest

from tests.test_layout import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^\| `([A-Z_]+)` \| `(provlog/[\w/.]+)` \|", PAGE, re.MULTILINE)
PATHS = sorted(set(re.findall(r"`((?:provlog|tests|docs|sample_logs)/[\w/.]*)`", PAGE)))


def section(title: str) -> str:
    """Return the text of a section."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("path", PATHS)
def test_paths_exist(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("table", "path"), TABLES)
def test_tables_are_in_one_file(table: str, path: str) -> None:
    place = ROOT / path
    files = list(place.glob("*.py")) if place.is_dir() else [place]
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert sum(re.search(rf"^{table}\b", text, re.MULTILINE) is not None for text in texts) == 1


def test_the_page_names_tables_and_changes() -> None:
    assert len(TABLES) >= 10
    assert section("Where to change what").count("\n| ") > 10
