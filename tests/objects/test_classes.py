"""Names, bases and variables of classes."""

from __future__ import annotations

from abc import ABC
from collections import Counter

import pytest

from provlog.objects.classes import cached_by_class, class_name


def equal_to(other: type) -> type:
    """Return a class that claims to be equal to all others, with the hash of one of them."""

    class Meta(type):
        def __eq__(cls, other: object) -> bool:
            return True

        def __hash__(cls) -> int:
            return type.__hash__(other)

    return Meta("Equal", (), {})


def test_a_class_that_equals_another_has_its_own_cache_entry() -> None:
    cached_name = cached_by_class(class_name)
    assert cached_name(equal_to(int)).endswith("Equal")
    assert cached_name(int) == "int"


@pytest.mark.parametrize("kind", [int, ABC, Counter])
def test_facts_of_ordinary_classes_are_found_once(kind: type) -> None:
    calls: list[type] = []
    cached = cached_by_class(calls.append)
    cached(kind)
    cached(kind)
    assert calls == [kind]
