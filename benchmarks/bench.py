"""Measure provlog beside logprov 0.0.2, and print the tables of benchmarks/README.md.

    python benchmarks/bench.py            # print
    python benchmarks/bench.py --write    # put them into benchmarks/README.md

Each figure is a whole process, start-up included, unless the table says
otherwise. Programs that are compared run in turn in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import sys
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from pathlib import Path

import batches
import captures
import generate
import pages
import storing
from measuring import MEGA, PROVLOG, WORK, Run, best, peer_python, run, table

HERE = Path(__file__).resolve().parent
RECORDS = 200_000
ROUNDS = 3

# Our formats with prov's names for them. Of the last three, logprov makes RDF record by record,
# and the way through prov and rdflib takes a minute.
OURS = {"provjson": "json", "provn": "provn", "provxml": "xml"}
RDF = ("turtle", "trig", "jsonld")
DOCUMENTS = 100_000


def log(kind: str, records: int) -> Path:
    """Return a generated log; generate it if it does not exist."""
    path = WORK / f"{kind}-{records}.log"
    if not path.exists():
        part = path.with_suffix(".part")
        with part.open("w") as stream:
            stream.writelines(f"{line}\n" for line in generate.lines(kind, records))
        part.rename(path)
    return path


def peer(path: Path, formats: Iterable[str]) -> tuple[dict[str, float], int]:
    """Return logprov's seconds by step, and its peak memory."""
    output = WORK / "peer.json"
    taken = run([peer_python(), HERE / "peer.py", path, *dict.fromkeys(formats)], output)
    return json.loads(output.read_text()), taken.memory


@cache
def floor(path: Path) -> dict[str, float]:
    """Return seconds of the floor and of provlog in one process, and their ratio."""
    output = WORK / "floor.json"
    run([sys.executable, HERE / "floor.py", path], output)
    found: dict[str, float] = json.loads(output.read_text())
    return found


def convert(path: Path, name: str) -> Run:
    """Run ``provlog convert``."""
    return run([PROVLOG, "convert", path, "-f", name, "-o", WORK / f"out.{name}"])


def formats_table(records: int, formats: dict[str, str]) -> str:
    """Measure each format on a log in logprov's dialect, the only one that logprov reads."""
    path = log("logprov", records)
    size = path.stat().st_size
    first = {name: convert(path, name) for name in formats}
    steps, memory = peer(path, formats.values())
    bare = floor(path)["floor"]
    rows = []
    for name, peer_name in formats.items():
        ours = best([first[name], *(convert(path, name) for _ in range(ROUNDS - 1))])
        theirs = steps["read"] + steps["document"] + steps[peer_name]
        rows.append(
            [name, f"{ours.seconds:.2f} s", f"{records / ours.seconds:,.0f}", f"{theirs:.0f} s",
             f"**{theirs / ours.seconds:.0f}**", f"{ours.seconds / bare:.1f}",
             f"{ours.memory / size:.1f}"]
        )  # fmt: skip
    title = f"{records:,} records in a log of {size / MEGA:.0f} MB, one ordinary line between two"
    header = ["format", "provlog", "records/s", "logprov", "times faster", "over the floor",
              "peak memory / log"]  # fmt: skip
    return f"{title}; logprov's peak memory is {memory / size:.1f} times the log.\n\n" + table(
        header, rows
    )


def floor_table() -> str:
    """Compare PROV-JSON with the floor."""
    rows = []
    for kind in ("logprov", "mixed"):
        found = floor(log(kind, RECORDS))
        per_record = [
            f"{found[key] / found['records'] * MEGA:.1f} µs" for key in ("provlog", "floor")
        ]
        rows.append([kind, *per_record, f"**{found['ratio']:.1f}**"])
    return table(["log", "provlog, a record", "floor, a record", "ratio"], rows)


def growth_table() -> str:
    """Measure the growth of the time with the number of records, on a log of all dialects."""
    sizes = (10_000, 100_000, 1_000_000)
    paths = [log("mixed", records) for records in sizes]
    rounds = [[convert(path, "provjson") for path in paths] for _ in range(ROUNDS)]
    rows = []
    before = None
    for records, path, taken in zip(
        sizes, paths, map(best, zip(*rounds, strict=True)), strict=True
    ):
        growth = "" if before is None else f"{taken.seconds / before:.1f}"
        size = path.stat().st_size
        rows.append([f"{records:,}", f"{size / MEGA:.0f} MB", f"{taken.seconds:.2f} s", growth,
                     f"{taken.memory / size:.1f}"])  # fmt: skip
        before = taken.seconds
    return table(["records", "log", "time", "growth", "peak memory / log"], rows)


