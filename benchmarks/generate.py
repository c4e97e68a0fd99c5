"""Generate realistic logs of any size, in any dialect.

    python benchmarks/generate.py mixed 200000 -o mixed.log

What the records say follows the real logs of ``sample_logs/``: sessions of a few
activities, each with parameters, uses, generations, members and derivations,
between ordinary lines. The same arguments always give the same log.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import lzma
import random
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent.parent / "sample_logs"

ORDINARY = (
    "INFO:gammapy.analysis.core:Fetching observations.",
    "INFO:gammapy.data.data_store:Observations selected: {} out of {}.",
    "WARNING:gammapy.modeling.iminuit:Reoptimize = False ignored for iminuit backend",
    "2020-04-01 17:18:13,024 INFO [gammapy.analysis.core] Reducing spectrum datasets, {} of {}.",
    "DEBUG:matplotlib.font_manager:findfont: score(FontEntry(name='DejaVu Sans', size={})) = {}.05",
    "0.7535659294528739   6.09470369206766e-11 ... 21.275422433563577",
    "    amplitude                     :   3.00e-11   +/- 0.0e+00 1 / (TeV s cm2)",
    "lstchain.io: 100%|##########| {}/{} [00:07<00:00, 130.43it/s] PATH=/opt/venv/bin:/usr/bin",
)

Payload = dict[Any, Any]
Session = Iterator[Payload]


class Clock:
    """A clock that advances by a random step at each reading, and the numbers of runs."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        # A telescope never takes a number again: a session that returned would be interleaved.
        self.runs = count(chance.randrange(1000, 10_000))
        self.time = datetime(2020, 1, 17, 20)

    def __call__(self) -> str:
        """Return the time, in ISO 8601."""
        self.time += timedelta(microseconds=self.chance.randrange(20, 400_000))
        return self.time.isoformat(timespec="microseconds")


