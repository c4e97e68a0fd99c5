"""Recognising sources takes linear time, whatever the first bytes are."""

from __future__ import annotations

import pytest

from provlog.readers import sniff
from tests.linear import is_linear

HEADS = [
    b" ",
    b"\r",
    b"\n",
    b"[",
    b"[]",
    b"[ ",
    b"{",
    b"<",
    b"#\n",
    b"<!-->",
    b"<!-- -->\n",
    b"/**/",
]


@pytest.mark.parametrize("head", HEADS, ids=repr)
@pytest.mark.parametrize("name", sniff.__all__)
def test_sources_are_recognised_in_linear_time(name: str, head: bytes) -> None:
    recognizes = getattr(sniff, name)
    assert is_linear(lambda: recognizes(head * 5_000), lambda: recognizes(head * 20_000))


@pytest.mark.parametrize(("head", "part"), [(b'{"prefix":', b"\n"), (b"<VOTABLE>", b"<RESOURCE ")])
@pytest.mark.parametrize("name", sniff.__all__)
def test_documents_are_recognised_in_linear_time(name: str, head: bytes, part: bytes) -> None:
    recognizes = getattr(sniff, name)
    assert is_linear(
        lambda: recognizes(head + part * 5_000), lambda: recognizes(head + part * 20_000)
    )
