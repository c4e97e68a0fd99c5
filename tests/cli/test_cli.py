"""The command line: output, messages and exit codes."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

import provlog
from provlog.cli import main
from provlog.cli.messages import progress_bar
from provlog.compiled import running
from provlog.writers import FORMATS
from tests.grids import grid
from tests.judges import read_back
from tests.samples import DOCUMENTS, EXCERPT, SAMPLES, document

LOG = SAMPLES / "gammapy-2020-04.log"
RECORD = "_PROV_2020-01-01T00:00:00_PROV_{'entity_id': 'e', 'name': 'x'}\n"


class Result(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    output: str
    errors: str


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Result(result.exit_code, result.stdout, result.stderr)


def provlog_process(
    *arguments: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as a process."""
    command = [sys.executable, "-m", "provlog", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def one_line(result: Result) -> str:
    """Return the only line of standard error."""
    assert result.errors.count("\n") == 1
    assert "Traceback" not in result.errors
    return result.errors.strip()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_format_on_standard_output(name: str) -> None:
    result = run("convert", LOG, "-f", name)
    assert (result.code, result.errors) == (0, "")
    assert read_back(result.output, name) == provlog.read(LOG).to_prov()


@pytest.mark.parametrize("name", [*DOCUMENTS, "dot"])
def test_the_suffix_determines_the_format(name: str, tmp_path: Path) -> None:
    for suffix in FORMATS[name].suffixes:
        output = tmp_path / f"run{suffix}"
        assert run("convert", LOG, "-o", output) == (0, "", "")
        assert output.read_text(encoding="utf-8") == document(provlog.read(LOG), name)


@pytest.mark.parametrize("name", [*DOCUMENTS, "dot"])
def test_a_suffix_is_a_name_of_its_format(name: str) -> None:
    for suffix in FORMATS[name].suffixes:
        for spelling in (suffix, suffix[1:], suffix.upper()):
            assert run("convert", LOG, "-f", spelling) == run("convert", LOG, "-f", name)


def test_a_format_that_contradicts_the_suffix_is_a_warning(tmp_path: Path) -> None:
    output = tmp_path / "run.json"
    result = run("convert", LOG, "-f", "provn", "-o", output)
    assert (result.code, one_line(result)) == (
        0, f"provlog: warning: {output} will hold provn, not provjson",
    )  # fmt: skip
    assert output.read_text() == document(provlog.read(LOG), "provn")


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=() if FORMATS[name].is_binary or name == "provjson" else pytest.mark.slow,
        )
        for name in FORMATS
    ],
)
def test_binary_formats_are_not_printed_to_a_terminal(name: str) -> None:
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "provlog", "convert", EXCERPT, "-f", name],
        stdout=follower, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    with suppress(OSError):
        while block := os.read(leader, 1 << 16):
            shown += block
    os.close(leader)
    _, errors = process.communicate()
    if FORMATS[name].is_binary:
        assert (process.returncode, shown) == (2, b"")
        assert errors.startswith(f"provlog: {name} is binary: write it to a file, -o run.{name}")
    else:
        assert process.returncode == 0
        shown.decode()


ENCODINGS = ["cp1252", "cp437", "ascii", "latin-1", "koi8-r", "utf-8", "utf-16"]
LINEAGE = "lineage {log} \u03b1-map"
COMMANDS = [
    LINEAGE, "lineage {log} absent-\u03b1", "show {log}", "check {log}", "check {log} -f github",
    "convert {log} -f provn", "convert \u03b1.log", "convert {log} -f \u03b1", "formats",
    "check --explain PL", "definitions check \u03b1.yaml", "--help",
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "encoding"),
    grid(COMMANDS, ENCODINGS, also=lambda command, encoding: bool(command == LINEAGE)),
)
def test_standard_output_in_any_encoding(command: str, encoding: str, tmp_path: Path) -> None:
    log = tmp_path / "\u03b1-run.log"
    records = [
        {"activity_id": "a", "name": "fit \u2192 map", "startTime": "2020-01-01T00:00:00"},
        {"activity_id": "a", "used_id": "e", "entity_name": "events \u65e5\u672c"},
        {"activity_id": "a", "generated_id": "m", "entity_name": "\u03b1-map"},
        {"unknown": "\u03b1"},
    ]
    log.write_text("".join(f"_PROV_{record!r}\n" for record in records), encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "provlog", *(one.format(log=log) for one in command.split())],
        capture_output=True, check=False, cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert b"Traceback" not in process.stderr
    assert process.returncode in (0, 1, 2, 3)
    if command == LINEAGE:
        text = process.stdout.decode(encoding)
        assert ("\u2514\u2500\u2500 generated by" in text) == (
            encoding in ("cp437", "koi8-r", "utf-8", "utf-16")
        )
        assert ("`-- generated by" in text) == (encoding in ("cp1252", "ascii", "latin-1"))
        assert ("\u03b1-map" in text) == (encoding in ("cp437", "utf-8", "utf-16"))
        assert ("\\u03b1-map" in text) == (encoding not in ("cp437", "utf-8", "utf-16"))


