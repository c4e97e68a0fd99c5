"""Arguments bound to names, with positional-only parameters and keywords of the same name."""

from __future__ import annotations

from provlog.definitions.arguments import binder


def test_a_keyword_with_the_name_of_a_positional_only_parameter() -> None:
    def function(a: int = 0, /, b: int = 1, **others: int) -> None: ...

    bind = binder(function, is_method=False)
    assert bind((1,), {"a": 2, "b": 3}) == {"a": 1, "b": 3, "others": {"a": 2}}
    assert bind((), {"a": 2, "c": 4}) == {"a": 0, "b": 1, "c": 4, "others": {"a": 2}}
    assert bind((1,), {"c": 4}) == {"a": 1, "b": 1, "c": 4}


def test_the_object_of_a_method_is_omitted() -> None:
    def method(self: object, a: int, /, **others: int) -> None: ...

    bind = binder(method, is_method=True)
    assert bind((None, 1), {"a": 2, "c": 3}) == {"a": 1, "c": 3, "others": {"a": 2}}
