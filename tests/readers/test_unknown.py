"""Inputs without provenance are identified, with advice."""

from __future__ import annotations

import io
import json
import pickle
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.errors import InputError
from provlog.readers.unknown import looks_like
from tests.cli.test_cli import one_line, run
from tests.samples import EXCERPT, LOGS


def archive(kind: str) -> bytes:
    stream = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(stream, "w") as packed:
            packed.writestr("notes.txt", "nothing")
    else:
        with tarfile.open(fileobj=stream, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("notes.txt"))
    return stream.getvalue()


def database() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table a (b)")
    return connection.serialize()


INPUTS = {
    "an empty file": b"\n",
    "a PNG picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\n1 0 obj",
    "a tar archive": archive("tar"),
    "an SQLite database": database(),
    "a Python pickle": pickle.dumps({"a": 1}),
    "a program": b"\x7fELF\x02" + b"\0" * 5000,
    "binary data": bytes(range(256)) * 1000,
    "a web page": b"<!DOCTYPE html>\n<html><body>run.log</body></html>",
    "an SVG picture": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "an XML document that is not provenance": b'<?xml version="1.0"?>\n<testsuite/>',
    "a Jupyter notebook": json.dumps({"cells": [], "nbformat": 4}, indent=1).encode(),
    "JSON without provenance records": b'[{"a": 1}]',
    "Turtle or TriG without the namespace of PROV": b"@prefix ex: <http://example.org/> .\n",
    "JSON-LD without the namespace of PROV": b'{"@context": "https://schema.org/"}',
    "a definition file": b"# my activities\nactivities:\n  fit:\n    description: a\n",
    "a Python program": b'"""Fit a model."""\n\nimport numpy as np\nfrom gammapy.analysis import Analysis\n',
}


@pytest.mark.parametrize("title", INPUTS)
def test_an_input_without_provenance_is_identified(title: str, tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_bytes(INPUTS[title])
    hint = looks_like(INPUTS[title])
    assert hint.startswith(f"it looks like {title}; ")
    for command in ("convert", "show", "graph"):
        result = run(command, path)
        assert result.code == 3
        assert one_line(result).startswith(f"provlog: {path}: no provenance record found: {hint}")
    assert f"{path}: warning PL002 no provenance record found: {hint}" in run("check", path).output
    assert (
        f"PL002 no provenance record found: {hint}"
        in run("batch", path, "-d", tmp_path / "o").errors
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_another_encoding_is_identified(encoding: str) -> None:
    assert looks_like("2020-01-01 INFO nothing\n".encode(encoding)).startswith(
        "it looks like text in UTF-16"
    )


@pytest.mark.parametrize(
    ("format", "title"),
    [
        ("provjson", "PROV-JSON"), ("provxml", "PROV-XML"), ("provn", "PROV-N"),
        ("svg", "an SVG picture"), ("png", "a PNG picture"), ("pdf", "a PDF document"),
    ],
)  # fmt: skip
def test_formats_of_provlog_are_identified(format: str, title: str, tmp_path: Path) -> None:
    """The table also identifies formats that have a reader."""
    path = tmp_path / "out"
    provlog.write(provlog.read(EXCERPT), path, format)
    assert looks_like(path.read_bytes()[: 1 << 16]).startswith(f"it looks like {title}; ")


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_log_is_plain_text(path: Path) -> None:
    if path.suffix == ".log":
        assert looks_like(path.read_bytes()[: 1 << 16]) == ""


def test_each_of_several_inputs_is_identified(tmp_path: Path) -> None:
    contents = {"a.log": b"nothing", "b.log": b"nothing", "c.log": INPUTS["a PNG picture"]}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as raised:
        provlog.read(*(tmp_path / name for name in contents))
    found = "no provenance record found"
    assert str(raised.value).startswith(
        f"{tmp_path}/a.log, {tmp_path}/b.log: {found}; {tmp_path}/c.log: {found}: it looks like a PNG"
    )


@given(st.binary() | st.text().map(str.encode) | st.sampled_from([*INPUTS.values()]))
def test_any_input_can_be_identified(head: bytes) -> None:
    assert isinstance(looks_like(head), str)


@pytest.mark.parametrize(
    "piece", [b" ", b"\n", b"a\n", b"{", b'{"', b"[", b"#\n", b"<", b"prefix ", b"<?xml", b"\0a"]
)
def test_long_heads_take_linear_time(piece: bytes) -> None:
    assert isinstance(looks_like(piece * (1 << 16)), str)


def test_a_wrong_reader_is_reported(tmp_path: Path) -> None:
    document = tmp_path / "tool.json"
    document.write_text('{"activity_name": "tool", "activity_uuid": "a"}')
    result = run("convert", document, "--from", "log")
    assert result.code == 3
    assert "it looks like " in one_line(result)
    assert one_line(result).endswith("; omit --from log")