def night_table() -> str:
    """Measure a night of lstosa, of which repeated descriptions of the session are nine tenths."""
    path = log("night", 138_000)
    rows = []
    for name in OURS:
        taken = best(convert(path, name) for _ in range(2))
        rows.append([name, f"{taken.seconds:.1f} s", f"{taken.memory / MEGA:.0f} MB"])
    return f"{path.stat().st_size / MEGA:.0f} MB, 138,000 records.\n\n" + table(
        ["format", "time", "peak memory"], rows
    )


def sparse_table() -> str:
    """Compare provlog with grep on a log with one provenance record in 1,000 lines."""
    path = log("sparse", 2500)
    size = path.stat().st_size / MEGA
    # Without a file for its output, GNU grep would stop at the first match.
    count = WORK / "grep.txt"
    pairs = [
        (convert(path, "provjson").seconds, run(["grep", "-c", "_PROV_", path], count).seconds)
        for _ in range(5)
    ]
    ours, grep = (min(times) for times in zip(*pairs, strict=True))
    start = best(run([PROVLOG, "--version"]) for _ in range(5)).seconds
    return table(
        ["log", "provlog", "without start-up", "grep -c _PROV_"],
        [[f"{size:.0f} MB", f"{size / ours:.0f} MB/s", f"{size / (ours - start):.0f} MB/s",
          f"{size / grep:.0f} MB/s"]],
    )  # fmt: skip


def pictures_table() -> str:
    """Measure folded pictures of large logs, with Graphviz on the PATH and in pygraphviz."""
    path_without_dot = str(WORK / "no-programs")
    engines = {"dot": os.environ["PATH"]} if shutil.which("dot") else {}
    engines["pygraphviz"] = path_without_dot
    rows = []
    for kind in ("logprov", "mixed", "night"):
        path = log(kind, 100_000)
        document = best(convert(path, "provjson") for _ in range(2))
        for engine, programs in engines.items():
            command: list[str | Path] = [PROVLOG, "graph", path, "-o", WORK / "out.svg"]
            taken = best(run(command, path=programs) for _ in range(2))
            nodes = (WORK / "out.svg").read_text().count('class="node"')
            rows.append([kind, engine, nodes, f"{taken.seconds:.1f} s",
                         f"{taken.seconds / document.seconds:.1f}",
                         f"{taken.memory / MEGA:.0f} MB"])  # fmt: skip
    return "100,000 records each.\n\n" + table(
        ["log", "drawn by", "nodes", "time", "over PROV-JSON", "peak memory"], rows
    )


def lineage_table() -> str:
    """Measure the lineage of the last result of a history, which is the whole history."""
    output = WORK / "lineage.json"
    run([sys.executable, HERE / "lineage.py"], output)
    rows = []
    before = None
    for relations, seconds in json.loads(output.read_text()).items():
        growth = "" if before is None else f"{seconds / before:.1f}"
        rows.append([f"{int(relations):,}", f"{seconds * 1000:.0f} ms", growth])
        before = seconds
    return table(["relations", "time", "growth"], rows)


def start_table() -> str:
    """Compare the start-up of commands with that of the interpreter."""
    path = log("logprov", 10)
    commands: dict[str, list[str | Path]] = {
        "`provlog --help`": [PROVLOG, "--help"],
        "`provlog convert` of ten records": [PROVLOG, "convert", path, "-f", "provjson"],
    }
    rows = []
    for title, command in commands.items():
        pairs = [
            (run(command).seconds, run([sys.executable, "-c", "pass"]).seconds) for _ in range(15)
        ]
        ours, bare = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
        over = statistics.median(one - other for one, other in pairs) * 1000
        rows.append([title, f"{ours:.0f} ms", f"{bare:.0f} ms", f"**{over:.0f} ms**"])
    return table(["command", "time", "`python -c pass`", "over"], rows)


def rdf_table() -> str:
    """Writing RDF of 100,000 records, beside the former way through the prov library and rdflib."""
    path = log("logprov", DOCUMENTS)
    size = path.stat().st_size
    rows = []
    for name in RDF:
        output = WORK / "writing.json"
        run([sys.executable, HERE / "writing.py", path, name], output)
        found = json.loads(output.read_text())
        memory = convert(path, name).memory
        rows.append(
            [name, f"{found['provlog']:.2f} s", f"{found['former']:.1f} s",
             f"**{found['ratio']:.0f}**", f"{memory / size:.1f}"]
        )  # fmt: skip
    return table(
        ["document", "provlog", "prov and rdflib", "times faster", "peak memory / log"], rows
    )


