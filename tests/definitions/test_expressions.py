"""Expressions of definition files are parsed and followed, and never evaluated as code."""

from __future__ import annotations

import string
from collections import UserDict
from functools import partial
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.definitions.expressions import (
    Call,
    Expression,
    ExpressionError,
    Index,
    Member,
    UnresolvedError,
    member,
    parse,
)
from tests.strategies import HOSTILE_TEXTS


class Table(dict[str, list[int]]):
    """A mapping with attributes and methods of its own."""

    kind = "table"

    def rows(self, *keys: str, first: int = 0) -> list[int]:
        return [self[key][first] for key in keys]


ANALYSIS = SimpleNamespace(
    config={"observations": SimpleNamespace(datastore="/data/dl3"), "stack-datasets": True},
    settings=UserDict({"class": {"import": 1}}),
    table=Table(counts=[3, 4], kind=[5]),
    obs_id=23523,
    nested=[[1, 2], [3, 4]],
    pairs={(1, 2): "pair", None: "nothing"},
)


def value(text: str) -> Any:
    return parse(text).follow(partial(member, ANALYSIS))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("obs_id", 23523),
        ("config.observations.datastore", "/data/dl3"),
        ("config.observations.datastore.upper().lower()", "/data/dl3"),
        ("config.stack-datasets", True),
        ("settings.class.import", 1),
        ("nested[-1][0]", 3),
        ("nested.__len__()", 2),
        ('table["counts"][1]', 4),
        ("table.counts[0]", 3),
        ("table.kind", [5]),
        ("table.rows('counts', \"kind\", first=0)", [3, 5]),
        ("table.rows( 'counts' , first = 1 )", [4]),
        ("table.rows('counts',\n first=-1)", [4]),
        ("table.items().__len__()", 2),
        ("pairs[1, 2]", "pair"),
        ("pairs[(1, 2)]", "pair"),
        ("pairs[None]", "nothing"),
        ("table.get('),](')", None),
        ('table.get("\\"", [1, {"a": (2,)}])', [1, {"a": (2,)}]),
    ],
)
def test_values_of_expressions(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a name is expected at character 1"),
        (".a", "a name is expected at character 1"),
        ("1a", "a name is expected at character 1"),
        ("[0]", "a name is expected at character 1"),
        ("a.", "a name is expected at character 3"),
        ("a..b", "a name is expected at character 3"),
        ("a.-b", "a name is expected at character 3"),
        ("a b", ".name, [literal] or (literals) is expected at character 2"),
        ("a + b", ".name, [literal] or (literals) is expected at character 2"),
        ("a]", ".name, [literal] or (literals) is expected at character 2"),
        ("alpha +1", ".name, [literal] or (literals) is expected at character 6"),
        ("lambda: 0", ".name, [literal] or (literals) is expected at character 7"),
        ("a[0", "'[' is not closed at character 2"),
        ("f('x)", "'(' is not closed at character 2"),
        ("f(1]", "']' does not match its bracket at character 4"),
        ("a[]", 'a literal such as 3 or "text" is expected at character 3'),
        ("a[0:2]", 'a literal such as 3 or "text" is expected at character 3'),
        ("f(x)", 'a literal such as 3 or "text" is expected at character 3'),
        ("f(1,)", 'a literal such as 3 or "text" is expected at character 5'),
        ("f(x=y)", 'a literal such as 3 or "text" is expected at character 5'),
        ("f(*[1])", 'a literal such as 3 or "text" is expected at character 3'),
        ("f({1: [2], [3]: 4})", 'a literal such as 3 or "text" is expected at character 3'),
        ("f(__import__('os'))", 'a literal such as 3 or "text" is expected at character 3'),
        ("f(x=1, 2)", "positional argument after a keyword argument at character 7"),
        ("f(x=1, x=2)", "argument 'x' is given twice at character 7"),
        ("a" * 1001, "expression longer than 1000 characters at character 1001"),
        ("f(" + "[" * 30, "brackets nested deeper than 20 at character 22"),
    ],
)  # fmt: skip
def test_invalid_expressions(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert str(caught.value) == reason
    assert str(caught.value).endswith(f"character {caught.value.offset + 1}")


@pytest.mark.parametrize(
    "text",
    [
        '__builtins__.exec("print(1)")',
        '__builtins__["exec"]("print(1)")',
        'f.__globals__["os"].system("x")',
        "self.__class__.__init__.__globals__",
        "result.__dict__",
        "x.__subclasses__()",
        'x.__getattribute__("y")',
        'x.y().__reduce_ex__("y")',
        'events.gi_frame.f_builtins["exec"]("print(1)")',
        "f.__code__",
        '__import__("os")',
    ],
)
def test_internal_names_are_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="' is not allowed in an expression at character"):
        parse(text)


