"""Small logs that another program wrapped or broke, each beside the bare log."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from tests.readers.log.wrappers.comparing import facts
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