class Raw(str):
    """Text that a ``repr`` writes without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def md5(text: str) -> str:
    """Return the id that lstosa gives a file, the hash of its path."""
    return hashlib.md5(text.encode()).hexdigest()


def python_id(chance: random.Random) -> int:
    """Return an id such as gammapy gives an object."""
    return chance.randrange(10**18, 10**19)


def gammapy_2019(chance: random.Random, now: Clock) -> Session:
    """Yield a gammapy analysis as of 7 October 2019, with old key names and without a session."""
    store, observations = md5(f"store {chance.random()}"), python_id(chance)
    for name, role in (("get_observations", "observations selected"), ("run_fit", "fit_result")):
        activity = {"activity_id": chance.randrange(10**14, 10**15)}
        yield activity | {"activity_name": name, "startTime": now()}
        yield activity | {
            "parameters": {
                "datastore": "$GAMMAPY_DATA/hess-dl3",
                "cone": [{"frame": "icrs", "lon": "83.633 deg", "radius": "3 deg", "border": 1.5}],
            }
        }
        yield activity | {
            "used_role": "datastore",
            "used_id": store,
            "entity_type": "DataStore",
            "entity_location": "$GAMMAPY_DATA/hess-dl3",
        }
        yield activity | {
            "generated_role": role,
            "generated_id": observations,
            "entity_type": "Observations",
        }
        for number in range(4):
            yield {
                "entity_id": observations,
                "member_id": 23523 + 3 * number,
                "member_type": "Observation",
            }
        yield activity | {"endTime": now()}


def gammapy_2020(chance: random.Random, now: Clock) -> Session:
    """Yield a gammapy analysis as of April 2020, with a session and records for entities."""
    session = python_id(chance)
    yield {
        "session_id": session,
        "name": "gammapy.analysis.core.Analysis",
        "startTime": now(),
        "system": {
            "version": {"version": "2.1", "path": "/opt/venv/gammapy"},
            "dependencies": {"numpy": "2.3.5", "regions": "0.11", "healpy": None},
        },
    }
    before = 0
    for name in ("get_observations", "get_datasets", "set_models", "run_fit", "get_flux_points"):
        activity = {"activity_id": f"{chance.randrange(16**6):06x}"}
        made = python_id(chance)
        yield activity | {
            "name": name,
            "startTime": now(),
            "in_session": session,
            "agent_name": "analyst",
        }
        yield activity | {
            "parameters": {
                "safe-mask": '{"methods":["aeff-max"],"max":10}',
                "stack": True,
                "nbins": 10,
                "edges": None,
            }
        }
        if before:
            yield {"entity_id": before, "name": "Datasets", "type": "PythonObject"}
            yield activity | {"used_id": before, "used_role": "datasets"}
        path = f"/data/run{chance.randrange(10**6)}/{name}.fits.gz"
        yield {
            "entity_id": md5(path),
            "name": "Mask",
            "location": Raw(f"PosixPath('{path}')"),
            "hash": md5(path),
            "hash_type": "md5",
            "type": "File",
            "contentType": "application/fits",
        }
        yield activity | {"used_id": md5(path), "used_role": "exclusion_mask"}
        yield {"entity_id": made, "name": "Datasets", "type": "PythonObject"}
        yield activity | {"generated_id": made, "generated_role": "reduced_datasets"}
        for number in range(2):
            yield {"entity_id": made, "member_id": f"gamma-events:{23523 + 3 * number}"}
        if before:
            yield {"entity_id": made, "progenitor_id": before}
        yield activity | {"endTime": now()}
        before = made


def logprov(chance: random.Random, now: Clock) -> Session:
    """Yield records of logprov 0.0.2: ids of used entities are their own keys, values are text."""
    session = python_id(chance)
    yield logprov_template() | {"session_id": session, "startTime": now()}
    before: int | None = None
    value = "0"
    for _ in range(10):
        activity = {"activity_id": f"{chance.randrange(16**6):06x}"}
        made, used_value, value = python_id(chance), value, str(chance.randrange(1000))
        yield activity | {
            "name": "set_var2",
            "startTime": now(),
            "in_session": session,
            "agent_name": "analyst",
        }
        yield activity | {
            "parameters": {"kwargs.value": chance.randrange(1000), "kwargs.name": "stacked"}
        }
        if before is not None:
            yield {
                "entity_description": "MyObject",
                "location": "var2",
                "value": used_value,
                "type": "PythonObject",
                before: before,
            }
            yield activity | {"used_id": before, "used_role": "var1"}
        yield {
            "entity_id": made,
            "entity_description": "MyObject",
            "location": "var2",
            "value": value,
            "type": "PythonObject",
        }
        yield activity | {"generated_id": made, "generated_role": "var2"}
        yield activity | {"endTime": now()}
        before = made


def described(chance: random.Random, now: Clock) -> Session:
    """The same with the definition of its activities, all of whose roles are described."""
    for record in logprov(chance, now):
        if "session_id" in record:
            record["definitions"] = DEFINITIONS
        yield record


DEFINITIONS: Payload = {
    "activities": {
        "set_var2": {
            "description": "Set a variable to the sum of two others",
            "parameters": [
                {"name": "kwargs.value", "description": "a value", "datatype": "int"},
                {"name": "kwargs.name", "description": "a name", "datatype": "char"},
            ],
            "usage": [{"role": "var1", "description": "a variable", "value": "var1"}],
            "generation": [{"role": "var2", "description": "the sum", "value": "var2"}],
        }
    },
    "entities": {"MyObject": {"description": "a number", "type": "PythonObject"}},
}


@cache
def logprov_template() -> Payload:
    """Return the session record that logprov writes once per process: 10 kB of definitions."""
    with (SAMPLES / "logprov-gammapy-sessions.log").open() as log:
        session = next(line for line in log if "'session_id'" in line)
    first: Payload = ast.literal_eval(session.split("_PROV_")[2])
    return first


def objects(chance: random.Random, now: Clock) -> Session:
    """Return parameters of logprov that are not literals, some on several lines."""
    session = python_id(chance)
    yield {"session_id": session, "module": "builtins", "class": "dict", "startTime": now()}
    values = (
        {"radius": Raw("<Quantity 0.11 deg>"), "threshold": Raw("nan")},
        {"edges": Raw("array([ 0.5,  2. , 10. ])"), "limits": (Raw("-inf"), Raw("inf"))},
        {"energy": Raw("<Quantity [ 0.3       ,  0.75356593,\n           30.        ] TeV>")},
        {"geom": Raw("<gammapy.maps.wcs.ndmap.WcsNDMap object at 0x7ffa183374d0>")},
    )
    for value in values:
        activity = {"activity_id": f"{chance.randrange(16**6):06x}"}
        yield activity | {"name": "make_geometry", "startTime": now(), "in_session": session}
        yield activity | {"parameters": value}
        yield activity | {"generated_id": python_id(chance), "generated_role": "result"}
        yield activity | {"endTime": now()}


@cache
def lstosa_template() -> Payload:
    """Return the session record of 20 kB that lstosa writes before every activity."""
    with lzma.open(SAMPLES / "lstosa-simulated-data.log.xz", "rt") as log:
        first: Payload = ast.literal_eval(next(log).split("__PROV__")[2])
    return first


def lstosa(chance: random.Random, now: Clock) -> Session:
    """Yield a run of LST-1's on-site analysis, which describes its session for each activity."""
    run = next(now.runs)
    night = f"/fefs/aswg/data/real/DL1/20200117/run{run:05}"
    session = {"session_id": f"20200117{run:05}", "name": f"{run:05}"}
    template = lstosa_template()
    for subrun in range(10):
        activity = {"activity_id": f"{chance.randrange(16**6):06x}"}
        tag = {"session_tag": f"r0_to_dl1:{run:05}"}
        started = now()
        system = template["system"] | {"start_time_utc": now()}
        yield template | session | {"startTime": started, "system": system} | tag
        yield (
            activity
            | {
                "name": "r0_to_dl1",
                "startTime": started,
                "in_session": session["session_id"],
                "agent_name": "lstanalyzer",
                "script": "/opt/venv/bin/datasequence",
            }
            | tag
        )
        for number in range(6):
            path = f"{night}/{number if number < 5 else f'raw{subrun}'}.fits.fz"
            yield _file(path, "CalibrationFile") | tag
            yield activity | {"used_id": md5(path), "used_role": "Calibration file"} | tag
        path = f"{night}/dl1.{subrun:04}.h5"
        yield _file(path, "DL1SubrunDataset") | tag
        yield activity | {"generated_id": md5(path), "generated_role": "DL1 subrun dataset"} | tag
        yield activity | {"endTime": now()} | tag


