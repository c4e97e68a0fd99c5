"""Write the provenance within a job as ``internal_provenance.json``, which OPUS imports.

OPUS reads PROV-JSON with a default namespace. Versions until 2022 import the whole document as
a bundle; later versions import only the usages, generations and associations of an activity
``current_job``. Some versions fail on an association of any other activity, so only
``current_job`` has associations.
"""

from __future__ import annotations

import json
from typing import Any

from provlog.graphs.collapsing import border
from provlog.model.graph import Activity, ProvGraph, Relation
from provlog.writers.provjson import write_provjson

__all__ = ["CURRENT_JOB", "write_internal_provenance"]

CURRENT_JOB = "current_job"

_NAMESPACE = "urn:provlog:job:"
_PREFIX = "job"


def write_internal_provenance(inner: ProvGraph) -> str:
    """Return the document as text.

    Parameters
    ----------
    inner : ProvGraph
        The inner provenance of the job.
    """
    # A temporary prefix, which the default namespace replaces.
    prefix = _PREFIX
    while prefix in inner.namespaces:
        prefix += "_"
    name = f"{prefix}:{CURRENT_JOB}"
    job = Activity(name, {})
    used, made = border(inner, set(inner.activities.values()))
    relations = {kind: dict(found) for kind, found in inner.relations.items()}
    relations["used"] |= {Relation(job, item.target, item.role_text): None for item in used}
    relations["wasGeneratedBy"] |= {
        Relation(item.source, job, item.role_text): None for item in made
    }
    relations["wasAssociatedWith"] = {
        Relation(job, item.target, item.role_text): None
        for item in inner.relations["wasAssociatedWith"]
    }
    graph = ProvGraph(
        entities=inner.entities, activities={**inner.activities, name: job},
        agents=inner.agents, relations=relations, bundles=inner.bundles,
        namespaces={**inner.namespaces, prefix: _NAMESPACE},
    )  # fmt: skip
    text = "".join(map(str, write_provjson(graph)))
    document = _renamed(json.loads(text), name)
    document["prefix"]["default"] = document["prefix"].pop(prefix)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _renamed(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {_renamed(key, name): _renamed(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, name) for item in value]
    return CURRENT_JOB if value == name else value
