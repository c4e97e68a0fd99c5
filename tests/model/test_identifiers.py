"""Qualified names made from ids in logs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.model.identifiers import attribute_name, id_text, is_global, local_name, qualified_name
from tests.strategies import HOSTILE_TEXTS, texts

VALID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*:[A-Za-z_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?", re.ASCII)
scopes = st.none() | texts.filter(bool)
kinds = st.sampled_from(["activity", "entity", "agent", "session", "bundle"])


@given(kinds, texts.filter(bool), scopes)
def test_every_name_is_valid_in_every_format(kind: str, raw: str, scope: str | None) -> None:
    assert VALID.fullmatch(qualified_name(kind, raw, scope))


@given(st.sampled_from(["log", "param"]), texts)
def test_every_attribute_name_is_valid(prefix: str, raw: str) -> None:
    assert VALID.fullmatch(attribute_name(prefix, raw))


@given(st.lists(st.tuples(kinds, texts.filter(bool), scopes), max_size=8))
def test_different_ids_have_different_names(asked: list[tuple[str, str, str | None]]) -> None:
    names = {qualified_name(*arguments) for arguments in asked}
    assert len(names) == len(set(asked))


def test_ids_that_differ_in_punctuation_only_have_different_names() -> None:
    texts = {*HOSTILE_TEXTS, *map(local_name, HOSTILE_TEXTS)}
    assert len({local_name(raw) for raw in texts}) == len(texts)


@pytest.mark.parametrize(
    ("kind", "raw", "scope", "name"),
    [
        ("activity", "fa5710", "8793892393657", "log:activity-8793892393657-fa5710"),
        ("activity", "x.2", "s", "log:activity-s-x.2-4c9da320"),
        ("entity", "23592", "deadbeef", "log:entity-deadbeef-23592"),
        ("entity", "a57b007aa6ac4fb5c65f6acacd719f5d", None,
         "log:entity-a57b007aa6ac4fb5c65f6acacd719f5d"),
        ("entity", "gamma-events:23523", None, "gamma-events:entity-23523"),
        ("agent", "LST analyzer", None, "log:agent-LST_analyzer-cf721583"),
        ("session", "s-1", None, "log:session-s-1"),
    ],
)  # fmt: skip
def test_names(kind: str, raw: str, scope: str | None, name: str) -> None:
    assert qualified_name(kind, raw, scope) == name


@pytest.mark.parametrize(
    ("raw", "everywhere"),
    [
        ("d41d8cd98f00b204e9800998ecf8427e", True), ("/data/x.fits", True), ("~/x", True),
        ("$GAMMAPY_DATA/x", True), ("C:\\data\\x", True), ("https://example.org/x", True),
        ("gamma-events:23523", True), ("23523", False), ("fa5710", False), ("data/x.fits", False),
        ("prov:x", False), ("terms:x", False), ("urn:uuid:x", True), ("d41d8cd98f00b204e9800998ecf8427g", False), ("a:", False),
    ],
)  # fmt: skip
def test_global_ids(raw: str, everywhere: bool) -> None:
    assert is_global(raw) == everywhere


def test_ids_as_text() -> None:
    assert [id_text(raw) for raw in ("a", 1, 1.5, True, None, [1, "a"], {"a": 1})] == [
        "a", "1", "1.5", "True", "None", '[1,"a"]', '{"a":1}',
    ]  # fmt: skip
