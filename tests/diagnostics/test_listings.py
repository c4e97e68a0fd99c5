"""Findings written in every format and read back."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif import loader

import provlog
from provlog.diagnostics.codes import CODES
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.diagnostics.listings import LISTINGS, listing
from provlog.origin import Origin
from tests.samples import EXCERPT, SAMPLES
from tests.strategies import texts

paths = st.binary(min_size=1, max_size=12).filter(lambda raw: b"\0" not in raw).map(os.fsdecode)
findings = st.lists(
    st.builds(
        Diagnostic,
        st.sampled_from(list(CODES)),
        st.builds(Origin, paths, st.integers(1, 10**9), st.integers(1, 10**6)),
        texts,
    ),
    max_size=5,
)


def written(diagnostics: Sequence[Diagnostic], format: str) -> str:
    return "".join(listing(diagnostics, format))


def fields(diagnostic: Diagnostic) -> dict[str, Any]:
    origin = diagnostic.origin
    return {
        "file": origin.file, "line": origin.line, "column": origin.column,
        "severity": str(diagnostic.severity), "code": diagnostic.code, "message": diagnostic.message,
    }  # fmt: skip


@pytest.mark.parametrize("format", LISTINGS)
def test_nothing_found(format: str) -> None:
    expected = {"text": "", "json": "[]\n", "github": ""}
    assert written([], format) == expected.get(format, written([], "sarif"))


# Text


def test_text_is_a_line_for_each_finding() -> None:
    first = written(provlog.check(EXCERPT), "text").splitlines()[0]
    assert first == f"{EXCERPT}:4:42: warning PL101 closing '}}' missing: supplied at the end"


@given(findings)
def test_text_has_no_control_characters(diagnostics: list[Diagnostic]) -> None:
    lines = written(diagnostics, "text").split("\n")
    assert len(lines) == len(diagnostics) + 1
    assert all(line.isprintable() for line in lines)


# JSON


@given(findings)
def test_json_round_trip(diagnostics: list[Diagnostic]) -> None:
    text = written(diagnostics, "json")
    assert text.isascii()
    assert json.loads(text) == [fields(diagnostic) for diagnostic in diagnostics]


# Workflow commands

COMMAND = re.compile(
    r"::(error|warning|notice) file=([^:,\r\n]*),line=(\d+),col=(\d+),title=(PL\d+)::([^\r\n]*)\n"
)
SEVERITIES = {"error": "error", "warning": "warning", "notice": "note"}


def unescaped(text: str, escapes: Sequence[str]) -> str:
    """Decode escapes in the order of the runner, the percent sign last."""
    for escape in escapes:
        text = text.replace(escape, bytes.fromhex(escape[1:]).decode())
    return text


def commands(text: str) -> list[dict[str, Any]]:
    found = []
    position = 0
    while position < len(text):
        match = COMMAND.match(text, position)
        assert match is not None
        position = match.end()
        severity, file, line, column, code, message = match.groups()
        found.append(
            {
                "file": unescaped(file, ("%0D", "%0A", "%3A", "%2C", "%25")),
                "line": int(line), "column": int(column), "severity": SEVERITIES[severity],
                "code": code, "message": unescaped(message, ("%0D", "%0A", "%25")),
            }
        )  # fmt: skip
    return found


def test_a_workflow_command() -> None:
    origin = Origin("a,b:c%.log", 3, 7)
    assert written([Diagnostic("PL504", origin, "50 %, so: x\r\ny")], "github") == (
        "::notice file=a%2Cb%3Ac%25.log,line=3,col=7,title=PL504::50 %25, so: x%0D%0Ay\n"
    )


@given(findings)
def test_round_trip_of_workflow_commands(diagnostics: list[Diagnostic]) -> None:
    found = commands(written(diagnostics, "github"))
    assert found == [fields(diagnostic) for diagnostic in diagnostics]


# SARIF

MESSAGE = {
    "type": "object", "required": ["text"], "additionalProperties": False,
    "properties": {"text": {"type": "string", "minLength": 1}},
}  # fmt: skip
LEVEL = {"enum": ["none", "note", "warning", "error"]}
POSITIVE = {"type": "integer", "minimum": 1}


def an_object(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object with exactly these properties."""
    return {
        "type": "object", "additionalProperties": False,
        "properties": properties, "required": list(properties),
    }  # fmt: skip


