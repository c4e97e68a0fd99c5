"""Every real log becomes its golden document, and loses no record."""

from __future__ import annotations

import ast
import lzma
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import provlog
from provlog.model.graph import Activity, Element, ProvGraph
from provlog.model.values import value_of
from provlog.writers import FORMATS
from tests.samples import DOCUMENTS, EXCERPT, LOGS, NAMES, SAMPLES, codes, document

GOLDEN = Path(__file__).parents[1] / "golden"
RICH, UNWRAPPED = (SAMPLES / f"logprov-gammapy-rich80{twin}.log" for twin in ("", "-unwrapped"))
# Documents of more than 100 kB are compared with the log itself only.
GOLDEN_LOGS = [path for path in LOGS if path.stat().st_size < 80_000 and path.suffix == ".log"]

EXPECTED_CODES = {
    "presentation-excerpt.log": {"PL101", "PL103"},
    "gammapy-2019-10-07.log": {"PL107"},
    # rich broke tables in strings at several blanks.
    "logprov-gammapy-rich80.log": {"PL109", "PL111"},
    "lstosa-0.9.5.log": {"PL303"},
    "lstosa-simulated-data.log.xz": {"PL303"},
}


def check(text: str, path: Path, accept: bool) -> None:
    if accept:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("path", GOLDEN_LOGS, ids=lambda path: path.stem)
def test_sample_becomes_the_accepted_document(path: Path, accept: bool) -> None:
    check(document(provlog.read(path), "provn"), GOLDEN / f"{path.stem}.provn", accept)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_excerpt_becomes_the_accepted_document(name: str, accept: bool) -> None:
    golden = GOLDEN / f"{EXCERPT.stem}{FORMATS[name].suffixes[0]}"
    check(document(provlog.read(EXCERPT), name), golden, accept)


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_only_known_diagnostics_are_reported(path: Path) -> None:
    assert set(codes(provlog.read(path))) == EXPECTED_CODES.get(path.name, set())


# The facts of a log, found without the readers: a fact is a kind and raw ids.

Fact = tuple[str, str, str]
MARKER = re.compile(r"(?:__PROV__|_PROV_)\d{4}-[\d:T.-]+(?:__PROV__|_PROV_?)\(?|_PROV_")
ID = r"'(\w+_id)': (?:'([^']*)'|(\d+))"
FIRST_LINE_OF_LOGGING = re.compile(r"\n(?=(?:INFO|WARNING|ERROR|DEBUG)\b|\d{4}-\d\d-\d\d|\[)")


def records(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    text = (lzma.decompress(content) if path.suffix == ".xz" else content).decode()
    if "PROV_" not in text:
        yield from text.splitlines()
        return
    for chunk in MARKER.split(text)[1:]:
        record = FIRST_LINE_OF_LOGGING.split(chunk)[0]
        if record.startswith("{"):
            yield record


def facts_of(record: str) -> Iterator[Fact]:
    ids = {match[1]: match[2] or match[3] for match in re.finditer(ID, record)}
    if "session_id" in ids:
        yield "session", ids["session_id"], ""
        return
    activity, entity = ids.get("activity_id", ""), ids.get("entity_id", "")
    for kind, owner in (("used", activity), ("generated", activity), ("member", entity),
                        ("progenitor", entity)):  # fmt: skip
        if f"{kind}_id" in ids:
            yield kind, owner, ids[f"{kind}_id"]
    if entity:
        yield "entity", entity, ""
    own_key = re.search(r", (\d+): \1}", record)
    if own_key is not None:
        yield "entity", own_key[1], ""
    if activity:
        yield "activity", activity, ""
    for key, kind in (("agent_name", "agent"), ("in_session", "part"), ("endTime", "end")):
        value = re.search(rf"'{key}': (?:'([^']*)'|(\d+))", record)
        # An entity may name its session, too.
        if value is not None and activity:
            yield kind, activity, value[1] or value[2]
    yield from (("parameter", activity, key) for key in parameter_names(record))


def parameter_names(record: str) -> list[str]:
    try:
        fields = ast.literal_eval(record[: record.rindex("}") + 1])
        return [str(key) for key in fields.get("parameters", {})]
    except (ValueError, SyntaxError):
        # For values that are not literals: all keys, including those in other values.
        parameters = record.partition("'parameters': ")[2]
        return re.findall(r"(?<=[{ ])'([\w.-]+)': ", parameters)


def raw(element: Element | Activity) -> str:
    return str(element.values("dcterms:identifier")[0])


def facts_in(graph: ProvGraph) -> set[Fact]:
    kinds = {"used": "used", "wasGeneratedBy": "generated", "hadMember": "member",
             "wasDerivedFrom": "progenitor", "wasAssociatedWith": "agent",
             "wasInfluencedBy": "part"}  # fmt: skip
    found: set[Fact] = set()
    for kind, name in kinds.items():
        for relation in graph.relations[kind]:
            ends = raw(relation.source), raw(relation.target)
            found.add((name, *(reversed(ends) if name == "generated" else ends)))
    sessions = set(graph.sessions.values())
    for activity in graph.activities.values():
        kind = "session" if activity in sessions else "activity"
        found.add((kind, raw(activity), ""))
        if activity.end is not None:
            found.add(("end", raw(activity), activity.end))
        for name, held in activity.attributes.items():
            if name.startswith("param:"):
                found.add(("parameter", raw(activity), name.removeprefix("param:")))
                if isinstance(held, str):
                    keys = re.findall(r"['\"]([\w.-]+)['\"]:", str(value_of(held)))
                    found.update(("parameter", raw(activity), key) for key in keys)
    found.update(("entity", raw(entity), "") for entity in graph.entities.values())
    return found


@pytest.mark.parametrize(
    "path", [path for path in LOGS if path not in (EXCERPT, RICH)], ids=lambda path: path.stem
)
def test_no_record_is_lost(path: Path) -> None:
    expected = {fact for record in records(path) for fact in facts_of(record)}
    assert len(expected) > 20
    assert expected - facts_in(provlog.read(path)) == set()


def test_logs_wrapped_by_rich_equal_their_unwrapped_twins() -> None:
    # rich drops runs of blanks where it breaks a line: they cannot be restored, which is reported.
    def statements(path: Path) -> list[str]:
        text = document(provlog.read(path), "provn")
        return [re.sub(r"(?:\\n|\s)+", " ", line) for line in text.splitlines()]

    assert statements(RICH) == statements(UNWRAPPED)
    graph, twin = provlog.read(RICH), provlog.read(UNWRAPPED)
    assert set(codes(graph)) == {"PL109", "PL111"}
    assert twin.diagnostics == []
    assert facts_in(graph) == facts_in(twin)
    assert [activity.start for activity in graph.activities.values()] == [
        activity.start for activity in twin.activities.values()
    ]
