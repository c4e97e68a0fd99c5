"""The reference metadata of CTAO's data products: flat keys such as ``CTA PRODUCT ID``.

They are in the root attributes of HDF5 files, in the primary header of FITS files, and since
ctapipe 0.22 in the provenance log, for each input and output. They link logs and products.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provlog.model.events import Event, MakerNamed
from provlog.model.identifiers import attribute_name, is_uuid
from provlog.origin import Origin

__all__ = ["PREFIX", "maker_of", "product_attributes", "product_id"]

PREFIX = "CTA "

_PRODUCT = "CTA PRODUCT ID"
_ACTIVITY = "CTA ACTIVITY ID"


def product_id(meta: Mapping[str, Any]) -> str | None:
    """Return the product's id, or ``None`` without a reliable one.

    Each time ctapipe reads a product without metadata, it invents them, including a product
    id. Invented metadata have no activity id.

    Examples
    --------
    >>> real = "5cff8ba4-e64e-4147-a3e3-c9e5142f7278"
    >>> product_id({"CTA PRODUCT ID": real, "CTA ACTIVITY ID": ""})
    >>> product_id({"CTA PRODUCT ID": real, "CTA ACTIVITY ID": real}) == real
    True
    """
    product = meta.get(_PRODUCT)
    return product if _made_by(meta) is not None and _is_uuid(product) else None


def product_attributes(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata as attributes ``log:CTA_PRODUCT_...``; none if they are invented."""
    if _made_by(meta) is None:
        return {}
    return {
        attribute_name("log", key.replace(" ", "_")): value
        for key, value in meta.items()
        if value not in (None, "")
    }


def maker_of(entity: str, meta: Mapping[str, Any], origin: Origin) -> Event | None:
    """Return the event for the activity that made a product, if the metadata name it."""
    made_by = _made_by(meta)
    if made_by is None:
        return None
    attributes = {"prov:label": meta.get("CTA ACTIVITY NAME") or made_by}
    software = [meta.get(f"CTA ACTIVITY SOFTWARE {part}") for part in ("NAME", "VERSION")]
    if all(software):
        attributes["log:software_version"] = " ".join(map(str, software))
    start, stop = _time(meta, "START"), _time(meta, "STOP")
    return MakerNamed(origin, entity, made_by, start, stop, attributes)


def _made_by(meta: Mapping[str, Any]) -> str | None:
    activity = meta.get(_ACTIVITY)
    return activity if _is_uuid(activity) else None


def _is_uuid(value: object) -> bool:
    return isinstance(value, str) and is_uuid(value)


def _time(meta: Mapping[str, Any], which: str) -> str | None:
    """Return the start or the stop of the activity with its zone, which is always UTC."""
    time = meta.get(f"CTA ACTIVITY {which} TIME")
    return f"{time.replace(' ', 'T')}Z" if isinstance(time, str) and time else None
