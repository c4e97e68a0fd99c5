"""Expressions of definition files, which refer to values of the running program.

An expression is a name followed by steps: ``config.observations.datastore``,
``datasets[0]``, ``location(hdu_type="events").path()``. It is parsed when the definitions
are loaded and followed step by step in the running program. It is never evaluated as
code: arguments and indices are literals, and names that lead to a function's globals or
to Python's internals are refused. But it calls the methods that it names, so trust a
definition file like the program itself.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from provlog.objects.signals import reraise_from_signal
from provlog.patterns import regex

__all__ = [
    "Call", "Expression", "ExpressionError", "Index", "Member", "Step", "UnresolvedError", "member",
    "parse",
]  # fmt: skip

MAX_LENGTH = 1000
MAX_DEPTH = 20

# Python's keywords are allowed as names, and keys of a mapping may have hyphens.
_NAME = regex(r"[^\W\d]\w*(?:-\w+)*")
_KEYWORD = regex(r"\s*([^\W\d]\w*)\s*=(?!=)\s*")
# The tokens needed to find the end of an argument: a string, also an unclosed one, or a character.
_TOKEN = regex(r"""'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"|['"].*|.""", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# Special names are refused, except those that return texts and numbers.
_SPECIAL = regex(r"__.*__")
_HARMLESS = frozenset({
    "__doc__", "__file__", "__float__", "__fspath__", "__int__", "__len__", "__module__",
    "__name__", "__qualname__", "__repr__", "__str__", "__version__",
})  # fmt: skip
# Attributes of frames, which generators expose.
_OF_FRAMES = frozenset({"f_builtins", "f_globals", "f_locals"})


class ExpressionError(ValueError):
    """A text is not a valid expression.

    Attributes
    ----------
    offset : int
        The index of the first invalid character.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} at character {offset + 1}")
        self.offset = offset


class UnresolvedError(LookupError):
    """An expression has no value. Callers handle it; it never reaches users."""


class Member(Struct, frozen=True):
    """The step ``.name`` to an item or attribute."""

    name: str

    def take(self, value: Any) -> Any:
        """Return the item or attribute of a value."""
        return member(value, self.name)


class Index(Struct, frozen=True):
    """The step ``[key]`` to an item."""

    key: Any

    def take(self, value: Any) -> Any:
        """Return the item of a value."""
        try:
            return value[self.key]
        except Exception as error:
            raise UnresolvedError(_failed(f"[{self.key!r}]", value, error)) from error


class Call(Struct, frozen=True):
    """The step ``(*args, **kwargs)`` to the result of a call."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}

    def take(self, value: Any) -> Any:
        """Call a value, and return the result."""
        try:
            return value(*self.args, **self.kwargs)
        except Exception as error:
            raise UnresolvedError(_failed("a call", value, error)) from error


Step = Member | Index | Call


class Expression(Struct, frozen=True):
    """A parsed expression.

    Parameters
    ----------
    text : str
        The text.
    name : str
        The first name.
    steps : tuple of Step
        The steps after the name.
    """

    text: str
    name: str
    steps: tuple[Step, ...] = ()

    def follow(self, start: Callable[[str], Any]) -> Any:
        """Return the value of the expression.

        It reads only the attributes and items in the expression, each once.

        Parameters
        ----------
        start : callable
            Returns the value of the first name.

        Raises
        ------
        UnresolvedError
            If the expression cannot be resolved, for any reason.

        Examples
        --------
        >>> parse("config.sizes[-1].bit_length()").follow({"config": {"sizes": [5, 9]}}.get)
        4
        """
        try:
            value = start(self.name)
        except UnresolvedError:
            raise
        except Exception as error:
            reraise_from_signal(error)
            raise UnresolvedError(f"{self.name!r} raised {type(error).__name__}") from error
        for step in self.steps:
            value = step.take(value)
        return value


def member(value: Any, name: str) -> Any:
    """Return the item of a mapping that has the key, otherwise the attribute of an object.

    Raises
    ------
    UnresolvedError
        If the object has neither.

    Examples
    --------
    >>> member({"stack-datasets": True}, "stack-datasets"), member(3 + 4j, "imag")
    (True, 4.0)
    """
    try:
        # `isinstance` would run the object's own `__class__` property.
        kind = type(value)
        if (issubclass(kind, dict) or issubclass(kind, Mapping)) and name in value:
            return value[name]
        return getattr(value, name)
    except AttributeError as error:
        raise UnresolvedError(f"{type(value).__name__!r} object has no {name!r}") from error
    except Exception as error:
        raise UnresolvedError(_failed(repr(name), value, error)) from error