def _file(path: str, name: str) -> Payload:
    return {"entity_id": md5(path), "name": name, "filepath": path, "hash": md5(path),
            "hash_type": "md5", "type": "File", "contentType": "application/x-hdf"}  # fmt: skip


def canonical(time: str, payload: Payload) -> str:
    """Return a line as in the presentation of October 2019."""
    return f"INFO:gammapy.utils.provenance.provenance:_PROV_{time}_PROV({payload})"


def september(time: str, payload: Payload) -> str:
    """Return a line as of September 2019, without a time."""
    return f"_PROV_{payload}"


def late_october(time: str, payload: Payload) -> str:
    """Return a line as of 30 October 2019, with the time before the only marker."""
    return f"{time[:-3]}_PROV_{payload}"


def double(time: str, payload: Payload) -> str:
    """Return a line of gammapy as of 2020, after gammapy's own prefix."""
    return f"{time[:10]} {time[11:19]},024 INFO [provLogger] __PROV__{time}__PROV__{payload}"


def lstosa_line(time: str, payload: Payload) -> str:
    """Return a line of lstosa."""
    return f"INFO provLogger __PROV__{time}__PROV__{payload}"


def plain(time: str, payload: Payload) -> str:
    """Return a line of logprov."""
    return f"INFO:provLogger:_PROV_{time}_PROV_{payload}"


def bare(time: str, payload: Payload) -> str:
    """Return a line of lstosa's run-wise product."""
    return repr(payload)


Line = Callable[[str, Payload], str]
DIALECTS: dict[str, tuple[Callable[[random.Random, Clock], Session], Line]] = {
    "canonical": (gammapy_2019, canonical),
    "september": (gammapy_2019, september),
    "late-october": (gammapy_2020, late_october),
    "gammapy-2020": (gammapy_2020, double),
    "logprov": (logprov, plain),
    "described": (described, plain),
    "objects": (objects, plain),
    "lstosa": (lstosa, lstosa_line),
    "runwise": (lstosa, bare),
}
"""The functions for the sessions and lines of each dialect."""

# For each kind of log: the dialects, and how many ordinary lines a record has.
KINDS: dict[str, tuple[tuple[str, ...], int]] = {
    "mixed": (tuple(dialect for dialect in DIALECTS if dialect != "described"), 1),
    "logprov": (("logprov",), 1),
    "described": (("described",), 1),
    "night": (("lstosa",), 0),
    "sparse": (("logprov",), 999),
}


def lines(kind: str, records: int, seed: int = 1) -> Iterator[str]:
    """Yield the lines of a log, without line ends.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    records : int
        How many provenance records it has.
    seed : int
        Another seed gives another log.
    """
    chance = random.Random(seed)
    names, noise = KINDS[kind]
    now = Clock(chance)
    yield from islice(
        _with_noise(_records(names, chance, now), noise, chance), records * (1 + noise)
    )


def _records(names: tuple[str, ...], chance: random.Random, now: Clock) -> Iterator[str]:
    """Yield records, the same number of each dialect."""
    written = dict.fromkeys(names, 0)
    while True:
        name = min(written, key=written.__getitem__)
        session, line = DIALECTS[name]
        for payload in session(chance, now):
            written[name] += 1
            yield line(now(), payload)


def _with_noise(records: Iterator[str], noise: int, chance: random.Random) -> Iterator[str]:
    for record in records:
        yield record
        for _ in range(noise):
            yield chance.choice(ORDINARY).format(chance.randrange(1000), chance.randrange(10**6))


def main() -> None:
    """Write a log."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("records", type=int)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    text = lines(arguments.kind, arguments.records, arguments.seed)
    if arguments.output is None:
        sys.stdout.writelines(line + "\n" for line in text)
    else:
        with arguments.output.open("w") as log:
            log.writelines(line + "\n" for line in text)


if __name__ == "__main__":
    main()