def reading_table() -> str:
    """Compare provlog with the prov library in reading documents of 100,000 records."""
    rows = []
    for kind, name in product(("logprov", "described", "mixed"), ("provjson", "provxml")):
        convert(log(kind, DOCUMENTS), name)
        document, output = WORK / f"out.{name}", WORK / "reading.json"
        run([sys.executable, HERE / "reading.py", document, OURS[name]], output)
        found = json.loads(output.read_text())
        rows.append(
            [kind, name, f"{document.stat().st_size / MEGA:.0f} MB", f"{found['provlog']:.2f} s",
             f"{found['prov']:.2f} s", f"**{found['ratio']:.1f}**"]
        )  # fmt: skip
    return table(["log", "document", "size", "provlog", "prov.read", "times faster"], rows)


def votable_table() -> str:
    """VOTable beside PROV-JSON, of a log that has no descriptions and of one that has."""
    rows = []
    for kind in ("logprov", "described"):
        path = log(kind, 100_000)
        whole = [[convert(path, name) for name in ("provjson", "votable")] for _ in range(ROUNDS)]
        json_, vot = map(best, zip(*whole, strict=True))
        output = WORK / "writing.json"
        run([sys.executable, HERE / "documents.py", path, "provjson", "votable"], output)
        alone: dict[str, float] = json.loads(output.read_text())
        rows.append(
            [kind, f"{json_.seconds:.2f} s", f"{vot.seconds:.2f} s",
             f"**{vot.seconds / json_.seconds:.1f}**", f"{alone['provjson']:.2f} s",
             f"{alone['votable']:.2f} s", f"**{alone['votable'] / alone['provjson']:.1f}**"]
        )  # fmt: skip
    header = ["log", "PROV-JSON", "VOTable", "ratio (limit 3)", "PROV-JSON, writing only",
              "VOTable, writing only", "ratio"]  # fmt: skip
    return "100,000 records each.\n\n" + table(header, rows)


SECTIONS: dict[str, Callable[[], str]] = {
    "Formats written by provlog": lambda: formats_table(RECORDS, OURS),
    "RDF written": rdf_table,
    "PROV-JSON over the floor, in one process": floor_table,
    "VOTable beside PROV-JSON": votable_table,
    "Documents read": reading_table,
    "Growth": growth_table,
    "A night of lstosa": night_table,
    "Few records in many lines": sparse_table,
    "Pictures": pictures_table,
    "Pages": lambda: pages.pages_table(log("night", 138_000)),
    "Large views": lambda: pages.large_views_table(
        [log("night", 138_000), log("mixed", 20_000), log("logprov", 15_000)]
    ),
    "Lineage": lineage_table,
    "A night of logs": batches.night_table,
    "Small logs": batches.small_logs_table,
    "Cost of a log in a batch": batches.costs_table,
    "Memory of a batch": batches.memory_table,
    "A traced call": captures.calls_table,
    "Other traced calls": captures.cases_table,
    "Opened files": captures.files_table,
    "A script of seven functions": captures.script_table,
    "A large file": captures.large_file_table,
    "Stores": storing.stores_table,
    "Start-up": start_table,
}


def machine() -> str:
    """Return a description of the machine."""
    models = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    model = models[0].partition(": ")[2] if models else platform.processor()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def main() -> None:
    """Run the measurements section by section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("sections", nargs="*", help="only sections with this in their title")
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    arguments = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    print(f"Measured on {machine()}.\n")
    measured: dict[str, str] = {}
    for title, measure in SECTIONS.items():
        chosen = [part.lower() for part in arguments.sections]
        if chosen and not any(part in title.lower() for part in chosen):
            continue
        measured[title] = f"### {title}\n\n{measure()}"
        print(measured[title], flush=True)
        if arguments.write:
            # A later section may fail.
            write_page(measured)


def write_page(measured: dict[str, str]) -> None:
    """Put sections into the page, in place of those with the same titles."""
    page = HERE / "README.md"
    begin, end = "<!-- begin figures -->\n", "<!-- end figures -->"
    head, _, rest = page.read_text().partition(begin)
    figures, _, tail = rest.partition(end)
    intro, *former = re.split(r"^(?=### )", figures, flags=re.MULTILINE)
    known = {part.partition("\n")[0].removeprefix("### "): part.strip() + "\n" for part in former}
    if measured.keys() >= SECTIONS.keys():
        intro = f"Measured on {machine()}."
    known |= measured
    parts = [known[title] for title in SECTIONS if title in known]
    page.write_text(f"{head}{begin}\n{intro.strip()}\n\n" + "\n".join(parts) + f"\n{end}{tail}")


if __name__ == "__main__":
    main()
