"""What tells the numbers of two activities apart, although they are equal.

In the main process it is the number of the activity. Which tasks of a pool a worker takes is a
coincidence, so there it is the name of the activity, its parameters and the ids of the entities
that it used. These are the same in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xxhash import xxh3_128_hexdigest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provlog.capture.records.activity import Activity
    from provlog.capture.records.object_ids import ObjectIds

__all__ = ["place_of"]


def place_of(activity: Activity, objects: ObjectIds) -> str:
    """Return what tells an activity of this process from others, the same in every run."""
    if not objects.is_worker:
        return activity.id.removeprefix(objects.run)
    task, token, states = activity, objects.token, objects.states
    while task.parent is not None and task.parent.id.startswith(token):
        task = task.parent
    # A task runs by itself: its calls have the same numbers after its own in every run.
    number = int(activity.id[len(token) :]) - int(task.id[len(token) :])
    facts = [b"%d" % number, *_facts(task, states)]
    if activity is not task:
        facts += _facts(activity, states)
    return xxh3_128_hexdigest(b"\0".join(facts))


def _facts(activity: Activity, states: Mapping[str, bytes]) -> list[bytes]:
    # Another thread may add to the set.
    related = activity.related.copy()
    used = sorted(states.get(id) or id.encode() for relation, id in related if relation == "used")
    inputs = (activity.inputs or "").encode("utf-8", "backslashreplace")
    return [activity.name.encode("utf-8", "backslashreplace"), inputs, b"%d" % len(used), *used]
