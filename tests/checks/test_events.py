"""PL409 and PL410: constraints that only documents can break."""

from __future__ import annotations

from pathlib import Path

import pytest

from provlog.api import check

T1, T2 = "2020-01-01T00:00:00.5Z", "2020-01-02T00:00:00.5Z"
DOCUMENTS = {
    31: f"activity(ex:a, {T1}, -) wasStartedBy(ex:a, -, -, {T2})",
    32: f"activity(ex:a, -, {T1}) wasEndedBy(ex:a, -, -, {T2})",
    33: f"activity(ex:a, {T2}, -) used(ex:a, ex:e, {T1})",
    34: f"activity(ex:a, -, {T1}) wasGeneratedBy(ex:e, ex:a, {T2})",
    35: f"wasInformedBy(ex:b, ex:a) wasStartedBy(ex:a, ex:t, -, {T2}) wasEndedBy(ex:b, ex:u, -, {T1})",
    36: f"wasGeneratedBy(ex:e, ex:a, {T2}) wasInvalidatedBy(ex:e, ex:b, {T1})",
    37: f"wasGeneratedBy(ex:e, ex:a, {T2}) used(ex:b, ex:e, {T1})",
    38: f"used(ex:b, ex:e, {T2}) wasInvalidatedBy(ex:e, ex:c, {T1})",
    39: f"wasGeneratedBy(ex:e, ex:a, {T1}) wasGeneratedBy(ex:e, ex:a, {T2})",
    40: f"wasInvalidatedBy(ex:e, ex:a, {T1}) wasInvalidatedBy(ex:e, ex:b, {T2})",
    42: f"wasDerivedFrom(ex:e, ex:s) wasGeneratedBy(ex:s, ex:a, {T2}) wasGeneratedBy(ex:e, ex:b, {T1})",
    43: f"wasGeneratedBy(ex:t, ex:b, {T2}) wasStartedBy(ex:a, ex:t, -, {T1})",
    44: f"wasGeneratedBy(ex:t, ex:b, {T2}) wasEndedBy(ex:a, ex:t, -, {T1})",
    45: f"specializationOf(ex:e, ex:g) wasGeneratedBy(ex:g, ex:a, {T2}) wasGeneratedBy(ex:e, ex:b, {T1})",
    46: f"specializationOf(ex:e, ex:g) wasInvalidatedBy(ex:e, ex:a, {T2}) wasInvalidatedBy(ex:g, ex:b, {T1})",
}


def codes(folder: Path, statements: str) -> list[str]:
    path = folder / "a.provn"
    elements = "entity(ex:e)" if "activity(" in statements else "entity(ex:e) activity(ex:a)"
    path.write_text(
        f"document\nprefix ex <http://example.org/>\n{elements}\n"
        + statements.replace(") ", ")\n")
        + "\nendDocument\n"
    )
    return [found.code for found in check(path) if found.code.startswith("PL4")]


@pytest.mark.parametrize("number", DOCUMENTS)
def test_an_impossible_order_is_found(tmp_path: Path, number: int) -> None:
    """Each constraint is broken by one order of the times and kept by the other, unless they must be equal."""
    assert "PL409" in codes(tmp_path, DOCUMENTS[number])
    if number not in (31, 32, 39, 40):
        swapped = DOCUMENTS[number].replace(T1, "@").replace(T2, T1).replace("@", T2)
        assert "PL409" not in codes(tmp_path, swapped)


def test_a_specialization_of_itself_is_found(tmp_path: Path) -> None:
    assert codes(tmp_path, "specializationOf(ex:e, ex:e)") == ["PL410"]
    assert codes(tmp_path, "specializationOf(ex:e, ex:f) specializationOf(ex:f, ex:e)") == ["PL410"]
    assert codes(tmp_path, "specializationOf(ex:e, ex:f)") == []
