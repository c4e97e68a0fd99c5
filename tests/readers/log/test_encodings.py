"""Encodings of logs."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.readers.log.encodings import LineDecoder, without_utf32

LINES = ["INFO: 上海 ready", "_PROV_2024-03-11T20:04:02_PROV_{'entity_id': 'é'}", "", "done Ċ x"]
TEXT = "".join(f"{line}\r\n" for line in LINES)


def decoded(data: bytes, size: int = 7) -> str:
    """Decode data that comes in blocks which end in a line feed byte, as :func:`blocks` gives."""
    chunks = without_utf32(iter([data]))
    data = b"".join(chunks)
    decoder = LineDecoder()
    text, rest = "", b""
    for start in range(0, len(data), size):
        rest += data[start : start + size]
        end = rest.rfind(b"\n") + 1
        text += decoder.decode(rest[:end])
        rest = rest[end:]
    return text + decoder.decode(rest, final=True)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-16-le", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", b""),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", codecs.BOM_UTF32_BE),
        ("utf-32-le", b""),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_encodings_are_recognised(encoding: str, mark: bytes, size: int) -> None:
    assert decoded(mark + TEXT.encode(encoding), size) == TEXT


@pytest.mark.parametrize("second", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_a_log_may_be_continued_in_another_encoding(second: str, size: int) -> None:
    data = TEXT.encode() + TEXT.encode(second) + TEXT.encode()
    assert decoded(data, size) == TEXT * 3


def test_stray_bytes_are_latin_1() -> None:
    assert decoded("5 °C\n".encode("latin-1") + "5 °C\n".encode()) == "5 °C\n5 °C\n"


def test_a_log_that_was_truncated_while_it_was_written_begins_with_zeros() -> None:
    assert decoded(bytes(100) + b"a line\nanother\n").endswith("a line\nanother\n")


ascii_lines = st.lists(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30),
    min_size=1, max_size=5,
)  # fmt: skip


@given(ascii_lines, st.sampled_from(["utf-16-le", "utf-16-be"]), st.integers(1, 50))
def test_any_text_in_utf_16(lines: list[str], encoding: str, size: int) -> None:
    text = "".join(f"{line}\n" for line in lines)
    assert decoded(text.encode(encoding), size) == text


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_are_decoded(data: bytes, size: int) -> None:
    assert isinstance(decoded(data, size), str)
