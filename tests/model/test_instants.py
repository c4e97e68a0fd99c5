"""Equal instants in any notation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.model.instants import instant, same_instant

zones = st.integers(-13 * 60, 13 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)).map(
    lambda time: time.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2024-03-11T20:00:00+00:00", "2024-03-11T20:00:00Z"),
        ("2024-03-11T20:00:00-00:00", "2024-03-11T20:00:00Z"),
        ("2024-03-11T20:00:00.5", "2024-03-11T20:00:00.500000"),
        ("2024-03-11T20:00:00.000", "2024-03-11T20:00:00"),
        ("2024-03-11T20:00:00.123456700", "2024-03-11T20:00:00.1234567"),
        ("2024-03-12T01:30:00+05:30", "2024-03-11T15:00:00-05:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00.0+14:00"),
    ],
)
def test_equal_instants(first: str, second: str) -> None:
    assert same_instant(first, second)
    assert same_instant(second, first)
    assert hash(instant(first)) == hash(instant(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2024-03-11T20:00:00+00:00", "2024-03-11T20:00:00+01:00"),
        ("2024-03-11T20:00:00Z", "2024-03-11T20:00:00"),
        ("2024-03-11T20:00:00.5", "2024-03-11T20:00:00.500001"),
        ("2024-03-11T20:00:00.1234567", "2024-03-11T20:00:00.1234568"),
        ("2024-03-11T20:00:00.123456", "2024-03-11T20:00:00.1234560001"),
    ],
)
def test_different_instants(first: str, second: str) -> None:
    assert not same_instant(first, second)


@given(moments, zones, zones)
def test_instants_do_not_depend_on_the_zone(
    moment: datetime, first: timezone, second: timezone
) -> None:
    one, other = (moment.astimezone(zone).isoformat() for zone in (first, second))
    assert same_instant(one, other)
    later = (moment + timedelta(microseconds=1)).astimezone(second).isoformat()
    assert not same_instant(one, later)
