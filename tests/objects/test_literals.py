"""Values as literals: fields of configurations, without secrets and within limits."""

from __future__ import annotations

import argparse
import types
import urllib.parse
from collections import ChainMap, OrderedDict, UserDict, UserList, defaultdict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from functools import partial
from typing import Any, NamedTuple

import attrs
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provlog.objects.literals import to_literal
from provlog.objects.texts import repr_text
from provlog.redaction import WITHHELD
from tests.linear import is_linear


@dataclass(slots=True)
class Slotted:
    password: Any
    user: str = "me"


@attrs.define
class Defined:
    password: Any
    user: str = "me"


class Named(NamedTuple):
    password: Any
    user: str = "me"


class Derived(Named):
    pass


@pytest.mark.parametrize("kind", [Slotted, Defined, Named, Derived])
def test_configuration_objects_become_their_fields(kind: Any) -> None:
    assert to_literal(kind("hunter2")) == {"password": WITHHELD, "user": "me"}


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (argparse.Namespace(token="hunter2", n=1), {"token": WITHHELD, "n": 1}),
        (types.SimpleNamespace(token="hunter2", n=1), {"token": WITHHELD, "n": 1}),
        (UserDict({"token": "hunter2"}), {"token": WITHHELD}),
        (UserList([{"token": "hunter2"}]), [{"token": WITHHELD}]),
        (ChainMap[str, Any]({"n": 1}, {"token": "hunter2"}), [{"n": 1}, {"token": WITHHELD}]),
        (types.MappingProxyType({"token": "hunter2"}), {"token": WITHHELD}),
        ({"token": "hunter2", "n": 1}.items(), {"token": WITHHELD, "n": 1}),
        (OrderedDict(token="hunter2").items(), {"token": WITHHELD}),
        ({"a": {"token": "hunter2"}}.values(), [{"token": WITHHELD}]),
        ({"a": 1}.keys(), ["a"]),
        ([("token", "hunter2"), ("n", 1)], [["token", WITHHELD], ["n", 1]]),
        (deque([{"token": "hunter2"}]), [{"token": WITHHELD}]),
        (partial(int, "1", base=8), {"func": "<class 'int'>", "args": ["1"], "keywords": {"base": 8}}),
        (np.array([(1, "hunter2")], [("n", int), ("token", "U9")]), {"n": [1], "token": WITHHELD}),
        (np.array([(1, "hunter2")], [("n", int), ("token", "U9")])[0], {"n": 1, "token": WITHHELD}),
        (b"https://me:hunter2@h", "https://***@h"),
        (ValueError("https://me:hunter2@h"), "ValueError('https://***@h')"),
        (urllib.parse.urlparse("https://me:hunter2@h/x?n=1"), "https://***@h/x?n=1"),
        (urllib.parse.urlsplit(b"https://me:hunter2@h/x?n=1"), "https://***@h/x?n=1"),
        ("host=db password=hunter2", f"host=db password={WITHHELD}"),
        ("Config(password='hunter2')", f"Config(password={WITHHELD})"),
        ("{'password': 'hunter2'}", f"{{'password': {WITHHELD}}}"),
        ({"https://me:hunter2@h": 1}, {"https://***@h": 1}),
    ],
)  # fmt: skip
def test_values_become_literals(value: Any, literal: Any) -> None:
    assert to_literal(value) == literal


def test_slots_of_compiled_classes_are_not_fields() -> None:
    class Model(Slotted):
        __slots__ = ("__fields_set__",)

    Model.__dataclass_fields__ = Slotted.__dataclass_fields__
    model = Model("hunter2")
    model.__fields_set__ = {"password"}  # type: ignore[attr-defined]
    assert to_literal(model) == {"password": WITHHELD, "user": "me"}


def test_the_repr_of_an_object_is_recorded_without_secrets() -> None:
    class Login:
        def __repr__(self) -> str:
            return "Login('me', token='hunter2')"

    assert repr_text(Login()) == f"Login('me', token={WITHHELD})"


def test_a_fake_named_tuple_is_a_plain_tuple() -> None:
    class Odd(tuple[int, ...]):
        __slots__ = ()
        _fields = 5

    class Property(tuple[int, ...]):
        __slots__ = ()

        @property
        def _fields(self) -> Any:
            raise AssertionError

    class Short(namedtuple("Short", "a b")):  # noqa: PYI024
        __slots__ = ()

        def __new__(cls) -> Any:
            return tuple.__new__(cls, (1, 2, 3))

    assert to_literal(Odd((1, 2))) == [1, 2]
    assert to_literal(Property((1, 2))) == [1, 2]
    assert to_literal(Short()) == f"<{__name__}.{Short.__qualname__}: it raised ValueError>"


