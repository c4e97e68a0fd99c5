"""What tells the numbers of two activities apart, although they are equal.

Usually it is the number of the activity. Which worker process takes a task of a pool is a
coincidence, and so is the order of threads. Therefore it is the name of the task there, its
parameters, and the entities that it used. These are the same in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xxhash import xxh3_128_hexdigest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provlog.capture.records.activity import Activity
    from provlog.capture.records.object_ids import ObjectIds

__all__ = ["join_task", "place_of"]


def join_task(activity: Activity, outer: Activity) -> None:
    """Make an activity a part of the task of the activity around it."""
    activity.inputs = ""
    activity.task = task = outer.task or outer
    task.parts += 1
    activity.part = task.parts


def place_of(activity: Activity, objects: ObjectIds) -> str:
    """Return what tells an activity of this process from others, the same in every run."""
    if activity.inputs is None:
        return activity.id.removeprefix(objects.run)
    facts = _facts(activity, objects.states)
    if activity.task is not None:
        facts += [b"%d" % activity.part, *_facts(activity.task, objects.states)]
    return xxh3_128_hexdigest(b"\0".join(facts))


def _facts(activity: Activity, states: Mapping[str, bytes]) -> list[bytes]:
    # Another thread may add to the set.
    related = activity.related.copy()
    used = [states.get(id) or id.encode() for relation, id in related if relation == "used"]
    used.sort()
    inputs = (activity.inputs or "").encode("utf-8", "backslashreplace")
    return [activity.name.encode("utf-8", "backslashreplace"), inputs, b"%d" % len(used), *used]
