"""The terms of PROV-O."""

from __future__ import annotations

import pytest
from rdflib import PROV

from provlog.model.ontology import CLASSES, DERIVED, QUALIFIED, RESOURCES, Qualified, qualified_by
from provlog.model.relations import RELATIONS

_NOT_QUALIFIED = {"specializationOf", "alternateOf", "mentionOf", "hadMember"}


def known(name: str) -> bool:
    return str(PROV) + name.removeprefix("prov:") in PROV


@pytest.mark.parametrize(("kind", "terms"), QUALIFIED.items(), ids=QUALIFIED)
def test_the_terms_of_a_relation_are_those_of_the_ontology(kind: str, terms: Qualified) -> None:
    assert known(terms.simple)
    assert known(terms.qualified) == (kind not in _NOT_QUALIFIED)
    assert known(terms.term) == (kind not in _NOT_QUALIFIED)
    assert known(terms.target)
    assert all(map(known, terms.arguments.values()))
    assert len(terms.arguments) == len(RELATIONS[kind].formals) - 2


def test_classes_and_properties_are_those_of_the_ontology() -> None:
    assert all(known(name) for classes in CLASSES.values() for name in classes)
    assert all(known(name) for pair in RESOURCES.values() for name in pair)
    assert all(known(name) for name in (*DERIVED, *DERIVED.values(), *map(qualified_by, DERIVED)))
