"""Arrays, tables and other scientific data as arguments, attributes and results."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.objects.data import is_number
from tests.capture.fixtures import Make
from tests.capture.reading import activities, generated
from tests.scenarios.test_hostile_objects import definitions, everywhere, judge

Things = dict[str, Callable[[], Any]]


def arrays() -> Things:
    np = pytest.importorskip("numpy")
    record = np.dtype([("a", "f4"), ("b", "S3"), ("c", "O")])

    class Sub(np.ndarray):  # type: ignore[misc,name-defined]
        def __array_finalize__(self, other: Any) -> None:
            self.unit = getattr(other, "unit", "TeV")

    def read_only() -> Any:
        found = np.arange(5)
        found.flags.writeable = False
        return found

    return {
        "empty": lambda: np.array([]),
        "scalar array": lambda: np.array(5),
        "scalar": lambda: np.float32(0.1),
        "bool": lambda: np.bool_(True),
        "text": lambda: np.str_("a.txt"),
        "bytes": lambda: np.bytes_(b"text"),
        "date": lambda: np.datetime64("2026-01-01T00:00"),
        "no date": lambda: np.datetime64("NaT", "D"),
        "duration": lambda: np.timedelta64(5, "s"),
        "complex": lambda: np.array([1j, complex("nan+infj")]),
        "nan": lambda: np.array([np.nan, np.inf, -np.inf, -0.0]),
        "half": lambda: np.arange(3, dtype="f2"),
        "long": lambda: np.arange(3, dtype="longdouble"),
        "big-endian": lambda: np.arange(3, dtype=">i4"),
        "unsigned": lambda: np.array([2**64 - 1], dtype="u8"),
        "texts": lambda: np.array(["a", "bc\udc80"]),
        "dates": lambda: np.array(["2026-01-01", "NaT"], dtype="M8[D]"),
        "objects": lambda: np.array([1, "a", None, [1]], dtype=object),
        "itself": lambda: _itself(np),
        "records": lambda: np.array([(1.5, b"x", [2])], dtype=record),
        "recarray": lambda: np.rec.array([(1, 2.5)], names="a,b"),
        "void": lambda: np.zeros(2, dtype="V7"),
        "masked": lambda: np.ma.masked_array([1, 2], mask=[True, False]),
        "masked scalar": lambda: np.ma.masked,
        "matrix": lambda: np.ones((2, 2)).view(np.matrix),
        "subclass": lambda: np.arange(3).view(Sub),
        "no axes": lambda: np.zeros((0, 5, 0)),
        "many axes": lambda: np.zeros((1,) * 30),
        "strided": lambda: np.arange(10)[::-3],
        "fortran": lambda: np.asfortranarray(np.arange(6).reshape(2, 3)),
        "broadcast": lambda: np.broadcast_to(np.arange(3), (10**9, 3)),
        "read-only": read_only,
        "large": lambda: np.zeros(20_000_000),
        "dtype": lambda: np.dtype("f8"),
        "function": lambda: np.sin,
        "type": lambda: np.float64,
        "module": lambda: np.linalg,
        "generator": lambda: np.random.default_rng(1),
        "iterator": lambda: np.nditer(np.arange(3)),
        "flat": lambda: np.arange(3).flat,
        "memory": lambda: memoryview(np.arange(3)),
        "polynomial": lambda: np.polynomial.Polynomial([1, 2]),
    }


def _itself(np: Any) -> Any:
    found = np.empty(1, dtype=object)
    found[0] = found
    return found


def astronomy() -> Things:
    u = pytest.importorskip("astropy.units")
    fits = pytest.importorskip("astropy.io.fits")
    tables = pytest.importorskip("astropy.table")
    coordinate, time, wcs = (
        pytest.importorskip(f"astropy.{name}") for name in ("coordinates", "time", "wcs")
    )
    Table = tables.Table  # noqa: N806

    return {
        "quantity": lambda: 5 * u.TeV,
        "quantities": lambda: [1, 2] * u.Unit("cm-2 s-1 TeV-1"),
        "unit": lambda: u.TeV,
        "table": lambda: Table({"a": [1, 2], "b": ["x", "y"]}, meta={"m": 1}),
        "masked table": lambda: Table({"a": [1, 2]}, masked=True),
        "table of quantities": lambda: tables.QTable({"a": [1, 2] * u.m}),
        "objects in a table": lambda: Table({"a": [{}, None]}, dtype=[object]),
        "empty table": Table,
        "row": lambda: Table({"a": [1, 2]})[0],
        "column": lambda: Table({"a": [1, 2]})["a"],
        "time": lambda: time.Time(["2026-01-01", "2026-01-02"]),
        "coordinates": lambda: coordinate.SkyCoord(
            [83.6] * 2, [22.0] * 2, unit="deg", frame="icrs"
        ),
        "header": lambda: fits.Header({"A": 1}),
        "image": lambda: fits.PrimaryHDU([[1.0, 2.0]]),
        "hdus": lambda: fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(Table({"a": [1]}))]),
        "wcs": lambda: wcs.WCS(naxis=2),
    }


def frames() -> Things:
    pd = pytest.importorskip("pandas")
    return {
        "frame": lambda: pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
        "empty frame": pd.DataFrame,
        "series": lambda: pd.Series([1, 2], name="s"),
        "index": lambda: pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]),
        "time": lambda: pd.Timestamp("2026-01-01"),
        "missing": lambda: pd.NA,
        "categories": lambda: pd.Categorical(["a", "b", "a"]),
        "same names": lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
    }


@pytest.mark.parametrize("things", [arrays, astronomy, frames])
def test_scientific_data_is_recorded(
    make: Make, log: Path, caplog: pytest.LogCaptureFixture, things: Callable[[], Things]
) -> None:
    capture = make(definitions())
    done = sum(everywhere(capture, made()) for made in things().values())
    judge(log, capture, done)
    messages = [item.getMessage() for item in caplog.records if item.name == "provlog"]
    # The names in the definitions do not exist; there are no other warnings.
    assert [text for text in messages if "cannot resolve" not in text] == []


# Values that are a separate object each time.
ALONE = {"generator", "iterator", "flat", "memory", "polynomial", "wcs", "image", "hdus", "header",
         "coordinates", "time", "row", "itself", "large", "broadcast",
         "index", "categories"}  # fmt: skip


@pytest.mark.parametrize("things", [arrays, astronomy, frames])
def test_equal_data_is_one_entity(
    capture: Capture, graph: Any, things: Callable[[], Things]
) -> None:
    @capture.trace
    def result(of: str) -> Any:
        return made()

    # Two calls that make equal numbers make two.
    names = [
        name for name, made in things().items()
        if name not in ALONE and (not is_number(made()) or type(made()).__hash__ is None)
    ]  # fmt: skip
    for name in names:
        for _ in range(2):
            made = things()[name]
            result(name)
    found = graph()
    entities = [generated(found, one)["result"] for one in activities(found, "result")]
    assert len(entities) == 2 * len(names)
    different = [
        name for name, one, other in zip(names, entities[::2], entities[1::2], strict=True)
        if one is not other
    ]  # fmt: skip
    assert different == []
    assert len(set(entities)) == len(names)


def test_recording_does_not_change_data(capture: Capture) -> None:
    np = pytest.importorskip("numpy")
    array = np.arange(12).reshape(3, 4)[:, ::2]
    before = array.tobytes(), array.flags.writeable, array.base is not None, array.strides
    stream = io.BytesIO(b"abc")

    @capture.trace
    def function(*args: Any) -> Any:
        return args

    got = function(array, stream)
    assert got[0] is array
    assert (array.tobytes(), array.flags.writeable, array.base is not None, array.strides) == before
    assert stream.tell() == 0
