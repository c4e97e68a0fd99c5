"""What the code between recorded calls passes on, as the log shows it."""

from __future__ import annotations

import pytest

from provlog.capture.records.passed import Statement
from provlog.capture.records.passed import passed_on as passed_on_in

TIME = "2026-11-27T19:05:09.660525+00:00"
END = "2026-11-27T20:00:00.000000+00:00"
HEAD = f"_PROV_{TIME}_PROV_"


def passed_on(lines: list[str], program: str) -> list[Statement]:
    blocks = [line.encode() for line in lines]
    found = passed_on_in(["".join(lines).encode()], program, END)
    assert passed_on_in(blocks, program, END) == found
    return found


def start(activity: str, parent: str | None = None, name: str = "'fit'") -> str:
    within = f", 'in_activity': '{parent}'" if parent else ""
    return (
        f"{HEAD}{{'activity_id': '{activity}', 'activity_name': {name}, 'startTime': 't', "
        f"'in_session': 's'{within}, 'agent_name': 'root'}}\n"
    )


def used(activity: str, entity: str) -> str:
    return f"{HEAD}{{'activity_id': '{activity}', 'used_id': '{entity}', 'used_role': 'x'}}\n"


def generated(activity: str, entity: str) -> str:
    return f"{HEAD}{{'activity_id': '{activity}', 'generated_id': '{entity}'}}\n"


def file(entity: str) -> str:
    return (
        f"{HEAD}{{'entity_id': '{entity}', 'entity_name': 'o.csv', 'entity_type': 'File', "
        f"'entity_location': '/o.csv', 'in_session': 's'}}\n"
    )


CALLS = [start("p"), start("load", "p"), generated("load", "raw")]
CLEAN = [start("clean", "p"), used("clean", "raw"), generated("clean", "table")]
WRITTEN = [file("o"), generated("p", "o")]


def test_the_writer_of_a_file_has_used_the_results_that_no_call_used_afterwards() -> None:
    assert passed_on([*CALLS, *CLEAN, *WRITTEN], "p") == [("used", "p", "table", TIME)]


def test_a_program_that_writes_no_file_itself_uses_nothing() -> None:
    lines = [*CALLS, *CLEAN, start("save", "p"), file("o"), generated("save", "o")]
    assert passed_on(lines, "p") == []


def test_an_inner_function_that_writes_a_file_uses_the_results_of_its_own_parts() -> None:
    lines = [
        start("p"),
        start("main", "p"),
        start("load", "main"),
        generated("load", "raw"),
        file("o"),
        generated("main", "o"),
    ]
    assert passed_on(lines, "p") == [("used", "main", "raw", TIME)]


@pytest.mark.parametrize("parent", ["p", "clean"])
def test_the_program_has_generated_what_its_parts_use_and_nothing_generated(parent: str) -> None:
    lines = [start("p"), start("clean", "p"), start("fit", parent), used("fit", "raw")]
    assert passed_on(lines, "p") == [("generated", "p", "raw", END)]


READ = [start("p"), start("main", "p"), file("i"), used("main", "i")]


def member(entity: str, collection: str) -> str:
    return f"{HEAD}{{'entity_id': '{collection}', 'member_id': '{entity}', 'in_session': 's'}}\n"


def test_a_function_that_reads_a_file_itself_has_generated_what_its_parts_use_first() -> None:
    lines = [*READ, start("clean", "main"), used("clean", "raw"), generated("clean", "table")]
    again = [start("main2", "p"), used("main2", "i"), start("fit", "main2"), used("fit", "raw")]
    assert passed_on([*lines, *again], "p") == [("generated", "main", "raw", TIME)]


@pytest.mark.parametrize(
    "lines",
    [
        [start("p"), start("main", "p"), start("load", "main"), file("i"), used("load", "i")],
        [*READ, used("main", "raw")],
        [*READ, start("other", "p"), used("other", "raw")],
        [*READ, used("main", "rows"), member("raw", "rows")],
        [start("p"), start("main", "p"), start("f", "main"), used("f", "raw"), *READ[2:]],
    ],
    ids=["reads-nothing-itself", "argument", "older", "member", "before-reading"],
)
def test_what_may_be_older_than_a_function_is_generated_by_the_program(lines: list[str]) -> None:
    found = passed_on([*lines, start("fit", "main"), used("fit", "raw")], "p")
    assert ("generated", "p", "raw", END) in found
    assert ("generated", "main", "raw", TIME) not in found


def test_files_and_entities_of_any_other_activity_have_another_origin() -> None:
    lines = [
        start("p"),
        file("i"),
        start("load", "p"),
        used("load", "i"),
        start("other"),
        used("other", "x"),
        start("fit", "p"),
        used("fit", "later"),
        generated("thread", "later"),
    ]
    assert passed_on(lines, "p") == []


def test_a_usage_is_not_later_than_the_end() -> None:
    end = "_PROV_2020_PROV_{'activity_id': 'p', 'endTime': '2020'}\n"
    assert passed_on([*CALLS, *WRITTEN, end], "p") == [("used", "p", "raw", "2020")]


def test_nothing_is_stated_twice() -> None:
    lines = [*CALLS, used("p", "raw"), *WRITTEN, start("fit", "p"), used("fit", "new")]
    lines.append(generated("p", "new"))
    assert passed_on(lines, "p") == []


@pytest.mark.parametrize("rest", ["", "'}", "', 'parameters': {}}", "', 'used_id': 1}", "'"])
def test_damaged_records_are_passed_over(rest: str) -> None:
    assert passed_on([start("p"), f"{HEAD}{{'activity_id': 'p{rest}\n", *WRITTEN], "p") == []


def test_names_may_look_like_records() -> None:
    name = repr("', 'in_activity': 'x', 'y': '")
    assert passed_on([start("p"), start("f", "p", name), used("f", "raw")], "p") == [
        ("generated", "p", "raw", END)
    ]
