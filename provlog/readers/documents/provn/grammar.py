"""The tokens of PROV-N, and its statements, each from its tokens.

https://www.w3.org/TR/prov-n/#grammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from provlog.patterns import regex

__all__ = [
    "PAIR",
    "USUAL",
    "FaultError",
    "Token",
    "Tokens",
    "WrittenValue",
    "skip_arguments",
    "statement",
]

# Comments are blanks. One that does not end reaches to the end of the document.
_BLANK = r"(?:\s++|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?)*+"
# The characters of qualified names, production [52], and those that programs do not escape.
_NAME = r"(?:[^\s\\\"'=(),;\[\]{}<>%]|%(?!%)|\\[^\s])++"
_LONG = r'"""(?:[^"\\]++|\\.|"(?!""))*+"""'
_STRING = rf'(?:{_LONG}|"(?:[^"\\\n]++|\\[^\n])*+")'
_QUOTED = r"'((?:[^'\\\n]++|\\[^\n])*+)'"
_IRI = r"<([^<>\s]*+)>"
_NUMBER = r"-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?"

# A statement without comments and escapes: its keyword, its arguments and its attributes.
_PLAIN = r"(?:[^\s\\\"'=(),;\[\]{}<>%/]|/(?![/*])|%(?!%))++"
_CONTENT = rf"(?:[^\[\]()\"'\\/]++|/(?![/*])|\\\S|{_STRING}|{_QUOTED.replace('(', '(?:', 1)})*+"
USUAL = regex(
    rf"\s*+([A-Za-z]++)\(\s*+({_PLAIN}(?:\s*+[,;]\s*+{_PLAIN})*+)\s*+"
    rf"(?:,\s*+\[({_CONTENT})\]\s*+)?\)",
    re.DOTALL,
)
PAIR = regex(
    rf"\s*+({_NAME})\s*+=\s*+(?:({_STRING})(?:\s*+%%\s*+({_NAME})|@([\w-]++))?|{_QUOTED}"
    rf"|({_NUMBER}))\s*+(?:,|\Z)",
    re.DOTALL,
)
"""An attribute: its name; string, datatype, language; qualified name; number."""

_TOKEN = regex(rf"{_BLANK}(?:({_STRING})|{_QUOTED}|{_IRI}|({_NAME})|(%%|[^\s])|\Z)", re.DOTALL)
_KINDS = (None, "string", "quoted", "iri", "name", "sign")
_IS_NUMBER = regex(rf"{_NUMBER}\Z")
_IS_LANGUAGE = regex(r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*\Z")


class FaultError(Exception):
    """The document does not follow the grammar.

    Parameters
    ----------
    position : int
        The position of the fault.
    message : str
        What is wrong.
    """

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position


class Token(NamedTuple):
    """A token.

    Parameters
    ----------
    kind : str
        ``string``, ``quoted``, ``iri``, ``name``, ``sign`` or ``end``.
    text : str
        The text, without the quotes of a name or an IRI.
    start, end : int
        Its position in the document.
    """

    kind: str
    text: str
    start: int
    end: int

    def __str__(self) -> str:
        """Return the token for a message."""
        return "the end of the document" if self.kind == "end" else repr(self.text[:60])


class WrittenValue(NamedTuple):
    """A value as written: a string with its datatype or language, a qualified name or a number."""

    string: str | None = None
    datatype: str | None = None
    language: str | None = None
    quoted: str | None = None
    number: str | None = None


class Tokens(Iterator[Token]):
    """The tokens of a document from a position on."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position

    def __next__(self) -> Token:
        """Return the next token."""
        match = _TOKEN.match(self.text, self.position)
        # Any character is a token.
        assert match is not None
        self.position = match.end()
        index = match.lastindex or 0
        if not index:
            return Token("end", "", match.end(), match.end())
        quotes = index in {2, 3}
        return Token(
            _KINDS[index] or "", match[index], match.start(index) - quotes, match.end()
        )  # fmt: skip

    def take(self, *texts: str) -> Token:
        """Return the next token, which must be one of these.

        Raises
        ------
        FaultError
            If it is another one.
        """
        token = next(self)
        if token.kind not in {"sign", "name"} or token.text not in texts:
            wanted = " or ".join(map(repr, texts))
            raise FaultError(token.start, f"expected {wanted} instead of {token}")
        return token

    def take_kind(self, kind: str, meaning: str) -> Token:
        """Return the next token, which must be of a kind.

        Raises
        ------
        FaultError
            If it is of another one.
        """
        token = next(self)
        if token.kind != kind:
            raise FaultError(token.start, f"expected {meaning} instead of {token}")
        return token


Statement = tuple[str | None, list[str], list[tuple[str, WrittenValue]]]


def statement(tokens: Tokens) -> Statement:
    """Return identifier, arguments and attributes of a statement after its parenthesis.

    Raises
    ------
    FaultError
        If it does not follow the grammar.
    """
    identifier: str | None = None
    arguments: list[str] = []
    while True:
        token = next(tokens)
        if token.kind == "sign" and token.text == "[" and arguments:
            pairs = list(_pairs(tokens))
            tokens.take(")")
            return identifier, arguments, pairs
        if token.kind != "name":
            raise FaultError(token.start, f"expected a name instead of {token}")
        arguments.append(token.text)
        is_first = identifier is None and len(arguments) == 1
        sign = tokens.take(",", ")", *([";"] if is_first else []))
        if sign.text == ")":
            return identifier, arguments, []
        if sign.text == ";":
            identifier = arguments.pop()


def skip_arguments(tokens: Tokens) -> None:
    """Skip the parentheses of an extension, which may hold others (section 4 of PROV-N).

    Raises
    ------
    FaultError
        If they do not end.
    """
    depth = 1
    tokens.take("(")
    while depth:
        token = next(tokens)
        if token.kind == "end":
            raise FaultError(token.start, f"expected ')' instead of {token}")
        if token.kind == "sign":
            depth += (token.text == "(") - (token.text == ")")


def _pairs(tokens: Tokens) -> Iterator[tuple[str, WrittenValue]]:
    """Yield the attributes up to the bracket at their end."""
    token = next(tokens)
    if token.kind == "sign" and token.text == "]":
        return
    while True:
        if token.kind != "name":
            raise FaultError(token.start, f"expected an attribute instead of {token}")
        tokens.take("=")
        yield token.text, _value(tokens)
        if tokens.take(",", "]").text == "]":
            return
        token = next(tokens)


def _value(tokens: Tokens) -> WrittenValue:
    token = next(tokens)
    if token.kind == "quoted":
        return WrittenValue(quoted=token.text)
    if token.kind == "name" and _IS_NUMBER.match(token.text):
        return WrittenValue(number=token.text)
    if token.kind != "string":
        raise FaultError(token.start, f"expected a value instead of {token}")
    position = tokens.position
    following = next(tokens)
    if following.kind == "sign" and following.text == "%%":
        return WrittenValue(token.text, tokens.take_kind("name", "a datatype").text)
    if following.kind == "name" and _IS_LANGUAGE.match(following.text):
        return WrittenValue(token.text, language=following.text[1:])
    tokens.position = position
    return WrittenValue(token.text)
