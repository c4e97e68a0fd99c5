"""Write many statements, by the compiled module if there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from provlog.compiled import compiled
from provlog.model.graph import Relation
from provlog.writers.pieces import pieces

__all__ = ["element_pieces", "relation_pieces"]


def element_pieces(
    elements: Iterable[Any],
    write: Callable[[Any], str],
    escape: Callable[[str], str],
    separator: str = "",
) -> Iterator[str]:
    """Yield the statements of elements of one class, joined into pieces.

    Parameters
    ----------
    elements : iterable of Element
        The elements.
    write : callable
        Returns the statement of an element. The id and the times appear in it as they are, and
        the value of an attribute as ``escape`` returns it.
    escape : callable
        Returns a value in the spelling of the format. Letters, digits, blanks and other ASCII
        characters except ``"&<>\\`` and the control characters stay as they are.
    separator : str, optional
        The text between two statements.

    Examples
    --------
    >>> from provlog.model.graph import Entity
    >>> "".join(element_pieces([Entity("ex:a", {}), Entity("ex:b", {})], lambda e: e.id, str, ", "))
    'ex:a, ex:b'
    """
    if (fast := _compiled()) is None:
        return pieces(map(write, elements), separator)
    statements: Iterator[str] = fast.elements(iter(elements), write, escape, separator)
    return statements


def relation_pieces(
    relations: Iterable[Relation],
    write: Callable[[Any, Any], str | None],
    separator: str = "",
) -> Iterator[str]:
    """Yield the statements of relations of one kind, joined into pieces.

    Parameters
    ----------
    relations : iterable of Relation
        The relations.
    write : callable
        Returns the statement of a relation, given its number, counted from 1; ``None`` to omit
        it. The number and the names of a plain relation appear in it as they are.
    separator : str, optional
        The text between two statements.
    """
    if (fast := _compiled()) is None:
        written = (write(relation, number) for number, relation in enumerate(relations, 1))
        return pieces((line for line in written if line is not None), separator)
    statements: Iterator[str] = fast.relations(iter(relations), write, separator)
    return statements


@cache
def _compiled() -> Any:
    return compiled("provlog.writers._fast")
