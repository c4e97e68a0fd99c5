"""The binary serialisations of VOTables, as astropy and STILTS write them."""

from __future__ import annotations

import base64
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy.io.votable import from_table, parse
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.model.graph import ProvGraph
from provlog.readers.votable.binary import Field, InvalidBinaryError, rows_in
from provlog.readers.votable.parse import parse_votable
from tests.samples import SAMPLES


@pytest.fixture(scope="module")
def graph() -> ProvGraph:
    return provlog.read(SAMPLES / "provlog-gammapy.log")


@pytest.fixture(scope="module")
def table(graph: ProvGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("binary") / "run.vot"
    provlog.write(graph, path)
    return path


@pytest.mark.parametrize("name", ["binary", "binary2"])
def test_what_astropy_writes_reads_back(
    name: str, graph: ProvGraph, table: Path, tmp_path: Path
) -> None:
    for kind in ("tabledata", name):
        parse(table).to_xml(str(tmp_path / f"{kind}.vot"), tabledata_format=kind)
    path = tmp_path / f"{name}.vot"
    assert "<TR>" not in path.read_text(encoding="utf-8")
    found = provlog.read(path)
    # astropy drops the line feed at the end of a text, in all serialisations.
    expected = provlog.read(tmp_path / "tabledata.vot")
    assert found.to_prov() == expected.to_prov()
    assert found.entities.keys() == graph.entities.keys()
    assert found.diagnostics == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("stilts") is None, reason="STILTS is not installed")
@pytest.mark.parametrize("name", ["binary", "binary2"])
def test_what_stilts_writes_reads_back(
    name: str, graph: ProvGraph, table: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.vot"
    command = ["stilts", "votcopy", f"in={table}", f"out={path}", f"format={name}"]
    subprocess.run(command, check=True, capture_output=True)
    assert provlog.read(path).to_prov() == graph.to_prov()


def texts_of(path: Path) -> list[list[str]]:
    found = parse_votable([path.read_bytes()], "x.vot", lambda _: None)
    return [cells for _, cells in found.resources[0].tables[0].rows]


@pytest.mark.parametrize("name", ["binary", "binary2"])
def test_all_types_are_those_of_tabledata(name: str, tmp_path: Path) -> None:
    rows = Table(
        {
            "text": ["a", "é€", ""],
            "short": np.array([1, -2, 3], "i2"),
            "long": np.array([2**40, 0, -1], "i8"),
            "byte": np.array([0, 7, 255], "u1"),
            "double": np.array([0.5, -1e300, 2.25]),
            "flag": np.array([True, False, True]),
            "pair": np.array([[1, 2], [3, 4], [5, 6]], "i4"),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind in ("tabledata", name):
            from_table(rows).to_xml(str(tmp_path / f"{kind}.vot"), tabledata_format=kind)
    found, expected = texts_of(tmp_path / f"{name}.vot"), texts_of(tmp_path / "tabledata.vot")
    assert [row[0] for row in found] == [row[0] for row in expected] == ["a", "é€", ""]
    for one, other in zip(found, expected, strict=True):
        for cell, known in zip(one[1:], other[1:], strict=True):
            assert cell.lower() == known.lower() or float(cell) == float(known)


def test_missing_values_are_empty() -> None:
    fields = [Field("a", "", "short"), Field("b", "", "double"), Field("c", "", "char", "*")]
    data = bytes([0b10100000]) + b"\x00\x05" + b"\x7f\xf8" + bytes(6) + b"\x00\x00\x00\x01x"
    text = base64.b64encode(data).decode()
    assert [*rows_in(text, fields, has_nulls=True)] == [["", "", ""]]


@pytest.mark.parametrize(
    ("field", "data"),
    [
        (Field("a", "", "char", "*"), b"\xff\xff\xff\xffx"),
        (Field("a", "", "char", "9" * 40), b"x"),
        (Field("a", "", "char", "-5"), b"x"),
        (Field("a", "", "char", "0"), b"x"),
        (Field("a", "", "double", "3x3x3"), b"x"),
        (Field("a", "", "floatComplex"), b"12345678"),
    ],
)
def test_damaged_data_is_an_error(field: Field, data: bytes) -> None:
    with pytest.raises(InvalidBinaryError):
        list(rows_in(base64.b64encode(data).decode(), [field], has_nulls=False))


def test_the_rows_before_damaged_data_are_kept(table: Path, tmp_path: Path) -> None:
    path = tmp_path / "binary.vot"
    parse(table).to_xml(str(path), tabledata_format="binary")
    head, start, rest = path.read_text(encoding="utf-8").partition('<STREAM encoding="base64">')
    stream, end, tail = rest.partition("</STREAM>")
    stream = "".join(stream.split())
    half = stream[: len(stream) // 8 * 4]
    path.write_text(head + start + half + end + tail, encoding="utf-8")
    graph = provlog.read(path)
    assert graph.entities
    (found,) = [item for item in graph.diagnostics if item.code == "PL802"]
    assert "the data ends within a row" in found.message
    assert found.origin.line == head.count("\n") + 1


@given(
    st.binary(max_size=60) | st.text(max_size=20).map(str.encode),
    st.lists(
        st.builds(
            Field, st.just("a"), st.just(""),
            st.sampled_from(["char", "unicodeChar", "bit", "boolean", "int", "double", "x"]),
            st.sampled_from(["", "*", "2", "0", "2x*", "x", "3*"]),
        ),
        max_size=3,
    ),
    st.booleans(),
)  # fmt: skip
def test_any_data_ends(data: bytes, fields: list[Field], has_nulls: bool) -> None:
    try:
        rows = list(rows_in(base64.b64encode(data).decode(), fields, has_nulls=has_nulls))
    except InvalidBinaryError:
        return
    assert all(len(row) == len(fields) for row in rows)
