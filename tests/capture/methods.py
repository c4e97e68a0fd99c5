"""A class with methods of all kinds, which return what they see on the stack."""

from __future__ import annotations

import functools
import sys
import traceback
from typing import Any


def names_on_stack() -> list[str]:
    """Return the names of the functions on the stack, from the caller's to that of the test."""
    names = [frame.f_code.co_name for frame, _ in traceback.walk_stack(sys._getframe(1))]
    return names[: next(number for number, name in enumerate(names) if name.startswith("test_"))]


def class_with_methods() -> Any:
    """Return a new class with methods of all kinds."""

    class Kind:
        def method(self) -> list[str]:
            return names_on_stack()

        @classmethod
        def of_class(cls) -> list[str]:
            return names_on_stack()

        @staticmethod
        def static() -> list[str]:
            return names_on_stack()

        @property
        def value(self) -> list[str]:
            return names_on_stack()

        @functools.lru_cache  # noqa: B019
        def cached(self) -> list[str]:
            return names_on_stack()

        def fails(self, key: str) -> None:
            raise KeyError(key)

        def __call__(self) -> list[str]:
            return self.method()

    return Kind
