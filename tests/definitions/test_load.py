"""Loading definition files, and reporting all their errors and warnings."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provlog.definitions.classes import ItemDefinition
from provlog.definitions.expressions import parse
from provlog.definitions.load import EMPTY, Definitions, definitions_of, examine, load
from provlog.errors import DefinitionError, InputError
from tests.samples import SAMPLES
from tests.strategies import HOSTILE_TEXTS, scalars, values

PRESENTATION = Path(__file__).parents[1] / "data" / "presentation-definition.yaml"
ALL = """\
activities:
  fit:
    description: Fit the models
    contact: fit@example.org
    parameters:
      - {name: range, description: Energies, value: config.fit.range, datatype: float, arraysize: 2,
         xtype: interval, unit: TeV, ucd: em.energy, utype: x.y, min: 0.1, max: 100,
         options: [1, "all"], default: [1, 10]}
      - value: kwargs.path
    usage:
      - role: datasets
        description: What is fitted
        entityName: Datasets
        multiplicity: "*"
        value: datasets
        has_members: {list: datasets, entityName: Dataset, id: name, namespace: ds, location: path}
        has_progenitors: {entity_description: File, location: config.file, type: FileCollection}
    generation:
      - {role: table, entityType: File, location: kwargs.path, overwrite: true, namespace: ""}
      - {entityName: Dataset, id: name, contentType: text/plain, type: File, location: }
  package.module:Class.write:
    generation: [{value: result}]