def test_harmless_special_names_are_allowed() -> None:
    assert value("nested.append.__name__.__str__()") == "append"
    assert parse("__events_hdu.path().__str__()").name == "__events_hdu"


def test_the_position_of_an_invalid_argument() -> None:
    with pytest.raises(ExpressionError, match="at character 23"):
        parse("f(first=[1, 2],second=x)")


def test_the_parser_causes_no_python_warnings() -> None:
    assert parse(r"f('\d')").steps == (Call(("\\d",)),)


names = st.text(string.ascii_letters + "_é", min_size=1, max_size=5).filter(
    lambda name: not (name.startswith("__") and name.endswith("__"))
)
literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(HOSTILE_TEXTS),
    lambda inner: st.lists(inner, max_size=2) | st.tuples(inner, inner),
    max_leaves=4,
)
steps = st.one_of(
    st.builds(Member, names | st.just("stack-datasets")),
    st.builds(Index, literals),
    st.builds(
        Call, st.lists(literals, max_size=2).map(tuple), st.dictionaries(names, literals, max_size=2)
    ),
)  # fmt: skip


def written(step: Member | Index | Call) -> str:
    if isinstance(step, Member):
        return f".{step.name}"
    if isinstance(step, Index):
        return f"[{step.key!r}]"
    arguments = [repr(item) for item in step.args]
    arguments += [f"{name}={item!r}" for name, item in step.kwargs.items()]
    return f"({', '.join(arguments)})"


@given(names, st.lists(steps, max_size=4))
def test_round_trip_of_expressions(name: str, path: list[Member | Index | Call]) -> None:
    text = name + "".join(map(written, path))
    if len(text) <= 1000:
        assert parse(text) == Expression(text, name, tuple(path))


def outcome(text: str) -> Expression | int:
    """Return the expression, or the offset of its error."""
    try:
        return parse(text)
    except ExpressionError as error:
        return error.offset


@given(
    st.text(alphabet="ab.[]()'\"\\,=1-{}: \n", max_size=30) | st.sampled_from(HOSTILE_TEXTS) | st.text()
)  # fmt: skip
def test_any_text_is_an_expression_or_an_error_with_an_offset(text: str) -> None:
    found = outcome(text)
    if isinstance(found, int):
        assert 0 <= found <= len(text)
    else:
        assert found.text == text
        if all(isinstance(step, Member) for step in found.steps):
            assert text == found.name + "".join(map(written, found.steps))


def test_a_missing_value_is_reported_with_its_step() -> None:
    for text, reason in {
        "config.fit": "'dict' object has no 'fit'",
        "fit.range": "'SimpleNamespace' object has no 'fit'",
        "nested[7]": "[7] of a 'list' object raised IndexError",
        "obs_id[0]": "[0] of a 'int' object raised TypeError",
        "obs_id()": "a call of a 'int' object raised TypeError",
        "table.rows('no')": "a call of a 'method' object raised KeyError",
    }.items():
        with pytest.raises(UnresolvedError) as caught:
            value(text)
        assert caught.value.args == (reason,)


def test_a_failing_start_is_reported() -> None:
    with pytest.raises(UnresolvedError, match="'a' raised KeyError"):
        parse("a.b").follow(dict[str, int]().__getitem__)


class Hostile:
    """An object that notes which attributes are read, and raises errors."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name != "read":
            self.read.append(name)
        return object.__getattribute__(self, name)

    @property
    def fails(self) -> NoReturn:
        raise RuntimeError("x" * 10**6)

    @property
    def stops(self) -> NoReturn:
        raise KeyboardInterrupt

    def __getitem__(self, key: object) -> NoReturn:
        raise BadError

    __call__ = __getitem__


class BadError(Exception):
    def __str__(self) -> NoReturn:
        raise ValueError

    __repr__ = __str__


def test_only_named_attributes_are_read_and_only_once() -> None:
    hostile = Hostile()
    assert parse("value.read").follow(lambda name: hostile) == []
    with pytest.raises(UnresolvedError):
        parse("value.fails").follow(lambda name: hostile)
    assert hostile.read == ["fails"]


@pytest.mark.parametrize("text", ["value.fails", "value[0]", "value('x')"])
def test_errors_of_objects_are_reported_in_short(text: str) -> None:
    with pytest.raises(UnresolvedError) as caught:
        parse(text).follow(lambda name: Hostile())
    assert len(caught.value.args[0]) < 100


def test_keyboard_interrupt_propagates() -> None:
    with pytest.raises(KeyboardInterrupt):
        parse("value.stops").follow(lambda name: Hostile())
