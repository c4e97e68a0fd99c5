"""Diagnostics for other tools: SARIF 2.1.0 (OASIS Standard, 27 March 2020).

One run with all codes as its rules; no invocation, fixes or fingerprints.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from provlog.diagnostics.codes import CODES, Code
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.urls import is_url
from provlog.version import __version__

__all__ = ["write_sarif"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_RULE_INDEX = {code: number for number, code in enumerate(CODES)}


def write_sarif(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield a SARIF log file (section 3.13), in ASCII."""
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "provlog",
                        "version": __version__,
                        "rules": [_rule(name, code) for name, code in CODES.items()],
                    }
                },
                # Section 3.14.17: the unit of columns.
                "columnKind": "unicodeCodePoints",
                "results": [_result(diagnostic) for diagnostic in diagnostics],
            }
        ],
    }
    yield json.dumps(log, indent=1) + "\n"


def _rule(name: str, code: Code) -> dict[str, Any]:
    """Return a code as a reportingDescriptor (section 3.49)."""
    return {
        "id": name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.meaning},
        "help": {"text": code.remedy},
        "defaultConfiguration": {"level": code.severity.value},
    }


def _result(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as a result (section 3.27)."""
    origin = diagnostic.origin
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(origin.file)}}
    if origin.line:
        place["region"] = {"startLine": origin.line, "startColumn": origin.column}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": _RULE_INDEX[diagnostic.code],
        "level": diagnostic.severity.value,
        "message": {"text": diagnostic.message},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    """Return the name of a file as a valid URI reference (section 3.4.3).

    A relative path stays relative; standard input has the name that messages use.
    """
    if is_url(file):
        # Keep existing escapes.
        return quote(file, safe="%/:?#[]@!$&'()*+,;=~")
    if os.path.isabs(file):
        return Path(file).as_uri()
    # A file name may hold bytes that are not UTF-8.
    return quote(os.fsencode(file.replace(os.sep, "/")))
