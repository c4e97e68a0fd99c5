"""PL411 to PL414: identifiers that only documents give to relations."""

from __future__ import annotations

from pathlib import Path

import pytest

from provlog.api import check
from tests.checks.test_events import codes

BROKEN = {
    (23, "PL411"): ["used(ex:u; ex:a, ex:e, -) used(ex:u; ex:b, ex:e, -)",
                    "wasAssociatedWith(ex:u; ex:a, ex:g, ex:p) wasAssociatedWith(ex:u; ex:a, ex:g, ex:q)",
                    "wasInfluencedBy(ex:u; ex:a, ex:e) wasInfluencedBy(ex:u; ex:a, ex:f)"],
    (53, "PL411"): ["used(ex:u; ex:a, ex:e, -) wasGeneratedBy(ex:u; ex:f, ex:a, -)",
                    "wasAttributedTo(ex:u; ex:e, ex:g) wasInvalidatedBy(ex:u; ex:e, ex:a, -)"],
    (54, "PL411"): ["entity(ex:u) used(ex:u; ex:a, ex:e, -)",
                    "agent(ex:u) wasDerivedFrom(ex:u; ex:e, ex:f, -, -, -)"],
    (24, "PL412"): ["wasGeneratedBy(ex:g1; ex:e, ex:a, -) wasGeneratedBy(ex:g2; ex:e, ex:a, -)"],
    (25, "PL412"): ["wasInvalidatedBy(ex:i1; ex:e, ex:a, -) wasInvalidatedBy(ex:i2; ex:e, ex:a, -)"],
    (26, "PL412"): ["wasStartedBy(ex:s1; ex:a, -, ex:b, -) wasStartedBy(ex:s2; ex:a, -, ex:b, -)",
                    "wasStartedBy(ex:a, ex:e, ex:b, -) wasStartedBy(ex:a, ex:f, ex:b, -)"],
    (27, "PL412"): ["wasEndedBy(ex:s1; ex:a, -, ex:b, -) wasEndedBy(ex:s2; ex:a, -, ex:b, -)",
                    "wasEndedBy(ex:a, ex:e, ex:b, -) wasEndedBy(ex:a, ex:f, ex:b, -)"],
    (23, "PL413"): ["wasGeneratedBy(ex:g; ex:e, ex:a, -) wasDerivedFrom(ex:f, ex:s, ex:a, ex:g, -)",
                    "wasGeneratedBy(ex:g; ex:e, ex:b, -) wasDerivedFrom(ex:e, ex:s, ex:a, ex:g, -)",
                    "used(ex:u; ex:a, ex:r, -) wasDerivedFrom(ex:e, ex:s, ex:a, -, ex:u)",
                    "used(ex:u; ex:a, ex:s, -) wasDerivedFrom(ex:e, ex:s, ex:a, ex:u, -)"],
    (51, "PL413"): ["wasDerivedFrom(ex:e, ex:s, -, ex:g, -)", "wasDerivedFrom(ex:e, ex:s, -, -, ex:u)"],
    (55, "PL407"): ["used(ex:b, ex:a, -)", "activity(ex:f) wasDerivedFrom(ex:e, ex:f)"],
    (56, "PL414"): ["entity(ex:c, [prov:type='prov:EmptyCollection']) hadMember(ex:c, ex:e)"],
}  # fmt: skip
"""For each constraint and its code statements that break it."""

VALID = [
    "used(ex:u; ex:a, ex:e, -) used(ex:u; ex:a, ex:e, -)",
    "wasGeneratedBy(ex:g; ex:e, -, -) wasGeneratedBy(ex:g; ex:e, ex:a, -)",
    "wasDerivedFrom(ex:d; ex:e, ex:f, -, -, -) wasInfluencedBy(ex:d; ex:e, ex:f)",
    "wasGeneratedBy(ex:g1; ex:e, -, -) wasGeneratedBy(ex:g2; ex:e, -, -)",
    "wasStartedBy(ex:s1; ex:a, ex:e, -, -) wasStartedBy(ex:s2; ex:a, ex:f, -, -)",
    "used(ex:u1; ex:a, ex:e, -) used(ex:u2; ex:a, ex:e, -)",
    "used(ex:u; ex:a, ex:s, -) wasGeneratedBy(ex:g; ex:e, ex:a, -) wasDerivedFrom(ex:e, ex:s, ex:a, ex:g, ex:u)",
    "entity(ex:c, [prov:type='prov:Collection']) hadMember(ex:c, ex:e)",
    "agent(ex:e)",
    "agent(ex:a)",
]
CASES = [(code, statements) for (_, code), held in BROKEN.items() for statements in held]


@pytest.mark.parametrize(("code", "statements"), CASES)
def test_statements_that_break_a_constraint_are_reported(
    tmp_path: Path, code: str, statements: str
) -> None:
    assert set(codes(tmp_path, statements)) == {code}


@pytest.mark.parametrize("statements", VALID)
def test_valid_statements_are_not_reported(tmp_path: Path, statements: str) -> None:
    assert codes(tmp_path, statements) == []


@pytest.mark.parametrize(("code", "statements"), CASES)
def test_the_statements_of_a_bundle_are_checked_on_their_own(
    tmp_path: Path, code: str, statements: str
) -> None:
    path = tmp_path / "a.provn"
    lines = statements.replace(") ", ")\n")
    path.write_text(
        "document\nprefix ex <http://example.org/>\nactivity(ex:a)\n"
        f"bundle ex:night\nactivity(ex:a)\n{lines}\nendBundle\nendDocument\n"
    )
    found = [held for held in check(path) if held.code.startswith("PL4")]
    assert {held.code for held in found} == {code}
    assert all(held.message.startswith("in bundle 'ex:night': ") for held in found)


def test_bundles_do_not_contradict_each_other(tmp_path: Path) -> None:
    """Each bundle is validated on its own (section 7.2)."""
    path = tmp_path / "a.provn"
    path.write_text(
        "document\nprefix ex <http://example.org/>\nused(ex:u; ex:a, ex:e, -)\n"
        "bundle ex:night\nused(ex:u; ex:b, ex:e, -)\nendBundle\nendDocument\n"
    )
    assert not [found for found in check(path) if found.code.startswith("PL4")]