entities:
  Datasets: {description: A list, docurl: https://example.org, type: PythonObject}
  Dataset: {contentType: application/fits, type: FileCollection, index: index.fits}
agents:
  analyst: {email: a@example.org, orcid: [1]}
  nobody:
namespaces: {ds: "https://example.org/ds/"}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "d.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def findings(folder: Path, text: str) -> list[str]:
    path = write(folder, text)
    found, reported = examine(path)
    assert (found is None) == any(problem.severity == "error" for problem in reported)
    return [str(problem).removeprefix(f"{path}:") for problem in reported]


def session_definitions(log: str) -> dict[str, Any]:
    """Return the definitions that the first session record of a log holds."""
    lines = (SAMPLES / log).read_text(encoding="utf-8").splitlines()
    record = next(line for line in lines if "'definitions': " in line)
    found: dict[str, Any] = ast.literal_eval(record[record.index("{") :])["definitions"]
    return found


def test_all_keys(tmp_path: Path) -> None:
    found, reported = examine(write(tmp_path, ALL))
    assert found is not None
    assert reported == []
    fit = found.activities["fit"]
    assert (fit.name, fit.target) == ("fit", None)
    assert (fit.description, fit.contact) == ("Fit the models", "fit@example.org")
    energies, path = fit.parameters
    assert (path.name, path.value) == ("kwargs.path", parse("kwargs.path"))
    assert (energies.name, energies.value) == ("range", parse("config.fit.range"))
    assert (energies.description, energies.datatype, energies.arraysize) == (
        "Energies",
        "float",
        "2",
    )
    assert (energies.xtype, energies.unit, energies.ucd, energies.utype) == (
        "interval", "TeV", "em.energy", "x.y",
    )  # fmt: skip
    assert (energies.min, energies.max, energies.default, energies.options) == (
        0.1, 100, [1, 10], (1, "all"),
    )  # fmt: skip
    entity = found.entities["Datasets"]
    assert (entity.name, entity.description, entity.docurl, entity.type) == (
        "Datasets", "A list", "https://example.org", "PythonObject",
    )  # fmt: skip
    assert found.agents == {"analyst": {"email": "a@example.org", "orcid": [1]}, "nobody": {}}
    assert found.namespaces == {"ds": "https://example.org/ds/"}
    assert found.source == yaml.safe_load(ALL)
    assert found.file == str(tmp_path / "d.yaml")


def test_items_take_fields_from_their_entities(tmp_path: Path) -> None:
    fit = load(write(tmp_path, ALL)).activities["fit"]
    assert fit.usage == (
        ItemDefinition(
            role="datasets", description="What is fitted", multiplicity="*", entity="Datasets",
            type="PythonObject", value=parse("datasets"),
            has_members=ItemDefinition(
                each=parse("datasets"), entity="Dataset", type="FileCollection", namespace="ds",
                content_type="application/fits", index="index.fits", id=parse("name"),
                location=parse("path"),
            ),
            has_progenitors=ItemDefinition(
                entity="File", type="FileCollection", location=parse("config.file")
            ),
        ),
    )  # fmt: skip
    table, dataset = fit.generation
    assert table == ItemDefinition(
        role="table", type="File", location=parse("kwargs.path"), overwrite=True
    )
    assert (dataset.type, dataset.content_type, dataset.index) == (
        "File",
        "text/plain",
        "index.fits",
    )


def test_the_file_of_the_presentation_loads() -> None:
    found, reported = examine(PRESENTATION)
    assert found is not None
    assert found.warnings == tuple(reported)
    assert [str(problem).removeprefix(f"{PRESENTATION}:") for problem in reported] == [
        "15:21: warning PL609 activity 'get_observations': usage[0]: entityType: entity 'DataStore' is not described",
        "20:21: warning PL609 activity 'get_observations': generation[0]: entityType: entity 'Observations' is not described",
        "23:23: warning PL609 activity 'get_observations': generation[0]: has_members: entityType: entity 'Observation' is not described",
    ]
    observations = found.activities["get_observations"].generation[0]
    assert (observations.entity, observations.type) == ("Observations", None)
    assert observations.has_members is not None
    assert observations.has_members.each == parse("observations.list")


@pytest.mark.parametrize(
    ("log", "activities", "entities"),
    [("logprov-gammapy-sessions.log", 10, 16), ("logprov-selftest.log", 5, 2)],
)
def test_definitions_in_logs_of_logprov_load(log: str, activities: int, entities: int) -> None:
    data = session_definitions(log)
    found = definitions_of(data)
    assert (len(found.activities), len(found.entities)) == (activities, entities)
    assert (found.warnings, found.file, found.source) == ((), None, data)


def test_expressions_of_logprov_are_parsed() -> None:
    found = definitions_of(session_definitions("logprov-gammapy-sessions.log"))
    (observations,) = found.activities["get_observations"].generation
    assert observations.has_members is not None
    assert observations.has_members.location == parse("__events_hdu.path().__str__()")


def test_older_spellings_of_logprov() -> None:
    data = {
        "activity_description": {"fit": {"usage": [{"entity_description": "X", "value": "x"}]}},
        "entity_description": {"X": {"type": "File"}},
        "agent": {"me": None},
    }
    found = definitions_of(data)
    assert found.activities["fit"].usage[0].type == "File"
    assert found.agents == {"me": {}}


@pytest.mark.parametrize("key", ["entityName", "entityType", "entity_description"])
def test_an_entity_may_have_the_name_of_a_type(key: str) -> None:
    item = {key: "File", "location": "x"}
    data: dict[str, Any] = {"activities": {"fit": {"usage": [item]}}}
    (plain,) = definitions_of(data).activities["fit"].usage
    assert (plain.entity, plain.type) == (None if key == "entityType" else "File", "File")
    data["entities"] = {"File": {"contentType": "text/plain"}}
    (described,) = definitions_of(data).activities["fit"].usage
    assert (described.entity, described.content_type) == ("File", "text/plain")


def test_type_and_entity_of_an_item() -> None:
    item = {"entityType": "File", "entityName": "Table", "location": "x"}
    data = {"entities": {"Table": None}, "activities": {"fit": {"usage": [item]}}}
    (found,) = definitions_of(data).activities["fit"].usage
    assert (found.entity, found.type) == ("Table", "File")


def test_activities_are_found_by_name_and_by_target() -> None:
    keys = ["fit", "a.b:Run.start", "a.b:Fit.start", "a.b:Run.stop", "a.b:Run.fit", "c:plot"]
    found = definitions_of({"activities": {key: {"description": key} for key in keys}})
    assert list(found.activities) == keys
    for name, key in {
        **{key: key for key in keys},
        "stop": "a.b:Run.stop",
        "plot": "c:plot",
        "start": None,
        "x:plot": None,
        "a.b": None,
    }.items():
        activity = found.of(name)
        assert (activity.description if activity is not None else None) == key
    assert found.activities["a.b:Run.stop"].name == "stop"
    assert found.activities["a.b:Run.stop"].target == "a.b:Run.stop"
    assert found.activities["c:plot"].name == "plot"


def test_the_last_name_of_a_key_names_the_activity() -> None:
    found = definitions_of(
        {"activities": {key: {"contact": "me"} for key in ("Run.stop", "step 1.5")}}
    )
    assert [activity.name for activity in found.activities.values()] == ["stop", "step 1.5"]
    # Without a module, the key alone does not define "stop".
    assert found.of("stop") is None


def test_no_definitions() -> None:
    assert EMPTY.of("fit") is None
    assert Definitions() == EMPTY


def test_definitions_can_be_pickled(tmp_path: Path) -> None:
    found = load(write(tmp_path, ALL))
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.of("write") == found.of("write")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: warning PL608 no activity is described"),
        ("activities:\n", "1:1: warning PL608 no activity is described"),
        ("- a", "1:1: error PL602 a mapping is expected, not a list"),
        ("activities: [a]", "1:13: error PL602 activities: a mapping is expected, not a list"),
        ("activities: {fit: 3}", "1:19: error PL602 activity 'fit': a mapping is expected, not a number"),
        ("activities: {fit: }", "1:14: warning PL608 activity 'fit': empty definition"),
        ("activities: {fit: {parameters: [], usage: }}", "1:14: warning PL608 activity 'fit': empty definition"),
        ("activities: {'a.b': {description: x}, 'a:': {description: x}}", "1:39: error PL606 activity 'a:': not a target: write package.module:function or package.module:Class.method"),
        ("activities: {fit: {usage: {a: b}}}", "1:27: error PL602 activity 'fit': usage: a list is expected, not a mapping"),
        ("activities: {fit: {usage: [datasets]}}", "1:28: error PL602 activity 'fit': usage[0]: a mapping is expected, not text"),
        ("activities: {fit: {genration: [], description: x}}", "1:20: warning PL604 activity 'fit': genration: unknown key; did you mean 'generation'?"),
        ("activities: {fit: {description: x, filepath: y}}", "1:36: warning PL604 activity 'fit': filepath: unknown key"),
        ("activities: {fit: {description: [x]}}", "1:33: error PL602 activity 'fit': description: text is expected, not a list"),
        ("activities: {fit: {usage: [{role: on, value: x}]}}", "1:35: error PL602 activity 'fit': usage[0]: role: text is expected, not true or false; put a word in quotes to make it text"),
        ("activities: {fit: {usage: [{role: x, value: a..b}]}}", "1:45: error PL605 activity 'fit': usage[0]: value: 'a..b': a name is expected at character 3"),
        ("activities: {fit: {usage: [{role: x}]}}", "1:28: warning PL608 activity 'fit': usage[0]: neither a value nor a location nor an id to record"),
        ("activities: {fit: {usage: [{value: x, has_members: {list: 'a b'}}]}}", "1:59: error PL605 activity 'fit': usage[0]: has_members: list: 'a b': .name, [literal] or (literals) is expected at character 2"),
        ("activities: {fit: {usage: [{value: x, list: y}]}}", "1:39: warning PL604 activity 'fit': usage[0]: list: unknown key"),
        ("activities: {fit: {usage: [{value: x, overwrite: 1}]}}", "1:50: error PL602 activity 'fit': usage[0]: overwrite: true or false is expected, not a number"),
        ("activities: {fit: {usage: [{value: x, type: Fil}]}}", "1:45: warning PL610 activity 'fit': usage[0]: type: 'Fil' is not one of PythonObject, File, FileCollection; did you mean 'File'?"),
        ("entities: {Dataset: }\nactivities: {fit: {usage: [{value: x, entityName: Datset}]}}", "2:51: warning PL609 activity 'fit': usage[0]: entityName: entity 'Datset' is not described; did you mean 'Dataset'?"),
        ("entities: {A: , B: }\nactivities: {fit: {usage: [{value: x, entityName: A, entityType: B}]}}", "2:66: error PL603 activity 'fit': usage[0]: entityType: contradicts the entity 'A'"),
        ("activities: {fit: {parameters: [{unit: m}]}}", "1:33: error PL607 activity 'fit': parameters[0]: neither a name nor a value"),
        ("activities: {fit: {parameters: [{value: 3}]}}", "1:41: error PL605 activity 'fit': parameters[0]: value: '3': a name is expected at character 1"),
        ("activities: {fit: {parameters: [{value: x}, {name: x, value: y}]}}", "1:32: warning PL613 activity 'fit': parameters: 2 have the name 'x'"),
        ("activities: {fit: {description: x}}\nactivity_descriptions: {}", "2:1: error PL603 activity_descriptions: another spelling of 'activities', which is already given"),
        ("activities: {fit: {description: x}}\nactivites: {}", "2:1: warning PL604 activites: unknown key; did you mean 'activities'?"),
        ("activities: {fit: {description: x}}\nentities: {A: {type: 1}}", "2:22: warning PL610 entity 'A': type: '1' is not one of PythonObject, File, FileCollection"),
        ("activities: {fit: {description: x}}\nagents: {me: you}", "2:14: error PL602 agent 'me': a mapping is expected, not text"),
        ("activities: {fit: {usage: [{value: result.x}]}}", "1:36: warning PL611 activity 'fit': usage[0]: value: 'result' is the return value, which only generation can use; for an argument or attribute of that name write kwargs.result or self.result"),
        ("activities: {fit: {parameters: [{value: result}]}}", "1:41: warning PL611 activity 'fit': parameters[0]: value: 'result' is the return value, which only generation can use; for an argument or attribute of that name write kwargs.result or self.result"),
        ("activities: {fit: {usage: [{value: x, has_members: {list: result, id: result}}]}}", "1:59: warning PL611 activity 'fit': usage[0]: has_members: list: 'result' is the return value, which only generation can use; for an argument or attribute of that name write kwargs.result or self.result"),
        ("activities: {fit: {usage: [{id: x, namespace: a b}]}}", "1:47: warning PL612 activity 'fit': usage[0]: namespace: invalid prefix 'a b': letters and digits are expected"),
        ("activities: {fit: {usage: [{value: '__builtins__.exec(\"1\")'}]}}", "1:36: error PL605 activity 'fit': usage[0]: value: '__builtins__.exec(\"1\")': '__builtins__' is not allowed in an expression at character 1"),
        ("activities: {fit: {description: x}}\nnamespaces: {a: [b]}", "2:17: error PL602 namespace 'a': text is expected, not a list"),
    ],
)  # fmt: skip
def test_faults(text: str, expected: str, tmp_path: Path) -> None:
    assert findings(tmp_path, text) == [expected]