def test_prov_json_is_the_default() -> None:
    assert json.loads(run("convert", LOG).output)["activity"]


def test_several_logs_make_one_document() -> None:
    result = run("convert", LOG, SAMPLES / "gammapy-2019-10-30.log", "-f", "provn")
    graph = provlog.read(LOG, SAMPLES / "gammapy-2019-10-30.log")
    assert result.output == document(graph, "provn")


def test_standard_input() -> None:
    assert run("convert", "-", "-f", "provn", stdin=LOG.read_bytes()).output == document(
        provlog.read(LOG), "provn"
    )


def test_selection() -> None:
    result = run(
        "convert", LOG, "-f", "provn", "--activity", "run_fit", "--activity", "get_observations",
        "--since", "2020-01-01", "--until", "2100-01-01", "--session",
        next(iter(provlog.read(LOG).sessions)),
    )  # fmt: skip
    assert result.code == 0
    assert result.output.count('prov:label="run_fit"') == 1
    assert "get_flux_points" not in result.output


def test_bundles() -> None:
    assert run("convert", LOG, "-f", "provn", "--bundles").output.count("endBundle") == 2


def test_namespaces() -> None:
    result = run(
        "convert", SAMPLES / "logprov-gammapy-sessions.log", "-f", "provn",
        "--namespace", "https://example.org/log/", "--namespace", "gamma-events=https://example.org/e/",
    )  # fmt: skip
    assert "prefix log <https://example.org/log/>" in result.output
    assert "prefix gamma-events <https://example.org/e/>" in result.output


def test_diagnostics_name_file_line_and_column() -> None:
    result = run("convert", EXCERPT)
    assert result.code == 0
    first, second, summary = result.errors.splitlines()
    assert first.startswith(f"{EXCERPT}:4:42: warning PL101 ")
    assert second.startswith(f"{EXCERPT}:8:42: warning PL103 ")
    assert summary == "provlog: 2 warnings (PL101 1x, PL103 1x)"


def test_many_diagnostics_are_summed_up(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text(RECORD + "_PROV_2020-01-01T00:00:00_PROV_{'x': 1}\n" * 100)
    result = run("convert", log)
    assert len(result.errors.splitlines()) == 22
    assert "... and 80 more" in result.errors


def test_strict_writes_nothing_after_a_problem(tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    output.write_text("before")
    result = run("convert", EXCERPT, "-o", output, "--strict")
    assert (result.code, result.output) == (1, "")
    assert output.read_text() == "before"
    assert run("convert", LOG, "-o", output, "--strict").code == 0
    assert output.read_text() != "before"


def test_strict_accepts_notes() -> None:
    assert run("convert", SAMPLES / "gammapy-2019-10-07.log", "--strict").code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (
            b"",
            "no provenance record found: it looks like an empty file; check where the program logs",
        ),
        (b"INFO: nothing here\n" * 10, "no provenance record found"),
        (
            b"\x1f\x8b\x00 no gzip",
            (
                "no provenance record found; {log}:1:1: error PL001 compressed data "
                "is damaged: Unknown compression method; the records before this point were kept"
            ),
        ),
        (
            b"_PROV_{'activity_id': 'x",
            (
                "no provenance record found; {log}:1:1: warning PL102 record cut "
                "short: dropped its incomplete end \"'activity_id': 'x\""
            ),
        ),
    ],
)
def test_an_input_without_records(tmp_path: Path, content: bytes | None, message: str) -> None:
    log, output = tmp_path / "run.log", tmp_path / "out.json"
    if content is not None:
        log.write_bytes(content)
    result = run("convert", log, "-o", output)
    assert result.code == 3
    assert one_line(result) == f"provlog: {log}: {message.format(log=log)}"
    assert os.listdir(tmp_path) == ([] if content is None else ["run.log"])


def test_a_directory(tmp_path: Path) -> None:
    result = run("convert", tmp_path)
    assert result.code == 3
    assert one_line(result) == f"provlog: {tmp_path}: is a directory; name the logs in it"