class Login:
    """An object of which only the repr is recorded."""

    def __init__(self, name: str, value: Any) -> None:
        self.name, self.value = name, value

    def __repr__(self) -> str:
        return f"<Login {self.name}={self.value!r}>"


def _array(name: str, value: Any) -> Any:
    return np.array([(str(value), 1)], [(name, "U999"), ("n", int)])


HOLDERS: list[Callable[[str, Any], Any]] = [
    lambda name, value: {name: value},
    lambda name, value: defaultdict(list, {name: value}),
    lambda name, value: OrderedDict([(name, value)]),
    lambda name, value: UserDict({name: value}),
    lambda name, value: ChainMap({}, {name: value}),
    lambda name, value: types.MappingProxyType({name: value}),
    lambda name, value: {name: value}.items(),
    lambda name, value: [(name, value)],
    lambda name, value: argparse.Namespace(**{name: value}),
    lambda name, value: types.SimpleNamespace(**{name: value}),
    lambda name, value: partial(int, **{name: value}),
    lambda name, value: make_dataclass("Slotted", [name], slots=True)(value),
    lambda name, value: make_dataclass("Stored", [name])(value),
    lambda name, value: attrs.make_class("Defined", [name])(value),
    lambda name, value: attrs.make_class("Defined", [name], slots=False)(value),
    lambda name, value: namedtuple("Named", name)(value),  # noqa: PYI024
    _array,
    Login,
    lambda name, value: str({name: value}),
    lambda name, value: repr(repr({name: value})),
    lambda name, value: f"Login(1, {name}={value!r}, n=1)",
    lambda name, value: ValueError(f"no login with {name}={value!r}"),
    lambda name, value: f"{{{name!r}: {value!r}}}".encode("ascii", "replace"),
]
TEXTS: list[Callable[[Any], Any]] = [lambda value: str([value]), KeyError]
AROUND: list[Callable[[Any], Any]] = [
    lambda value: [value],
    lambda value: (value, 1),
    lambda value: {"a": value},
    lambda value: deque([value]),
    lambda value: {"a": value}.values(),
    lambda value: Slotted(1, value),
    lambda value: partial(print, value),
    *TEXTS,
]
secrets = st.text("0123456789%*+,! \n", min_size=1).map(lambda text: f"§{text}§")


@given(
    name=st.sampled_from(["password", "api_key", "authToken", "db_pass"]),
    hold=st.sampled_from(HOLDERS),
    secret=secrets | st.lists(secrets) | st.dictionaries(st.sampled_from("ab"), secrets),
    around=st.lists(st.sampled_from(AROUND), max_size=3),
)
def test_values_with_secret_names_never_appear(
    name: str, hold: Callable[[str, Any], Any], secret: Any, around: list[Callable[[Any], Any]]
) -> None:
    # The repr of an array has the names of its fields after the values.
    assume(hold is not _array or not set(around) & set(TEXTS))
    value = hold(name, secret)
    for wrap in around:
        value = wrap(value)
    assert "§" not in repr(to_literal(value))


@pytest.mark.parametrize(
    "value",
    [
        ["x" * 50] * 10_000,
        [["x" * 50] * 900] * 900,
        {"x" * 9000 + str(number): number for number in range(900)},
        [10**900] * 900,
        list(range(10**5)),
        [[1.0000000000000002] * 900] * 900,
        [{"a": None}] * 900,
    ],
)  # fmt: skip
def test_literals_are_bounded(value: Any) -> None:
    assert len(repr(to_literal(value))) < 300_000


def test_a_secret_is_masked_before_the_text_is_cut() -> None:
    for before in (9_990, 9_995, 10_000):
        text = "x" * before + " https://me:§hunter2§@example.org/" + "x" * 10_000
        assert "§" not in to_literal(text)
    for before in (2_490, 2_495, 2_500):
        data = b"x" * before + b" https://me:hunter2@example.org/" + b"x" * 10_000
        assert "hun" not in to_literal(data)


@pytest.mark.parametrize(
    "piece",
    ["a", "'", "\\", "password='", "password=(", "x: ", "://", "\\'a", "('", " ", "a.", "="],
)
def test_long_texts_take_linear_time(piece: str) -> None:
    def write(text: str) -> None:
        to_literal(text)
        to_literal(text.encode())

    small, large = (piece * (size // len(piece)) for size in (2_500_000, 10_000_000))
    assert is_linear(lambda: write(small), lambda: write(large))
