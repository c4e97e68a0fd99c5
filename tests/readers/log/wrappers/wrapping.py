"""Wrap the lines of a log as other programs do."""

from __future__ import annotations

import csv
import html
import io
import json
import logging
import quopri
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal
from xml.sax.saxutils import escape

import loguru
import nbformat
import structlog
from nbformat import v4
from pythonjsonlogger.json import JsonFormatter

__all__ = ["WRAPPERS"]

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
TIME = "2024-03-11T20:04:{:02}.{:07}Z"


def times(lines: list[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines):
        yield TIME.format(number % 60, number), line


def docker(lines: list[str]) -> str:
    # The json-file driver cuts lines at 16 KiB.
    found = []
    for time, line in times(lines):
        text = f"{line}\n"
        for start in range(0, len(text), 16384):
            piece = text[start : start + 16384]
            found.append(json.dumps({"log": piece, "stream": "stderr", "time": time}))
    return "\n".join(found) + "\n"


def cri(lines: list[str], size: int = 8192) -> str:
    found = []
    for time, line in times(lines):
        pieces = [line[start : start + size] for start in range(0, max(len(line), 1), size)]
        flags = "P" * (len(pieces) - 1) + "F"
        found += [
            f"{time} stdout {flag} {piece}" for flag, piece in zip(flags, pieces, strict=True)
        ]
    return "\n".join(found) + "\n"


def gitlab(lines: list[str]) -> str:
    found = []
    for time, line in times(lines):
        pieces = [line[start : start + 4096] for start in range(0, max(len(line), 1), 4096)]
        found += [f"{time} 00O{'+' if i else ' '}{piece}" for i, piece in enumerate(pieces)]
    return "\n".join(found) + "\n"


def through_logging(formatter: logging.Formatter) -> Callable[[list[str]], str]:
    def wrap(lines: list[str]) -> str:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        logger = logging.Logger("wrapped")
        logger.addHandler(handler)
        for line in lines:
            logger.info("%s", line)
        return stream.getvalue()

    return wrap


def through_structlog(*processors: structlog.typing.Processor) -> Callable[[list[str]], str]:
    def wrap(lines: list[str]) -> str:
        stream = io.StringIO()
        logger = structlog.wrap_logger(
            structlog.PrintLogger(stream),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                *processors,
            ],
        )
        for line in lines:
            logger.info(line)
        return stream.getvalue()

    return wrap


def through_loguru(lines: list[str]) -> str:
    stream = io.StringIO()
    logger = loguru.logger
    logger.remove()
    number = logger.add(stream, serialize=True)
    for line in lines:
        logger.info("{}", line)  # noqa: PLE1205
    logger.remove(number)
    return "".join(map(_as_on_another_machine, stream.getvalue().splitlines()))


def _as_on_another_machine(text: str) -> str:
    """Return a line of loguru without the times, ids and paths of this run, which vary in length."""
    line = json.loads(text)
    line["text"] = re.sub(r"^\S+ \S+", "2024-03-11 20:04:01.000", line["text"])
    line["record"] |= {
        "elapsed": {"repr": "0:00:01.234567", "seconds": 1.234567},
        "file": {"name": "run.py", "path": "/opt/analysis/run.py"},
        "process": {"id": 4242, "name": "MainProcess"},
        "thread": {"id": 140123456789012, "name": "MainThread"},
        "time": {"repr": "2024-03-11 20:04:01.000000+00:00", "timestamp": 1710187441.0},
    }
    return json.dumps(line, ensure_ascii=False) + "\n"


def journal(lines: list[str]) -> str:
    return "".join(
        json.dumps({
            "__REALTIME_TIMESTAMP": "1710187441000000", "PRIORITY": "6", "_PID": "42",
            "SYSLOG_IDENTIFIER": "run",
            "MESSAGE": line if line.isascii() else list(line.encode()),
        }) + "\n"
        for line in lines
    )  # fmt: skip


