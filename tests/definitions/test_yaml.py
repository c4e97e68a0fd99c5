"""YAML with the place of each value; careless and hostile files are reported, and harmless."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from provlog.definitions.yaml import Document, read_yaml


def read(text: str | bytes) -> Document:
    return read_yaml(text if isinstance(text, bytes) else text.encode(), "x.yaml")


def faults(text: str | bytes) -> list[str]:
    return [str(problem).removeprefix("x.yaml:") for problem in read(text).findings]


def test_places_of_keys_and_values() -> None:
    document = read("a:\n  é: [1, x]\n'b': {c: null}\n")
    assert document.data == {"a": {"é": [1, "x"]}, "b": {"c": None}}
    assert document.places == {
        (): ((1, 1), (1, 1)),
        ("a",): ((1, 1), (2, 3)),
        ("a", "é"): ((2, 3), (2, 6)),
        ("a", "é", 0): ((2, 7), (2, 7)),
        ("a", "é", 1): ((2, 10), (2, 10)),
        ("b",): ((3, 1), (3, 6)),
        ("b", "c"): ((3, 7), (3, 10)),
    }


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff", "null"])
def test_an_empty_file_has_no_data(text: str) -> None:
    document = read(text)
    assert (document.data, document.findings) == (None, [])


def test_keys_are_kept_as_text() -> None:
    assert read("on: 1\n1.0: 2\n2020-01-01: 3\n").data == {"on": 1, "1.0": 2, "2020-01-01": 3}


def test_anchors_and_merge_keys() -> None:
    document = read("x: &x {p: 1, q: 2}\ny: {<<: *x, q: 3, r: *x}\nz: {<<: [{q: 8}, *x]}")
    assert document.data["y"] == {"p": 1, "q": 3, "r": {"p": 1, "q": 2}}
    assert document.data["z"] == {"p": 1, "q": 8}
    assert document.findings == []
    assert document.places["y", "p"] == ((1, 8), (1, 11))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", ["4:3: error PL603 key 'c' is also in line 3", "5:1: error PL603 key 'a' is also in line 1"]),
        ("a: b: c", ["1:5: error PL601 invalid YAML: mapping values are not allowed in this context"]),
        ("a: *b", ["1:4: error PL601 invalid YAML: found undefined alias"]),
        ("a: \x01", ["1:1: error PL601 invalid YAML: control characters are not allowed"]),
        ("a:\n  é\udcff".encode(errors="surrogateescape"), ["2:4: error PL601 not UTF-8 text"]),
        ("a: !!python/object/apply:os.system [x]", ["1:4: error PL601 unsupported tag tag:yaml.org,2002:python/object/apply:os.system"]),
        ("a: !!set {x}", ["1:4: error PL601 unsupported tag tag:yaml.org,2002:set"]),
        ("a: !mine x\nb: !!binary eA==", ["1:4: error PL601 unsupported tag !mine", "2:4: error PL601 unsupported tag tag:yaml.org,2002:binary"]),
        ("a: 2020-13-45\nb: !!int x\nc: !!timestamp x", ["1:4: error PL601 '2020-13-45' is not a valid timestamp", "2:4: error PL601 'x' is not a valid int", "3:4: error PL601 'x' is not a valid timestamp"]),
        ("? [a]\n: b\n? \n: c", ["1:3: error PL602 text is expected as a key", "3:2: error PL602 text is expected as a key"]),
        ("a: &a [*a]", ["1:4: error PL601 nested deeper than 50, or in itself"]),
        ("a: &a {<<: *a}", ["1:4: error PL601 merged with itself"]),
        ("<<: 3", ["1:5: error PL601 only a mapping can be merged"]),
        ("a: " + "[" * 900, ["1:53: error PL601 nested deeper than 50"]),
        ("- " * 500 + "a", ["1:101: error PL601 nested deeper than 50"]),
        ("#" * 1_000_001, ["1:1: error PL601 larger than 1 MB: not a definition file"]),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_faults(text: str | bytes, expected: list[str]) -> None:
    assert faults(text) == expected


@pytest.mark.parametrize("text", ["a: [", "- a\nb", "a:\n\t- b", "'a", "%", "--- a\n--- b", "}"])
def test_invalid_yaml(text: str) -> None:
    (problem,) = faults(text)
    assert "error PL601 invalid YAML: " in problem


def test_half_a_million_brackets_are_reported() -> None:
    # libyaml reads ahead, and has a limit of its own since 0.2.6.
    (problem,) = faults("a: " + "[" * 500_000)
    assert "nest" in problem


def test_an_alias_bomb_is_reported() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (problem,) = faults("\n".join(lines))
    assert problem.endswith("more than 50,000 values, with the aliases")


def test_a_bomb_of_merge_keys_is_reported() -> None:
    lines = ["a: &a {}"]
    lines += [
        f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 50)}]}}"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (problem,) = faults("\n".join(lines))
    assert problem.endswith("more than 50,000 values, with the aliases")


data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(found for key, item in items for found in paths(item, (*path, key)))]  # fmt: skip


@given(data)
def test_round_trip_of_pyyaml_output(value: Any) -> None:
    written = yaml.safe_dump(value, allow_unicode=True)
    # PyYAML writes some texts, such as "\x85", in a form that it reads as other texts.
    assume(yaml.safe_load(written) == value)
    document = read(written)
    assert document.data == value
    assert document.findings == []
    assert sorted(document.places, key=repr) == sorted(paths(value), key=repr)


@given(st.binary() | st.text(alphabet="ab:-?&*!<|>%@'\"{}[],# \n\t", max_size=40).map(str.encode))
def test_any_bytes_give_data_or_findings(content: bytes) -> None:
    document = read(content)
    lines = len(content.splitlines()) + 1
    assert all(1 <= found.origin.line <= lines for found in document.findings)
    assert document.data is None or () in document.places
