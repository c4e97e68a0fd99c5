"""The expressions of definition files: which value of the running program is meant.

An expression is a name and what follows it: ``config.observations.datastore``,
``datasets[0]``, ``location(hdu_type="events").path()``. It is taken apart when the
definitions are loaded, and followed step by step in the running program; nothing
is ever evaluated as code, arguments and indices are literals. A method that it
names is called, though: definitions are to be trusted like the program itself. Names
that lead behind it, to the globals of a function or to what Python has built in, are none.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from provlog.objects.signals import reraise_from_signal

__all__ = [
    "Call", "Expression", "ExpressionError", "Index", "Member", "Step", "UnresolvedError", "member",
    "parse",
]  # fmt: skip

MAX_LENGTH = 1000
MAX_DEPTH = 20

# Keywords are names here, and a key of a mapping may have hyphens.
_NAME = re.compile(r"[^\W\d]\w*(?:-\w+)*")
_KEYWORD = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)\s*")
# What an argument is made of, as far as its end has to be found; a text may have none.
_PIECE = re.compile(r"""'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"|['"].*|.""", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# Of the names that Python gives a meaning of its own, those of texts and numbers.
_SPECIAL = re.compile(r"__.*__")
_HARMLESS = frozenset({
    "__doc__", "__file__", "__float__", "__fspath__", "__int__", "__len__", "__module__",
    "__name__", "__qualname__", "__repr__", "__str__", "__version__",
})  # fmt: skip
# Where a frame, such as that of a generator, has its names.
_OF_FRAMES = frozenset({"f_builtins", "f_globals", "f_locals"})


class ExpressionError(ValueError):
    """A text is no expression.

    Attributes
    ----------
    offset : int
        Where in the text it goes wrong.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} at character {offset + 1}")
        self.offset = offset


class UnresolvedError(LookupError):
    """An expression leads to nothing; for who follows it, not for users."""


class Member(Struct, frozen=True):
    """The step to an item or attribute: ``.name``."""

    name: str

    def take(self, value: Any) -> Any:
        """Return what the step leads to."""
        return member(value, self.name)


class Index(Struct, frozen=True):
    """The step to an item: ``[key]``."""

    key: Any

    def take(self, value: Any) -> Any:
        """Return what the step leads to."""
        try:
            return value[self.key]
        except Exception as error:
            raise UnresolvedError(_failed(f"[{self.key!r}]", value, error)) from error


class Call(Struct, frozen=True):
    """The step to what is returned: ``(*args, **kwargs)``."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}

    def take(self, value: Any) -> Any:
        """Return what the step leads to."""
        try:
            return value(*self.args, **self.kwargs)
        except Exception as error:
            raise UnresolvedError(_failed("a call", value, error)) from error


Step = Member | Index | Call


class Expression(Struct, frozen=True):
    """An expression that was taken apart.

    Parameters
    ----------
    text : str
        As it was written.
    name : str
        The first name; where it is looked for, who follows the expression says.
    steps : tuple of Step
        What follows the name.
    """

    text: str
    name: str
    steps: tuple[Step, ...] = ()

    def follow(self, start: Callable[[str], Any]) -> Any:
        """Return the value that is meant.

        Nothing is read but what the expression names, and that once.

        Parameters
        ----------
        start : callable
            Returns the value of the first name.

        Raises
        ------
        UnresolvedError
            If there is no such value, whatever the reason.

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
    """Return the item of a mapping, if it has that key, or else the attribute of an object.

    Raises
    ------
    UnresolvedError
        If there is none.

    Examples
    --------
    >>> member({"stack-datasets": True}, "stack-datasets"), member(3 + 4j, "imag")
    (True, 4.0)
    """
    try:
        # The type is asked: an object may answer for its class with code of its own.
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
    # The text of an error may be of any length, and may itself fail.
    return f"{step} of a {type(value).__name__!r} object raised {type(error).__name__}"


def parse(text: str) -> Expression:
    """Take an expression apart.

    Raises
    ------
    ExpressionError
        If it is none.

    Examples
    --------
    >>> parse("location(hdu_type='events').path").steps
    (Call(args=(), kwargs={'hdu_type': 'events'}), Member(name='path'))
    >>> parse("a..b")
    Traceback (most recent call last):
    provlog.definitions.expressions.ExpressionError: a name is expected at character 3
    >>> parse("f.__globals__")
    Traceback (most recent call last):
    provlog.definitions.expressions.ExpressionError: '__globals__' is no name for an expression at
    character 3
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"no expression has more than {MAX_LENGTH} characters", MAX_LENGTH)
    name, offset = _name(text, 0)
    steps: list[Step] = []
    while offset < len(text):
        take_apart = _STEPS.get(text[offset])
        if take_apart is None:
            reason = "a name is followed by .name, [literal] or (literals), not by what is"
            raise ExpressionError(reason, offset)
        step, offset = take_apart(text, offset)
        steps.append(step)
    return Expression(text, name, tuple(steps))


def _name(text: str, offset: int) -> tuple[str, int]:
    match = _NAME.match(text, offset)
    if match is None:
        raise ExpressionError("a name is expected", offset)
    if _leads_behind(match[0]):
        raise ExpressionError(f"{match[0]!r:.100} is no name for an expression", offset)
    return match[0], match.end()


def _leads_behind(name: str) -> bool:
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
                raise ExpressionError("an argument with a name is expected", start)
            args.append(_literal(text, start, stop))
        elif keyword[1] in kwargs:
            raise ExpressionError(f"argument {keyword[1]!r} is given twice", start)
        else:
            kwargs[keyword[1]] = _literal(text, keyword.end(), stop)
    return Call(tuple(args), kwargs), end + 1


_STEPS: dict[str, Callable[[str, int], tuple[Step, int]]] = {
    ".": _member, "[": _index, "(": _call,
}  # fmt: skip


def _depths(text: str, offset: int) -> Iterator[tuple[int, str, int]]:
    """Yield the pieces from a bracket to its end, each with how many brackets it is in."""
    open_brackets: list[str] = []
    for piece in _PIECE.finditer(text, offset):
        if piece[0] in _CLOSING:
            open_brackets.append(_CLOSING[piece[0]])
            if len(open_brackets) > MAX_DEPTH:
                raise ExpressionError(f"no more than {MAX_DEPTH} brackets nest", piece.start())
        elif piece[0] in _CLOSING.values() and piece[0] != open_brackets.pop():
            raise ExpressionError(f"{piece[0]!r} closes another bracket", piece.start())
        yield len(open_brackets), piece[0], piece.start()
        if not open_brackets:
            return
    raise ExpressionError(f"{text[offset]!r} is not closed", offset)


def _closing(text: str, offset: int) -> int:
    *_, (_, _, end) = _depths(text, offset)
    return end


def _arguments(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the arguments of a call begin and end."""
    if not text[start:end].strip():
        return
    for depth, piece, offset in _depths(text, start - 1):
        if depth == 1 and piece == ",":
            yield start, offset
            start = offset + 1
    yield start, end


def _literal(text: str, start: int, end: int) -> Any:
    """Return the value of a literal."""
    try:
        # A text such as "\d" makes the parser warn, of a line that nobody has.
        with warnings.catch_warnings(action="ignore"):
            return ast.literal_eval(text[start:end].strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ExpressionError('a literal such as 3 or "text" is expected', start) from error