def loki(lines: list[str]) -> str:
    # Loki answers with the newest entry first.
    values = [[str(1710187441000000000 + number), line] for number, line in enumerate(lines)]
    result = [{"stream": {"job": "run"}, "values": values[::-1]}]
    return json.dumps({"status": "success", "data": {"resultType": "streams", "result": result}})


def logcli(lines: list[str]) -> str:
    return "".join(
        json.dumps({"labels": {"job": "run"}, "line": line, "timestamp": time}) + "\n"
        for time, line in times(lines)
    )


def cloudwatch(lines: list[str]) -> str:
    events = [
        {"timestamp": 1710187441000 + number, "message": line, "ingestionTime": 1710187449000}
        for number, line in enumerate(lines)
    ]
    return json.dumps({"events": events, "nextForwardToken": "f/1"}, indent=4)


def gcloud(lines: list[str]) -> str:
    entries = [
        {"insertId": str(number), "textPayload": line, "timestamp": TIME.format(0, number)}
        for number, line in enumerate(lines)
    ]
    return json.dumps(entries[::-1], indent=2)


def notebook(lines: list[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    half = len(text) // 2
    new: Any = v4
    cell = new.new_code_cell("analysis.run()")
    cell.outputs = [
        new.new_output("stream", name="stderr", text=part) for part in (text[:half], text[half:])
    ]
    writer: Any = nbformat
    return str(writer.writes(new.new_notebook(cells=[cell])))


def comma_separated(
    delimiter: str, quoting: Literal[0, 1] = csv.QUOTE_ALL
) -> Callable[[list[str]], str]:
    def wrap(lines: list[str]) -> str:
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=delimiter, quoting=quoting)
        writer.writerow(["time", "host", "message"])
        for time, line in times(lines):
            writer.writerow([time, "node0", line])
        return stream.getvalue()

    return wrap


def printable(lines: list[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    body = quopri.encodestring(text.encode()).decode()
    return f"Subject: log\nContent-Transfer-Encoding: quoted-printable\n\n{body}"


def rsyslog(lines: list[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    return f"Mar 11 20:04:02 node0 run[42]: {CONTROL.sub(lambda found: f'#{ord(found[0]):03o}', text)}\n"


def each(wrap: Callable[[str], str]) -> Callable[[list[str]], str]:
    return lambda lines: "".join(f"{wrap(line)}\n" for line in lines)


def numbered(template: str) -> Callable[[list[str]], str]:
    return lambda lines: "".join(
        template.format(number=number, line=line) + "\n"
        for number, line in enumerate(lines, start=1)
    )


def timed(template: str) -> Callable[[list[str]], str]:
    return lambda lines: "".join(
        template.format(time=time, line=line) + "\n" for time, line in times(lines)
    )


WRAPPERS: dict[str, Callable[[list[str]], str]] = {
    "docker json-file": docker,
    "CRI": cri,
    "gitlab": gitlab,
    "python-json-logger": through_logging(JsonFormatter("%(asctime)s %(levelname)s %(message)s")),
    "structlog JSON": through_structlog(structlog.processors.JSONRenderer()),
    "structlog key=value": through_structlog(structlog.processors.KeyValueRenderer()),
    "structlog logfmt": through_structlog(structlog.processors.LogfmtRenderer()),
    "loguru": through_loguru,
    "journald JSON": journal,
    "Loki": loki,
    "logcli": logcli,
    "CloudWatch": cloudwatch,
    "gcloud": gcloud,
    "notebook": notebook,
    "CSV": comma_separated(","),
    "CSV, quoted where needed": comma_separated(",", csv.QUOTE_MINIMAL),
    "semicolons": comma_separated(";"),
    "tabs": comma_separated("\t"),
    "bytes": each(lambda line: repr(f"{line}\n".encode())),
    "bytes behind a level": each(lambda line: f"INFO:runner:{f'{line}'.encode()!r}"),
    "strings": each(lambda line: repr(f"{line}\n")),
    "JSON strings": each(json.dumps),
    "HTML": lambda lines: "<html><body><pre>\n" + each(html.escape)(lines) + "</pre></body></html>\n",
    "HTML without quotes": lambda lines: "<html><pre>\n"
    + each(lambda line: html.escape(line, quote=False))(lines) + "</pre></html>\n",
    "HTML in spans": lambda lines: "<!DOCTYPE html>\n<html><body><pre>\n"
    + each(lambda line: f'<span class="line">{html.escape(line)}</span>')(lines) + "</pre></body>\n",
    "JUnit": lambda lines: '<?xml version="1.0"?>\n<testsuite><testcase name="a"><system-out>'
    + escape("".join(f"{line}\n" for line in lines)) + "</system-out></testcase></testsuite>\n",
    "JUnit CDATA": lambda lines: '<?xml version="1.0"?>\n<testsuite><testcase name="a"><system-out><![CDATA['
    + "".join(f"{line}\n" for line in lines).replace("]]>", "]]]]><![CDATA[>") + "]]></system-out></testcase></testsuite>\n",
    "quoted-printable": printable,
    "rsyslog": rsyslog,
    "GitHub Actions": timed("{time} {line}"),
    "gh run view": timed("build\tRun analysis\t{time} {line}"),
    "docker logs -t": timed("2024-03-11T20:04:02.123456789Z {line}"),
    "kubectl --prefix": each(lambda line: f"[pod/run-5d9c/main] {line}"),
    "kubectl --prefix --timestamps": timed("[pod/run-5d9c/main] {time} {line}"),
    "compose": each(lambda line: f"worker-1  | {line}"),
    "compose -t": timed("worker-1  | {time} {line}"),
    "honcho": each(lambda line: f"20:04:02 worker.1  | {line}"),
    "syslog": each(lambda line: f"Mar 11 20:04:02 node0 run[42]: {line}"),
    "syslog with priority": each(lambda line: f"<14>Mar  1 20:04:02 node0 run[42]: {line}"),
    "syslog 5424": timed("<14>1 {time} node0 run 42 - - {line}"),
    "journalctl -o short-iso": each(lambda line: f"2024-03-11T20:04:02+0000 node0 run[42]: {line}"),
    "ts": each(lambda line: f"Mar 11 20:04:02 {line}"),
    "Jenkins": timed("[{time}] {line}"),
    "Airflow": each(
        lambda line: f"[2024-03-11, 20:04:02 UTC] {{subprocess.py:93}} INFO - {line}"
    ),
    "srun --label": each(lambda line: f"0: {line}"),
    "srun --label, many": each(lambda line: f" 12: {line}"),
    "mpirun --tag-output": each(lambda line: f"[1,0]<stdout>:{line}"),
    "prterun": each(lambda line: f"[prterun-node0-42@1,0]<stdout>: {line}"),
    "mpiexec -prepend-rank": each(lambda line: f"[0] {line}"),
    "mail": each(lambda line: f"> {line}"),
    "mail, twice": each(lambda line: f">> {line}"),
    "grep -n": numbered("{number}:{line}"),
    "grep -Hn": numbered("run.log:{number}:{line}"),
    "cat -n": numbered("{number:6}\t{line}"),
    "parallel --tag": each(lambda line: f"node 7\t{line}"),
    "indented by a reporter": each(lambda line: f"    | {line}"),
    "docker around GitHub Actions": lambda lines: docker(
        timed("{time} {line}")(lines).removesuffix("\n").split("\n")
    ),
    "CSV around JSON": lambda lines: comma_separated(",")(logcli(lines).removesuffix("\n").split("\n")),
    "JSON around JSON": lambda lines: docker(logcli(lines).removesuffix("\n").split("\n")),
    "compose around docker": lambda lines: each(lambda line: f"a-1 | {line}")(
        docker(lines).removesuffix("\n").split("\n")
    ),
    # Behind a blank line, the second carriage return would be part of the line end.
    "progress bars": lambda lines: "".join(
        (f"\r{number}%|##  | {number}/999 [00:01<00:01]\r" if line else "") + f"{line}\n"
        for number, line in enumerate(lines)
    ),
    "CR LF": each(lambda line: f"{line}\r"),
}  # fmt: skip
"""The functions that wrap the lines of a log, by program."""
