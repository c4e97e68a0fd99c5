"""Codes of the IVOA Provenance Data Model: ``PL7..``.

PL701 to PL704 are about completeness; provlog reports them only on request.
"""

from __future__ import annotations

from typing import Any

from provlog.diagnostics.codes.code import Code
from provlog.diagnostics.codes.examples import end_line, record_line, start_line, time_text
from provlog.diagnostics.severity import Severity

__all__ = ["DESCRIPTION_CODES"]


def _defined(**activity: Any) -> tuple[str, ...]:
    """Return a log whose session defines the activity ``fit``, and its start."""
    entities = activity.pop("entities", {})
    definitions = {"activities": {"fit": activity}, "entities": entities}
    return (
        record_line(0, session_id="s1", agent_name="Ada", definitions=definitions),
        start_line(1, "a1", "fit"),
    )


def _energy(**described: Any) -> tuple[str, ...]:
    return (
        *_defined(parameters=[{"name": "energy", "value": "energy", **described}]),
        record_line(1, activity_id="a1", parameters={"energy": 200}),
        end_line(2, "a1"),
    )


_EVENTS = record_line(1, entity_id="e1", name="Events", type="File", location="/data/events.fits")

DESCRIPTION_CODES: dict[str, Code] = {
    "PL701": Code(
        Severity.NOTE,
        "activity without a description",
        (
            record_line(1, activity_id="a1", name="fit", startTime=time_text(1), agent_name="Ada"),
            end_line(2, "a1"),
        ),
        "No definition describes the activity, so its purpose is unknown. Reported only "
        "with 'check --select PL7'.",
        "Describe it in a definition file, and name the file with --definitions or record its "
        "definitions in the session.",
    ),
    "PL702": Code(
        Severity.NOTE,
        "entity without a type or location",
        (record_line(1, entity_id="e1", name="Events"),),
        "The entity has no type and no description, or neither a location nor a value. Reported "
        "only with 'check --select PL7'.",
        "Log its type and its location, or describe it in a definition file.",
    ),
    "PL703": Code(
        Severity.NOTE,
        "entity without a creator",
        (
            *_defined(generation=[{"role": "result", "value": "result"}]),
            record_line(
                1,
                activity_id="a1",
                generated_id="e1",
                generated_role="result",
                entity_name="Fit",
                entity_type="File",
                entity_location="/data/fit.yaml",
            ),
            end_line(2, "a1"),
        ),
        "The activity generated an entity that no agent is responsible for. Reported only with "
        "'check --select PL7'.",
        "Add an agent with the role Creator to the 'agents' of the definitions.",
    ),
    "PL704": Code(
        Severity.NOTE,
        "activity without an agent",
        (
            record_line(
                0, session_id="s1", definitions={"activities": {"fit": {"description": "Fit"}}}
            ),
            start_line(1, "a1", "fit"),
            end_line(2, "a1"),
        ),
        "Neither the activity nor its session has a responsible agent. Reported only "
        "with 'check --select PL7'.",
        "Log agent_name with the session or the activity, or add 'contact' to its definition.",
    ),
    "PL711": Code(
        Severity.WARNING,
        "role that the activity's description does not have",
        (
            *_defined(usage=[{"role": "events", "value": "events"}]),
            _EVENTS,
            record_line(1, activity_id="a1", used_id="e1", used_role="data"),
            end_line(2, "a1"),
        ),
        "An activity used or generated an entity in a role that its description does not list, and "
        "the definition does not have `unlisted: true`.",
        "Add the role to the definition, or correct the role in the log.",
    ),
    "PL712": Code(
        Severity.WARNING,
        "number of entities that contradicts the multiplicity",
        (
            *_defined(usage=[{"role": "events", "value": "events", "multiplicity": "2..*"}]),
            _EVENTS,
            record_line(1, activity_id="a1", used_id="e1", used_role="events"),
            end_line(2, "a1"),
        ),
        "An activity used or generated more or fewer entities in a role than its description "
        "allows, or the multiplicity is invalid.",
        "Check the inputs of the activity, or correct the multiplicity: 1, 0..1, 3..*, *.",
    ),
    "PL713": Code(
        Severity.WARNING,
        "parameter outside its limits",
        _energy(min=0.1, max=100),
        "The value of a parameter is below the minimum or above the maximum of its description.",
        "Check the value and its unit, or correct the limits.",
    ),
    "PL714": Code(
        Severity.WARNING,
        "parameter that is not one of its options",
        _energy(options=[1, 10, 100]),
        "The value of a parameter is not one of the options of its description.",
        "Check the value, or add it to the options.",
    ),
    "PL715": Code(
        Severity.WARNING,
        "invalid unit in a description",
        _energy(unit="parsnip"),
        "astropy.units cannot read the unit. provlog checks units only where astropy is installed.",
        "Write the unit as the VOUnits standard does, such as TeV or cm-2 s-1.",
    ),
    "PL716": Code(
        Severity.WARNING,
        "invalid UCD in a description",
        _energy(ucd="em.enrgy"),
        "The UCD is not in the vocabulary UCD1+ of the IVOA. provlog checks UCDs only where "
        "astropy is installed.",
        "Take a word of the vocabulary, such as em.energy;stat.min.",
    ),
    "PL717": Code(
        Severity.WARNING,
        "invalid media type in a description",
        (
            *_defined(
                usage=[{"role": "events", "value": "events", "entityName": "Events"}],
                entities={"Events": {"contentType": "fits file"}},
            ),
            _EVENTS,
            record_line(1, activity_id="a1", used_id="e1", used_role="events"),
            end_line(2, "a1"),
        ),
        "The content type is not a media type.",
        "Write a media type, such as application/fits.",
    ),
}
"""Codes of the IVOA Provenance Data Model."""
