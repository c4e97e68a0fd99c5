"""Small logs that another program wrapped or broke, each beside the bare log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import provlog
from tests.readers.log.wrappers.comparing import assert_same_or_reported, facts
from tests.samples import codes

WRAPPED = Path(__file__).with_name("wrapped")
BARE = sorted(WRAPPED.glob("*.twin.log"))


def wrapped_of(bare: Path) -> Path:
    name = bare.name.removesuffix(".twin.log")
    (path,) = (path for path in WRAPPED.glob(f"{name}.*") if path != bare)
    return path


@pytest.mark.parametrize("bare", BARE, ids=lambda path: path.name.removesuffix(".twin.log"))
def test_a_wrapped_log_gives_the_graph_of_the_bare_log(bare: Path) -> None:
    graph = provlog.read(wrapped_of(bare))
    assert facts(graph) == facts(provlog.read(bare))
    assert set(codes(graph)) <= {"PL012", *codes(provlog.read(bare)), "PL111"}


def test_there_are_wrapped_logs() -> None:
    assert len(BARE) == 13


def test_text_of_another_program_is_reported_and_left_out() -> None:
    graph = provlog.read(WRAPPED / "q1-foreign-text-in-a-record.findings.log")
    assert codes(graph) == ["PL110"]
    activity = next(one for one in graph.activities.values() if one.label == "select_events")
    parameters = {name for name in activity.attributes if name.startswith("param:")}
    assert parameters == {"param:lo", "param:n"}


TOOLS = Path(__file__).with_name("tools")
MADE = sorted({*TOOLS.glob("*.log"), *TOOLS.glob("*.csv")} - {TOOLS / "bare.twin.log"})


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.name)
def test_what_real_tools_make_of_a_log(path: Path) -> None:
    assert_same_or_reported(TOOLS / "bare.twin.log", path)
    # fmt joins lines and loses which of them were separate.
    if path.name != "fmt-80.log":
        assert facts(provlog.read(path)) == facts(provlog.read(TOOLS / "bare.twin.log"))
        assert set(codes(provlog.read(path))) <= {"PL012", "PL107"}


def test_there_are_logs_of_real_tools() -> None:
    assert len(MADE) == 11


def test_the_losses_in_the_documentation_name_tests_that_exist() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "wrappers.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`(test_\w+)`", page))
    tests = "".join(path.read_text(encoding="utf-8") for path in root.glob("tests/**/test_*.py"))
    assert len(names) >= 8
    assert [name for name in sorted(names) if f"def {name}(" not in tests] == []