def _failed(step: str, value: Any, error: Exception) -> str:
    reraise_from_signal(error)
    # Without the text of the error, which may be of any length and may itself raise.
    return f"{step} of a {type(value).__name__!r} object raised {type(error).__name__}"


def parse(text: str) -> Expression:
    """Parse an expression.

    Raises
    ------
    ExpressionError
        If the text is not a valid expression.

    Examples
    --------
    >>> parse("location(hdu_type='events').path").steps
    (Call(args=(), kwargs={'hdu_type': 'events'}), Member(name='path'))
    >>> parse("a..b")
    Traceback (most recent call last):
    provlog.definitions.expressions.ExpressionError: a name is expected at character 3
    >>> parse("f.__globals__")
    Traceback (most recent call last):
    provlog.definitions.expressions.ExpressionError: '__globals__' is not allowed in an expression
    at character 3
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"expression longer than {MAX_LENGTH} characters", MAX_LENGTH)
    name, offset = _name(text, 0)
    steps: list[Step] = []
    while offset < len(text):
        parse_step = _STEPS.get(text[offset])
        if parse_step is None:
            raise ExpressionError(".name, [literal] or (literals) is expected", offset)
        step, offset = parse_step(text, offset)
        steps.append(step)
    return Expression(text, name, tuple(steps))


def _name(text: str, offset: int) -> tuple[str, int]:
    match = _NAME.match(text, offset)
    if match is None:
        raise ExpressionError("a name is expected", offset)
    if _is_internal(match[0]):
        raise ExpressionError(f"{match[0]!r:.100} is not allowed in an expression", offset)
    return match[0], match.end()


def _is_internal(name: str) -> bool:
    is_special = _SPECIAL.fullmatch(name) is not None and name not in _HARMLESS
    return is_special or name in _OF_FRAMES


def _member(text: str, offset: int) -> tuple[Step, int]:
    name, end = _name(text, offset + 1)
    return Member(name), end


def _index(text: str, offset: int) -> tuple[Step, int]:
    end = _closing(text, offset)
    return Index(_literal(text, offset + 1, end)), end + 1


def _call(text: str, offset: int) -> tuple[Step, int]:
    end = _closing(text, offset)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for start, stop in _arguments(text, offset + 1, end):
        keyword = _KEYWORD.match(text, start, stop)
        if keyword is None:
            if kwargs:
                raise ExpressionError("positional argument after a keyword argument", start)
            args.append(_literal(text, start, stop))
        elif keyword[1] in kwargs:
            raise ExpressionError(f"argument {keyword[1]!r} is given twice", start)
        else:
            kwargs[keyword[1]] = _literal(text, keyword.end(), stop)
    return Call(tuple(args), kwargs), end + 1


_STEPS: dict[str, Callable[[str, int], tuple[Step, int]]] = {
    ".": _member, "[": _index, "(": _call,
}  # fmt: skip


def _tokens(text: str, offset: int) -> Iterator[tuple[int, str, int]]:
    """Yield the tokens from a bracket to its end: nesting depth, token and index."""
    open_brackets: list[str] = []
    for token in _TOKEN.finditer(text, offset):
        if token[0] in _CLOSING:
            open_brackets.append(_CLOSING[token[0]])
            if len(open_brackets) > MAX_DEPTH:
                raise ExpressionError(f"brackets nested deeper than {MAX_DEPTH}", token.start())
        elif token[0] in _CLOSING.values() and token[0] != open_brackets.pop():
            raise ExpressionError(f"{token[0]!r} does not match its bracket", token.start())
        yield len(open_brackets), token[0], token.start()
        if not open_brackets:
            return
    raise ExpressionError(f"{text[offset]!r} is not closed", offset)


def _closing(text: str, offset: int) -> int:
    *_, (_, _, end) = _tokens(text, offset)
    return end


def _arguments(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each argument of a call."""
    if not text[start:end].strip():
        return
    for depth, found, offset in _tokens(text, start - 1):
        if depth == 1 and found == ",":
            yield start, offset
            start = offset + 1
    yield start, end


def _literal(text: str, start: int, end: int) -> Any:
    """Return the value of a literal."""
    try:
        # Python warns about escapes such as "\d", with a line number that is meaningless here.
        with warnings.catch_warnings(action="ignore"):
            return ast.literal_eval(text[start:end].strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ExpressionError('a literal such as 3 or "text" is expected', start) from error
