"""Generate logs of all dialects, most of them with strange lines, and write digests of documents.

    PYTHONPATH=benchmarks python -m tests.generated_logs 1000

The test of the compiled modules runs it with and without them.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import generate

from provlog.building.reading import Reading
from provlog.compiled import running
from provlog.writers import FORMATS

DOCUMENTS = ("provjson", "provn", "provxml")

Change = Callable[[str, random.Random], str]


def shorten(line: str, chance: random.Random) -> str:
    return line[: chance.randrange(len(line) + 1)]


def repeat(line: str, _: random.Random) -> str:
    return f"{line}\n{line}"


def wrap(line: str, chance: random.Random) -> str:
    at = chance.randrange(len(line) + 1)
    return f"{line[:at]}\n{line[at:]}"


def interrupt(line: str, chance: random.Random) -> str:
    return f"{wrap(line, chance)}\nlibpng warning: no profile"


def insert(line: str, chance: random.Random) -> str:
    strange = (
        "\x00",
        "\r",
        "ü",
        "\ue000",
        "\U0001f52d",
        "'",
        '"',
        "\\",
        "{",
        "}",
        "_P",
        "&<>",
        "nan",
    )
    at = chance.randrange(len(line) + 1)
    return f"{line[:at]}{chance.choice(strange)}{line[at:]}"


def quote_otherwise(line: str, _: random.Random) -> str:
    return line.replace("'", '"')


def change_ids(line: str, chance: random.Random) -> str:
    return line.replace("_id': ", "_id': " + chance.choice(("0", "-", "x", "[1], ", "'a', ")))


def change_value(line: str, chance: random.Random) -> str:
    values = (
        "True",
        "None",
        "1e400",
        "[1, 'a']",
        "{'b': (2,)}",
        "''",
        "'\\x07'",
        "2**70",
        str(2**70),
    )
    return line.replace("'name': '", f"'value': {chance.choice(values)}, 'name': '")


CHANGES: tuple[Change, ...] = (
    shorten, repeat, wrap, interrupt, insert, quote_otherwise, change_ids, change_value,
)  # fmt: skip


def log(seed: int) -> str:
    """Return a log: every fourth is as its program wrote it, the others have strange lines."""
    chance = random.Random(seed)
    kind = chance.choice(("mixed", "logprov", "described", "night"))
    lines = [*generate.lines(kind, chance.randrange(1, 20), seed)]
    if chance.random() < 0.3:
        chance.shuffle(lines)
    # The records of sessions have 10 kB, which PyYAML would read if they were damaged.
    short = [index for index, line in enumerate(lines) if len(line) < 1000] or [0]
    for _ in range(chance.randrange(1, 6) if seed % 4 else 0):
        index = chance.choice(short)
        lines[index] = chance.choice(CHANGES)(lines[index], chance)
    return "\n".join(lines) + "\n" * chance.randrange(2)


def digest(path: Path) -> str:
    """Return a digest of all documents and diagnostics of a log."""
    with Reading() as reading:
        reading.add(str(path))
        graph = reading.finish()
    found = hashlib.sha256()
    for one in graph.diagnostics:
        found.update(f"{one.code} {one.origin.line} {one.origin.column} {one.message}".encode())
    for name in DOCUMENTS:
        for piece in FORMATS[name].write(graph):
            found.update(str(piece).encode())
    return found.hexdigest()


def main() -> None:
    """Write what is running, and a digest for each log."""
    write = sys.stdout.write
    write(f"{running()}\n")
    with TemporaryDirectory() as folder:
        path = Path(folder, "run.log")
        for seed in range(int(sys.argv[1])):
            path.write_text(log(seed), encoding="utf-8", newline="")
            write(f"{digest(path)}\n")


if __name__ == "__main__":
    main()