def test_one_of_several_inputs_without_records(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("INFO: nothing here\n")
    result = run("convert", LOG, log)
    assert result.code == 0
    assert f"{log}: warning PL002 no provenance record found" in result.errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "yaml"], "unknown format 'yaml'; the formats are provjson, provxml, provn, turtle"),
        (["-o", "out.txt"], "out.txt: no format has the suffix '.txt'"),
        (
            ["-f", "provjsno"],
            "unknown format 'provjsno' (did you mean 'provjson'?); the formats are",
        ),
        (["-f", "provn", "-o", "run.svg"], "run.svg: the suffix stands for svg, but -f for provn"),
        (["-f", "svg", "-o", "run.ttl"], "run.ttl: the suffix stands for turtle, but -f for svg"),
        (["--from", "ctapip"], "unknown reader 'ctapip' (did you mean 'ctapipe'?)"),
        (["-o", "out"], "out: no format has the suffix ''"),
        (["--session", "absent"], "no session 'absent'"),
        (["--activity", "absent"], "no activity 'absent'"),
        (["--since", ""], "--since: '' is not a valid ISO 8601 time"),
        (["--since", "yesterday"], "--since: 'yesterday' is not a valid ISO 8601 time"),
        (
            ["--namespace", "1x=https://example.org/"],
            "namespace '1x': ids in a log cannot use",
        ),
        (["--namespace", "prov=https://example.org/"], "namespace 'prov': ids in a log cannot use"),
        (["--namespace", "x y"], "namespace 'x y' is not an absolute IRI"),
        (
            ["--namespace", 'https://example.org/"'],
            "namespace 'https://example.org/\"' is not an abs",
        ),
        (["--namespace", "x="], "namespace '' is not an absolute IRI"),
        (
            ["--namespace", "x=urn:provlog:param:"],
            "namespace 'urn:provlog:param:' is already in use",
        ),
        (["--namespace", "http://www.w3.org/ns/prov#"], "namespace 'http://www.w3.org/ns/prov#'"),
        (["-f", "turtle", "--bundles"], "turtle cannot hold bundles; use trig"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str) -> None:
    result = run("convert", LOG, *arguments)
    assert (result.code, result.output) == (2, "")
    assert one_line(result).startswith(f"provlog: {message}")


def test_an_option_that_does_not_exist() -> None:
    result = run("convert", LOG, "--frmat", "provn")
    assert result.code == 2
    assert "--frmat" in result.errors
    assert "--format" in result.errors


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    for output in (tmp_path / "absent" / "out.json", tmp_path / "run.json"):
        if output.parent == tmp_path:
            output.mkdir()
        result = run("convert", LOG, "-o", output)
        assert result.code == 4
        assert one_line(result).startswith(f"provlog: {output}: cannot be written: ")


def test_an_output_that_is_an_input(tmp_path: Path) -> None:
    log = tmp_path / "run.json"
    log.write_text(RECORD)
    result = run("convert", log, "-o", log)
    assert result.code == 2
    assert one_line(result) == f"provlog: {log}: is an input; name another output"
    assert log.read_text() == RECORD


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("name", ["provjson", "provn", "provxml"])
def test_a_full_disk(name: str) -> None:
    result = provlog_process("convert", LOG, "-f", name, "-o", "/dev/full")
    assert result.returncode == 4
    assert result.stderr == "provlog: /dev/full: cannot be written: No space left on device\n"
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "provlog", "convert", LOG, "-f", name],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert process.returncode == 4
    assert process.stderr == (
        "provlog: standard output cannot be written: No space left on device\n"
    )


def test_a_closed_pipe() -> None:
    command = (
        f"{sys.executable} -m provlog convert {SAMPLES / 'lstosa-0.9.5.log'} -f provn | head -1"
    )
    command = f"set -o pipefail; {command}"
    process = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (process.stdout, process.returncode) == ("document\n", 0)
    assert "Traceback" not in process.stderr
    assert "Broken" not in process.stderr


