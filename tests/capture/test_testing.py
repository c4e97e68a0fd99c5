"""Testing what a program records."""

from __future__ import annotations

import pytest

from provlog.capture import Capture
from provlog.capture.testing import recorded


def test_only_calls_in_the_block_are_collected(capture: Capture) -> None:
    @capture.trace
    def fit(data: list[float], *, order: int = 1) -> list[float]:
        return [sum(data) * order]

    data = fit([1.5])
    with recorded(capture) as run:
        assert run.calls("fit") == []
        fit(data, order=2)
        with capture.activity("block") as block:
            block.parameter("late", 5)
    call = run.call("fit")
    assert call.parameters == {"order": 2}
    assert call.used["data"].label == "list"
    assert call.generated.keys() == {"result"}
    assert call.failure is None
    assert run.call("block").parameters == {"late": 5}
    assert len(run.calls("fit")) == 1
    assert len(run.graph.relations["used"]) == 1


def test_failures_are_recorded_and_propagate(capture: Capture) -> None:
    @capture.trace
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), recorded(capture) as run:
        fail()
    assert run.call("fail").failure == "failed: ZeroDivisionError"


def test_a_call_that_is_missing_or_repeated_is_an_assertion_error(capture: Capture) -> None:
    with recorded(capture) as run:
        for _ in range(2):
            with capture.activity("twice"):
                pass
    with pytest.raises(AssertionError, match="0 activities have the name 'absent', not one"):
        run.call("absent")
    with pytest.raises(AssertionError, match="2 activities have the name 'twice', not one"):
        run.call("twice")


def test_a_disabled_capture_records_nothing(capture: Capture) -> None:
    capture.enabled = False
    with recorded(capture) as run, capture.activity("block") as block:
        block.parameter("n", 5)
    assert run.graph.activities == {}