# The requirements of SARIF 2.1.0 for the properties that provlog writes, and their existence.
SCHEMA = an_object(
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs={
        "type": "array", "minItems": 1, "maxItems": 1,
        "items": an_object(
            tool=an_object(
                driver=an_object(
                    name={"const": "provlog"},
                    version={"const": provlog.__version__},
                    rules={
                        "type": "array", "uniqueItems": True,
                        "items": an_object(
                            id={"pattern": r"^PL\d{3}$"}, shortDescription=MESSAGE,
                            fullDescription=MESSAGE, help=MESSAGE,
                            defaultConfiguration=an_object(level=LEVEL),
                        ),
                    },
                )
            ),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results={
                "type": "array",
                "items": an_object(
                    ruleId={"type": "string"}, ruleIndex={"type": "integer", "minimum": 0},
                    level=LEVEL, message={**MESSAGE, "properties": {"text": {"type": "string"}}},
                    locations={
                        "type": "array", "minItems": 1, "maxItems": 1,
                        "items": an_object(
                            physicalLocation=an_object(
                                artifactLocation=an_object(
                                    uri={"type": "string", "format": "uri-reference"}
                                ),
                                region=an_object(startLine=POSITIVE, startColumn=POSITIVE),
                            )
                        ),
                    },
                ),
            },
        ),
    },
)  # fmt: skip
URI = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]*(?:%[0-9A-F]{2}[A-Za-z0-9._~/-]*)*")


def file_of(uri: str) -> str:
    return os.fsdecode(unquote_to_bytes(uri.removeprefix("file://")))


@given(findings)
def test_sarif_round_trip(diagnostics: list[Diagnostic]) -> None:
    text = written(diagnostics, "sarif")
    assert text.isascii()
    log = json.loads(text)
    jsonschema.validate(log, SCHEMA)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    found = []
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert URI.fullmatch(uri)
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]
        found.append(
            {
                "file": file_of(uri), "line": place["region"]["startLine"],
                "column": place["region"]["startColumn"], "severity": result["level"],
                "code": result["ruleId"], "message": result["message"]["text"],
            }
        )  # fmt: skip
    expected = [fields(diagnostic) for diagnostic in diagnostics]
    for item in expected:
        # A URI of an absolute path has one slash where the path may have several.
        if os.path.isabs(item["file"]):
            item["file"] = str(Path(item["file"]))
    assert found == expected


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("logs/run 1.log", "logs/run%201.log"),
        ("a:b.log", "a%3Ab.log"),
        ("/data/run.log", "file:///data/run.log"),
        ("<stdin>", "%3Cstdin%3E"),
        ("https://example.org/a%20b.log", "https://example.org/a%20b.log"),
    ],
)
def test_the_uri_of_a_log(file: str, uri: str) -> None:
    diagnostic = Diagnostic("PL002", Origin(file, 1, 1), "no provenance record found")
    result = json.loads(written([diagnostic], "sarif"))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri
    assert urljoin("file:///home/", uri)


def test_sarif_tools_reads_the_output(tmp_path: Path) -> None:
    found = provlog.check(*(f"sample_logs/{path.name}" for path in sorted(SAMPLES.glob("*.log"))))
    path = tmp_path / "provlog.sarif"
    path.write_text(written(found, "sarif"), encoding="utf-8")
    read = loader.load_sarif_file(str(path))
    assert read.get_distinct_tool_names() == ["provlog"]
    assert [
        (row["Location"], row["Line"], row["Severity"], row["Code"], row["Description"])
        for row in read.get_records()
    ] == [
        (item.origin.file, item.origin.line, item.severity, item.code, item.message)
        for item in found
    ]
    warnings = read.get_report().get_issue_count_for_severity("warning")
    assert warnings == sum(item.severity == "warning" for item in found)


def test_every_rule_has_a_meaning_and_a_remedy() -> None:
    rules = json.loads(written([], "sarif"))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    assert [rule["shortDescription"]["text"] for rule in rules] == [
        code.title for code in CODES.values()
    ]
