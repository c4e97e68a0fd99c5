"""Blocks of whole lines read from a source."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.errors import InputError
from provlog.files.source import DamagedError, Progress, Source
from provlog.readers.log import lines
from provlog.readers.log.lines import MAX_LINE
from tests.samples import EXCERPT, document

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


def blocks(path: str, progress: Progress | None = None) -> Iterator[str]:
    with Source(path, progress) as source:
        yield from lines.blocks(source)


def read(path: Path) -> str:
    return "".join(blocks(str(path)))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.log"


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("name", ["run.log", "run.log{}", "run"])
def test_compressed_logs_are_recognised_by_content(tmp_path: Path, suffix: str, name: str) -> None:
    path = tmp_path / name.format(suffix)
    path.write_bytes(COMPRESSORS[suffix](EXCERPT.read_bytes()))
    graph = provlog.read(path)
    assert document(graph, "provn") == document(provlog.read(EXCERPT), "provn")


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_several_compressed_streams_in_one_file(log: Path, suffix: str) -> None:
    compress = COMPRESSORS[suffix]
    log.write_bytes(compress(b"one\n") + compress(b"two\n"))
    assert read(log) == "one\ntwo\n"


@pytest.mark.parametrize(
    ("suffix", "damage"),
    # A zstd frame need not have a checksum.
    [(".gz", "cut"), (".bz2", "cut"), (".xz", "cut"), (".zst", "cut"), (".gz", "spoilt"),
     (".bz2", "spoilt"), (".xz", "spoilt")],
)  # fmt: skip
def test_damaged_compressed_data_is_reported_and_earlier_data_is_kept(
    tmp_path: Path, suffix: str, damage: str
) -> None:
    path = tmp_path / f"run.log{suffix}"
    text = "".join(f"_PROV_{{'entity_id': '{n * n * 7919 % 999983}'}}\n" for n in range(40_000))
    content = bytearray(COMPRESSORS[suffix](text.encode()))
    if damage == "cut":
        del content[len(content) * 3 // 4 :]
    else:
        content[len(content) * 3 // 4] ^= 0xFF
    path.write_bytes(content)
    try:
        graph = provlog.read(path)
    except provlog.ProvlogError as error:
        # bzip2 and xz may return no data of a damaged block.
        assert "no provenance record found" in str(error)  # noqa: PT017
    else:
        assert [item.code for item in graph.diagnostics][:1] == ["PL001"]
        assert graph.entities


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_all_valid_compressed_data_is_read(log: Path, suffix: str) -> None:
    text = "".join(f"line {n * n * 7919 % 999983}\n" for n in range(20_000)).encode()
    log.write_bytes(COMPRESSORS[suffix](text) + b"junk")
    found = ""
    with suppress(DamagedError):
        for block in blocks(str(log)):
            found += block
    assert found.encode() == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""), (b"one", "one"), (b"one\n", "one\n"), (b"\xef\xbb\xbfone\n", "one\n"),
        (b"caf\xc3\xa9\n", "café\n"), (b"caf\xe9\n", "caf\xe9\n"), (b"\xff\xfe\n", "ÿþ\n"),
        (b"\xc3\xa9\xe9\n", "éé\n"), (b"one\r\ntwo\r\n", "one\r\ntwo\r\n"), (b"\x00\n", "\x00\n"),
    ],
)  # fmt: skip
def test_text_of_any_encoding(log: Path, content: bytes, text: str) -> None:
    log.write_bytes(content)
    assert read(log) == text


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_losing_a_line(content: bytes) -> None:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(content))
    try:
        text = "".join(blocks("-"))
    except DamagedError:
        return
    finally:
        sys.stdin = before
    if content[:4] not in (b"\x1f\x8b", b"BZh"):
        assert text.count("\n") == content.count(b"\n")


def test_blocks_end_with_a_line(log: Path) -> None:
    log.write_text("".join(f"line {number}\n" for number in range(50_000)))
    found = list(blocks(str(log)))
    assert len(found) > 2
    assert all(block.endswith("\n") for block in found)


def test_a_long_line_does_not_fill_the_memory(log: Path) -> None:
    log.write_bytes(b"x" * (5 * MAX_LINE) + b"\nnext\n")
    assert len(read(log)) < 2 * MAX_LINE
    assert read(log).endswith("next\n")


def test_a_growing_log_is_read_up_to_its_size_when_opened(log: Path) -> None:
    line = b"x" * 99 + b"\n"
    log.write_bytes(line * 5000)
    found = b""
    for block in blocks(str(log)):
        found += block.encode()
        with log.open("ab") as stream:
            stream.write(line * 5000)
    assert found == line * 5000


def test_a_line_being_written_is_read_completely(log: Path) -> None:
    log.write_bytes(b"x" * 70_000 + b"\nbegun")
    parts = blocks(str(log))
    found = next(parts)
    with log.open("ab") as stream:
        stream.write(b" and ended\nnext\n")
    assert (found + "".join(parts)).endswith("\nbegun and ended\n")


def test_a_pipe(tmp_path: Path) -> None:
    import os

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"one\ntwo\n",))
    writer.start()
    assert read(pipe) == "one\ntwo\n"
    writer.join()


def test_standard_input_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO(gzip.compress(b"one\n"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    assert "".join(blocks("-")) == "one\n"
    assert not stream.closed


def test_unreadable_logs_are_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.log: no such file"):
        read(tmp_path / "absent.log")
    with pytest.raises(InputError, match="is a directory"):
        read(tmp_path)
    with pytest.raises(InputError):
        read(Path("/proc/self/mem"))


def test_progress_is_reported_in_bytes_of_the_file(log: Path) -> None:
    log.write_bytes(gzip.compress(b"one two three\n" * 100_000))
    sizes: list[int] = []
    for _ in blocks(str(log), sizes.append):
        pass
    assert sizes == sorted(sizes)
    assert sizes[-1] == log.stat().st_size
