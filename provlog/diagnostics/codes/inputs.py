"""Codes of inputs and outputs: ``PL0..``."""

from __future__ import annotations

from provlog.diagnostics.codes.code import Code
from provlog.diagnostics.codes.examples import EVENTS
from provlog.diagnostics.severity import Severity

__all__ = ["INPUT_CODES"]

INPUT_CODES: dict[str, Code] = {
    "PL001": Code(
        Severity.ERROR,
        "damaged or truncated compressed input",
        (
            "$ head -c 1000 run.log.gz > cut.log.gz",
            "$ provlog check cut.log.gz",
        ),
        "The gzip, bzip2, xz or zstd data is damaged or ends too early. The records before this "
        "point were kept.",
        "Copy or compress the log again. If a program is still writing the compressed log, read "
        "it after the program has closed it.",
    ),
    "PL002": Code(
        Severity.WARNING,
        "input without a provenance record",
        ("2020-01-01 00:00:01 INFO: reading events",),
        "The input contains no marker of a provenance record.",
        "Leave this file out. If it should hold provenance, check that the logger of the records "
        "is enabled and writes to this file.",
    ),
    "PL003": Code(
        Severity.ERROR,
        "unreadable input",
        ("$ provlog check absent.log",),
        "The file does not exist, permission is denied, or no file matches the pattern. provlog "
        "reads the other inputs.",
        "Correct the name or the permissions.",
    ),
    "PL004": Code(
        Severity.ERROR,
        "output that cannot be written",
        ("$ provlog batch logs/ -d /full/disk",),
        "The document of a log cannot be written. provlog writes the documents of the other logs.",
        "Free some space or correct the permissions, then run the batch again: it skips the logs "
        "that are already converted.",
    ),
    "PL005": Code(
        Severity.ERROR,
        "worker process died while reading this input",
        ("$ provlog batch logs/ -d out/ --jobs 4",),
        "The process that read a log was killed or ran out of memory. provlog reads the other "
        "logs.",
        "Convert this log alone, with more memory or fewer processes.",
    ),
    "PL006": Code(
        Severity.ERROR,
        "internal error of provlog on this input",
        ("$ provlog batch logs/ -d out/",),
        "provlog failed with an unexpected exception while it read a log. It reads the other logs.",
        "Please report it, with the log or the lines that the message names.",
    ),
    "PL007": Code(
        Severity.WARNING,
        "output older than its log",
        ("$ : > logs/run.log", "$ provlog batch logs/ -d out/"),
        "A log no longer holds any record, but a document that was made from it, or from another "
        "log of that name, exists. The document was kept.",
        "Find out what emptied the log, or delete the document.",
    ),
    "PL009": Code(
        Severity.WARNING,
        "prefix or name without a namespace in a PROV document",
        ('{"prefix": {"ex": "https://example.org/"}, "entity": {"ex:a": {}, "run:b": {}}}',),
        "The document uses a prefix that it does not declare, or a name without a prefix although "
        "it has no default namespace. provlog declares a namespace of its own for it.",
        "Declare the prefix in the document.",
    ),
    "PL010": Code(
        Severity.WARNING,
        "part of a PROV document that cannot be read",
        (
            '{"prefix": {"ex": "https://example.org/"},',
            ' "entity": {"ex:a": {"ex:size": {"type": "xsd:int"}}}}',
        ),
        "A statement of an unknown kind, such as an extension of PROV-N, an invalid time, or a "
        "value that its format does not allow. provlog leaves it out and reads the rest.",
        "Correct the document, or the program that wrote it.",
    ),
    "PL011": Code(
        Severity.WARNING,
        "repeated key in a PROV-JSON document",
        (
            '{"prefix": {"ex": "https://example.org/"},',
            ' "entity": {"ex:a": {"ex:size": 1, "ex:size": 2}}}',
        ),
        "A JSON object has the same key twice. JSON does not define the meaning; most programs "
        "ignore the first value. provlog keeps both.",
        "Write several values as a list.",
    ),
    "PL012": Code(
        Severity.NOTE,
        "log inside a wrapper",
        (f"app-1  | {EVENTS}", "app-1  | done"),
        "Another program put something around each line: quotes, a prefix, pieces of long lines. "
        "provlog removed it before it read the records.",
        "Nothing is lost. docs/wrappers.md lists the wrappers.",
    ),
    "PL013": Code(
        Severity.ERROR,
        "truncated document",
        ("document", "  prefix ex <https://example.org/>", "  entity(ex:a)"),
        "A PROV document, a job document, a job definition, a notebook or a dump of a database "
        "ends too early: the program that wrote it was killed, the disk was full, or a copy is "
        "incomplete. provlog keeps all complete statements, and leaves out the one in which it "
        "ends.",
        "Copy or write the document again.",
    ),
}
"""Codes of inputs and outputs."""