@pytest.mark.parametrize(
    ("command", "code", "errors"),
    [
        ("convert {log} -o out.json 2>&-", 0, ""),
        ("convert {log} -o out.json >&-", 0, ""),
        ("convert {log} -o out.json 2>/dev/full", 0, ""),
        ("convert {log} >&-", 4, "provlog: standard output is closed\n"),
        ("convert - <&-", 3, "provlog: <stdin>: is closed\n"),
        ("--version >&-", 0, ""),
        ("formats >&-", 0, ""),
        ("convert {log} -f provn -o /dev/stdout | cat", 0, ""),
        ("convert - -f provn -o same.log <same.log", 2,
         "provlog: same.log: is an input; name another output\n"),
    ],
)  # fmt: skip
def test_closed_and_full_standard_streams(
    tmp_path: Path, command: str, code: int, errors: str
) -> None:
    (tmp_path / "same.log").write_text(RECORD)
    process = subprocess.run(
        f"{sys.executable} -m provlog {command.format(log=LOG)}",
        shell=True, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (process.returncode, process.stderr) == (code, errors)
    assert (tmp_path / "out.json").exists() == ("out.json" in command)
    assert (tmp_path / "same.log").read_text() == RECORD


def test_interruption(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        subprocess.Popen(
            [sys.executable, "-m", "provlog", "convert", pipe], stderr=subprocess.PIPE, text=True
        ) as process,
        pipe.open("wb") as stream,
    ):
        stream.write(RECORD.encode())
        stream.flush()
        # The process handles a signal that arrives just before it waits for the pipe only after that.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
        assert process.stderr is not None
        errors = process.stderr.read()
    assert process.returncode == 130
    assert errors.strip() == "provlog: interrupted"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["check", "--help"],
        ["convert", "--help"],
        ["formats", "--help"],
        ["run", "--help"],
    ],
)
def test_help_has_examples(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.code == 0
    assert "  provlog " in result.output


def test_formats_come_from_the_registry() -> None:
    result = run("formats")
    for format in FORMATS.values():
        assert format.name in result.output
        assert format.media_type in result.output
        assert format.name in run("convert", "--help").output


def test_version() -> None:
    assert run("--version").output == f"provlog, version {provlog.__version__} ({running()})\n"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom provlog.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'msgspec', 'prov', 'yaml', 'lxml', 'rdflib', 'pydot', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert process.returncode == 0, process.stderr


def test_converting_a_small_log_imports_only_what_it_needs(tmp_path: Path) -> None:
    log = SAMPLES / "gammapy-2020-04.log"
    code = (
        "import sys\nfrom provlog.cli import main\n"
        f"try: main(['convert', {str(log)!r}, '-o', {str(tmp_path / 'run.json')!r}])\n"
        "except SystemExit: pass\n"
        "print(*sorted(name for name in sys.modules))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    names = set(process.stdout.decode().split())
    commands = {name for name in names if name.startswith("provlog.cli.")}
    assert commands == {
        f"provlog.cli.{name}"
        for name in ("convert", "documents", "logs", "main", "messages", "selection")
    }
    unused = {
        "asyncio", "bz2", "csv", "gzip", "html", "logging", "lxml", "lzma", "prov", "provlog.capture",
        "provlog.files.archives", "provlog.graphs.lineage", "provlog.readers.unknown", "provlog.store",
        "random", "rich", "sqlite3", "subprocess", "tarfile", "tempfile", "webbrowser", "yaml",
        "zipfile",
    }  # fmt: skip
    assert names & unused == set()


def test_completion_of_formats() -> None:
    process = provlog_process(
        env=os.environ | {
            "_PROVLOG_COMPLETE": "bash_complete", "COMP_WORDS": "provlog convert -f prov",
            "COMP_CWORD": "3",
        },
    )  # fmt: skip
    assert process.stdout.split() == ["plain,provjson", "plain,provxml", "plain,provn"]


# Prints the documents in several formats, one after the other.
CONVERT = """
import sys
from provlog.cli.main import main
_, log, *names = sys.argv
for name in names:
    bundles = "--strict" if name in ("turtle", "dot", "svg") else "--bundles"
    print(f"\\n=== {name}", flush=True)
    try:
        main(["convert", log, "-f", name, bundles])
    except SystemExit as end:
        assert end.code == 0
"""


def test_documents_do_not_depend_on_the_hash_seed() -> None:
    names = [*DOCUMENTS, "dot", "svg"]
    one, other = (
        subprocess.run(
            [sys.executable, "-c", CONVERT, LOG, *names],
            env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True,
        ).stdout.split("\n=== ")[1:]
        for seed in ("1", "2")
    )  # fmt: skip
    assert [document.partition("\n")[0] for document in one] == names
    assert all(len(document) > 1000 for document in one)
    assert one == other


class Terminal(io.StringIO):
    """A standard error stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("patience", "terminal", "shown"), [(0, True, True), (60, True, False), (0, False, False)]
)
def test_progress_is_shown_after_a_while_and_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, patience: float, terminal: bool, shown: bool
) -> None:
    monkeypatch.setattr("provlog.cli.messages._PATIENCE", patience)
    monkeypatch.setattr("sys.stderr", stream := Terminal() if terminal else io.StringIO())
    with progress_bar([str(LOG)]) as progress:
        provlog.read(LOG, progress=progress)
    assert ("reading" in stream.getvalue()) == shown
    assert ("100%" in stream.getvalue()) == shown