def test_findings_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "activities:\n  a: 1\n  b: 2\n  b: 3\nentities: 4\n5: 6\n"
    assert [line.partition(" ")[0] for line in findings(tmp_path, text)] == [
        "2:6:", "3:6:", "4:3:", "5:11:", "6:1:",
    ]  # fmt: skip


def test_the_exception_lists_all_errors_and_no_warnings(tmp_path: Path) -> None:
    path = write(tmp_path, "activities:\n  a: 1\n  b:\n  c: {usage: x}\n")
    with pytest.raises(DefinitionError) as caught:
        load(path)
    assert str(caught.value).splitlines() == [
        f"{path}:2:6: activity 'a': a mapping is expected, not a number",
        f"{path}:4:14: activity 'c': usage: a list is expected, not text",
    ]


def test_errors_in_a_mapping_have_no_lines() -> None:
    with pytest.raises(DefinitionError) as caught:
        definitions_of({"activities": {"a": 1, 2: {}}}, "settings")
    assert str(caught.value).splitlines() == [
        "settings: activity 'a': a mapping is expected, not a number",
        "settings: activities: text as a key is expected, not a number",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.yaml", "no such file or directory"),
        ("", "is a directory"),
        ("\0", "embedded null byte"),
    ],
)
def test_an_unreadable_file_is_an_error(name: str, message: str, tmp_path: Path) -> None:
    for read in (load, examine):
        with pytest.raises(InputError, match=message):
            read(f"{tmp_path}/{name}")


