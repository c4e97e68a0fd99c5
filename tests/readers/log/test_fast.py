"""The compiled reader of usual records, beside the pure Python code that does the same."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.readers.log import scanner
from provlog.readers.log.dialect import Dialect, Record
from provlog.readers.log.scanner import Scanner
from tests.readers.log.scanning import scan
from tests.samples import LOGS, SAMPLES
from tests.strategies import HOSTILE_TEXTS, logs

FAST = scanner._FAST
pytestmark = pytest.mark.skipif(FAST is None, reason="the compiled modules are not built")


def scanned(text: str, is_fast: bool) -> tuple[str, list[Diagnostic], str, list[Diagnostic]]:
    """Return records and events, as text because nan and 1 == 1.0 == True, and diagnostics."""
    reported: list[Diagnostic] = []
    dialect = Dialect(reported.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "_FAST", FAST if is_fast else None)
        records, found = scan(text)
        reader = Scanner("run.log", reported.append)
    # Twice, because other code makes the events of the first record with certain keys.
    events = reader.events(dialect, f"{text}\n") + reader.events(dialect, text)
    return repr(records), found, repr(events + dialect.feed(reader.finish())), reported


def assert_same(text: str) -> None:
    assert scanned(text, True) == scanned(text, False)


def read_usual(text: str) -> list[Record]:
    """Return the records that the compiled reader reads by itself."""
    found: list[Record] = []
    reader = Scanner("run.log", lambda _: None)._fast
    assert reader is not None
    reader.begin(text)
    position, _ = reader.records(0, 1, found)
    assert position == len(text)
    return found


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ("{}", {}),
        ("{ 'a' : 1 , 'b':[ ] }", {"a": 1, "b": []}),
        ('{"a": "it\'s", \'b\': \'"\'}', {"a": "it's", "b": '"'}),
        ("{'a': -0.5, 'b': 1e3, 'c': 9223372036854775808}", {"a": -0.5, "b": 1e3, "c": 2**63}),
        ("{'a': (1, None), 'b': (1,), 'c': (True, false)}", {"a": [1, None], "b": [1], "c": [True, False]}),
        ("{'a': nan, 'b': -inf}", {"a": "nan", "b": "-inf"}),
        ("{'a': PosixPath('/x'), 'b': array([0.5, 2.])}", {"a": "PosixPath('/x')", "b": "array([0.5, 2.])"}),
        ("{'a': <Quantity 1. TeV>}", {"a": "<Quantity 1. TeV>"}),
        ("{'a': 'é😀', 12: 12}", {"a": "é😀", "12": 12}),
    ],
)  # fmt: skip
def test_usual_payloads(payload: str, fields: dict[str, object]) -> None:
    line = f"é😀: _PROV_2019-10-07T11:20:06_PROV_({payload})\n"
    ((origin, found),) = read_usual(line)
    assert (repr(found), origin.column) == (repr(fields), 5)
    assert_same(line)


@pytest.mark.parametrize(
    "value",
    ["01", "-0", "1.", ".5", "+1", "1_000", "1e999", "0x1f", "'a' 'b'", "b'a'", "[1,]", "(1]", "(,)",
     "{1}", "{'a'}", "'\\x41'", "'\t'", "'it''s'", "Nonexistent", "<a <b>>", "f(g(1))", "f('(')", "(1+2j)",
     "9" * 30, "1" * 5000, "[" * 300, "[" * 300 + "]" * 300, "{'a': " * 80 + "1" + "}" * 80, "'", '"', "",
     "'}'", "'_PROV_'", "'\ud800'", "'\x00'", "- 1", "--1", "-inf", "-nan", "infinity", "a.b.c(1)", "é(1)",
     "x" * 95 + "(1)", "-inf_", "None()", "()", "( )", "[ ]", "1 2", "1e5", "1E+5", "-1.5e-3", "0.1e", "1:2"],
)  # fmt: skip
def test_unusual_values(value: str) -> None:
    for payload in (
        f"{{'activity_id': {value}}}",
        f"{{'activity_id': 1, 'a': [{value}]}}",
        f"{{'activity_id': 1, {value}: 2}}",
    ):
        assert_same(f"x\n_PROV_2019-10-07T11:20:06_PROV_{payload}\nINFO: y\n{payload}\nz\n")


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_documents_of_samples_are_byte_identical(path: Path) -> None:
    documents: list[tuple[str, list[Diagnostic]]] = []
    for is_fast in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scanner, "_FAST", FAST if is_fast else None)
            stream = BytesIO()
            try:
                graph = provlog.read(path)
            except provlog.InputError as error:
                documents.append((str(error), []))
                continue
            provlog.write(graph, stream, "provjson")
            documents.append((stream.getvalue().decode(), graph.diagnostics))
    assert documents[0] == documents[1]


@given(logs())
def test_generated_logs(lines: list[str]) -> None:
    assert_same("".join(f"{line}\n" for line in lines))


_PIECES = (
    "_PROV_", "__PROV__", "_PROV", "_P", "_", "2019-10-07T11:20:06", "PROV", "(", ")", "{", "}", "[", "]", "'",
    '"', ":", ": ", ",", ", ", "\n", "\r\n", " ", "'activity_id': '1'", '"entity_id": 2', "'a'", "1", "-1.5",
    "None", "PosixPath('/x')", "<a b>", "é", "nan", "run.py:12",
)  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES + HOSTILE_TEXTS), max_size=40).map("".join))
def test_hostile_pieces(text: str) -> None:
    assert_same(text)
    assert_same(f"_PROV_2019-10-07T11:20:06_PROV_{{'activity_id': 1, {text}}}\n" + text)


@pytest.mark.parametrize("name", ["gammapy-2020-04.log", "presentation-excerpt.log"])
def test_mutated_samples(name: str) -> None:
    """Replace, remove and repeat parts of lines at random."""
    chance = random.Random(name)
    lines = (SAMPLES / name).read_text(encoding="utf-8").splitlines(keepends=True)[:60]
    for _ in range(60):
        mutated = "".join(chance.sample(lines, min(len(lines), 8)))
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(mutated))
            end = at + chance.choice((0, 1, 1, 5, 80))
            mutated = mutated[:at] + chance.choice(_PIECES) + mutated[end:]
        assert_same(mutated)


KEYS = (
    "activity_id", "session_id", "entity_id", "used_id", "used_role", "generated_id", "generated_role", "member_id",
    "progenitor_id", "in_session", "session_tag", "in_activity", "name", "type", "location", "filepath", "value",
    "startTime", "endTime", "agent_name", "parameters", "entity_name", "member_type", "a b", "prov:type",
)  # fmt: skip
_VALUES = (
    "'x'", "'y'", "1", "-1", "12345678901234567890", "None", "True", "1.5", "{'p': 1}", "[1]", "''", "'é'",
    "PosixPath('/x')", "'2019-10-07T11:20:06'",
)  # fmt: skip
_fields = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(_VALUES)), max_size=6)


@given(
    st.lists(_fields, min_size=1, max_size=6),
    st.sampled_from(("", ", 12: 12", ", 12: '12'", ", 12: 13", ", 'q1': 'q1'")),
)
def test_records_with_any_keys(records: list[list[tuple[str, str]]], last: str) -> None:
    payloads = [", ".join(f"'{key}': {value}" for key, value in fields) for fields in records]
    lines = [f"x _PROV_2019-10-07T11:20:06_PROV_{{{payload}{last}}}\n" for payload in payloads]
    assert_same("".join(lines) + "".join(line.replace(last, "") for line in lines))


def test_a_repeated_value_is_read_once() -> None:
    packages = {f"package {number}": number for number in range(20)}
    lines = [f"{{'session_id': {number}, 'system': {packages}}}\n" for number in range(3)]
    first, second, third = (fields["system"] for _, fields in read_usual("".join(lines)))
    assert first == packages
    assert first is second is third


def test_a_repeated_value_must_be_the_whole_value() -> None:
    long = ", ".join(map(str, range(40)))
    assert_same(f"{{'session_id': 1, 'a': [{long}]}}\n{{'session_id': 2, 'a': [{long}, 3]}}\n")
    assert_same(f"{{'session_id': 1, 'a': [{long}]}}\n{{'session_id': 2, 'a': [{long}]]}}\n")
    assert_same(f"{{'session_id': 1, 'a': [{long}]}}\n{{'session_id': 2, 'a': [{long}\n")


@given(
    st.lists(
        st.sampled_from(
            ["_PROV_{'a': 1}", "x__PROV__{}) \x1c", "_PROV_{'ü': ", "_PROV_} \xa0", "_PRO_PROV_)", "a", ""]
        ),
        max_size=6,
    )
)  # fmt: skip
def test_finds_the_longest_record(lines: list[str]) -> None:
    fast, pure = (Scanner("run.log", lambda _: None) for _ in range(2))
    pure._fast = None
    for reader in (fast, pure):
        reader._begin("\n".join(lines))

    assert fast._longest_record() == pure._longest_record()