def test_messages_hold_no_control_characters(tmp_path: Path) -> None:
    text = '"\\e[31m\\n": 1\nactivities: {"a\\nb": {usage: [{value: "\\e[2J"}]}}'
    for line in findings(tmp_path, text):
        assert line.isprintable()


keys = st.sampled_from(
    ["activities", "entities", "agents", "namespaces", "fit", "a.b:c", "parameters", "usage", "list",
     "generation", "name", "value", "location", "entityName", "entityType", "has_members", "type"]
) | st.sampled_from(HOSTILE_TEXTS)  # fmt: skip
trees = st.recursive(
    values | st.sampled_from(["x", "a..b", "File", "config.x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


def outcome(data: Any) -> Definitions | list[str]:
    """Return the definitions in data, or the lines of the error message."""
    try:
        return definitions_of(data)
    except DefinitionError as error:
        return str(error).split("\n")


@given(trees)
def test_any_data_gives_definitions_or_errors(data: Any) -> None:
    found = outcome(data)
    if isinstance(found, list):
        assert all(line.startswith("definitions: ") for line in found)
    else:
        assert found.source == (data or {})
        assert all(found.of(key) is activity for key, activity in found.activities.items())


leaves = scalars | st.sampled_from(["x", "a..b", "f(1)", "File"])
items = st.lists(st.dictionaries(keys, leaves, max_size=4), max_size=2)
activities = st.dictionaries(
    st.sampled_from(["parameters", "usage", "generation"]), items | leaves, max_size=3
)


@given(st.fixed_dictionaries({"activities": st.dictionaries(keys, activities, max_size=2)}))
def test_any_items_give_definitions_or_errors(data: Any) -> None:
    found = outcome(data)
    if isinstance(found, list):
        assert all(line.startswith("definitions: activity ") for line in found)
    else:
        assert list(found.activities) == list(data["activities"])
