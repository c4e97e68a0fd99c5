"""Read job documents of UWS 1.1, the Universal Worker Service pattern of the IVOA.

https://www.ivoa.net/documents/UWS/20161024/ (and UWS 1.0, which has the same namespace).
OPUS omits the version, percent-encodes its parameters, and adds name and hash to results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.graph import ProvGraph
from provlog.readers.opus.graph import Jobs
from provlog.readers.opus.jobs import Job, Parameter, Result, Server, Stored, server_of, stored_id
from provlog.readers.prefixes import declare_prefixes
from provlog.readers.xml import Form, parse_xml
from provlog.urls import is_url

__all__ = ["read_uws"]

_UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_FORM = Form("job document of UWS", ("jobs", "job", "parameters", "results", "jobInfo"))
# Results that OPUS adds to each job.
_OWN_RESULTS = frozenset({"stdout", "stderr", "provjson", "provxml", "provsvg"})


def read_uws(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a job document or of a list of jobs.

    Parameters
    ----------
    source : Source
        The opened document.
    report : callable
        Receives the diagnostics as they are found.

    Raises
    ------
    InputError
        If the document is not valid XML.
    """
    root = parse_xml(source.read(report), source.name, _FORM, report)
    jobs = Jobs()
    if root.tag == f"{_UWS}jobs":
        for reference in root.iter(f"{_UWS}jobref"):
            jobs.add(_referenced(reference, root.get("version")), ())
    for element in root.iter(f"{_UWS}job"):
        job, stored = _job(element, source.path)
        jobs.add(job, stored)
    declare_prefixes(jobs.graph)
    return jobs.graph


def _text(element: Element, name: str) -> str | None:
    found = element.find(_UWS + name)
    if found is None or found.get(_NIL) in ("true", "1"):
        return None
    return (found.text or "").strip() or None


def _referenced(reference: Element, version: str | None) -> Job:
    """Return a job from its entry in a list."""
    url = reference.get(f"{_XLINK}href") or ""
    name = reference.get("id") or url.rstrip("/").rpartition("/")[2]
    server, kind = server_of(name, [url])
    if server is None and version is None and reference.find(f"{_UWS}creationTime") is not None:
        # OPUS writes elements of UWS 1.1 without the version, and omits the endpoint.
        before, found, _ = f"{url}/".partition(f"/{name}/")
        base, _, kind = before.rpartition("/")
        server = Server(base) if found and is_url(f"{base}/") else None
    job = Job(name, server, url, kind, _text(reference, "phase"), _text(reference, "ownerId"))
    job.others = _others(reference, ("runId", "creationTime"))
    return job


def _others(element: Element, names: Iterable[str]) -> dict[str, str]:
    texts = {f"uws:{name}": _text(element, name) for name in names}
    return {name: text for name, text in texts.items() if text is not None}


def _job(element: Element, path: str) -> tuple[Job, list[Stored]]:
    name = _text(element, "jobId") or ""
    results = [*element.iterfind(f"{_UWS}results/{_UWS}result")]
    urls = [result.get(f"{_XLINK}href") for result in results]
    is_opus = _is_opus(element, results)
    server, kind = server_of(name, urls) if is_opus else (None, None)
    job = Job(name, server, _url(name, [*urls, path]), kind)
    job.phase, job.owner = _text(element, "phase"), _text(element, "ownerId")
    job.start, job.end = _text(element, "startTime"), _text(element, "endTime")
    job.others = _others(
        element, ("runId", "creationTime", "quote", "executionDuration", "destruction")
    )
    job.others |= _information(element)
    job.error = _error(element)
    parameters = element.iterfind(f"{_UWS}parameters/{_UWS}parameter")
    job.parameters = [*_parameters(parameters, job, is_opus)]
    stored = [*_stored(results, job)]
    for result in results:
        _add_result(job, result, is_opus)
    return job, stored


def _is_opus(job: Element, results: Iterable[Element]) -> bool:
    return job.get("version") is None and (
        job.find(f"{_UWS}jobInfo/process_id") is not None
        or any(result.get("hash") is not None for result in results)
    )


def _url(name: str, urls: Iterable[str | None]) -> str | None:
    """Return the URL of a job: the beginning of the URL of one of its parts."""
    for url in urls:
        before, found, _ = f"{url or ''}/".partition(f"/{name}/")
        if found and is_url(before):
            return f"{before}/{name}"
    return None


def _information(job: Element) -> dict[str, str]:
    """Return the elements that the service defines itself."""
    found: dict[str, str] = {}
    for part in job.iterfind(f"{_UWS}jobInfo//*"):
        text = (part.text or "").strip()
        if text and not len(part):
            found[f"uws:{part.tag.rpartition('}')[2]}"] = text
    return found


def _error(job: Element) -> str | None:
    summary = job.find(f"{_UWS}errorSummary")
    if summary is None or summary.get(_NIL) in ("true", "1"):
        return None
    message = _text(summary, "message") or (summary.text or "").strip()
    return message or None


def _parameters(elements: Iterable[Element], job: Job, is_opus: bool) -> Iterator[Parameter]:
    for element in elements:
        name, value = element.get("id") or "", (element.text or "").strip()
        if is_opus:
            value = unquote_plus(value)
        if name == "runId" and value == job.others.get("uws:runId"):
            continue
        is_reference = element.get("byReference", "").lower() in ("true", "1")
        yield Parameter(name, value, is_reference, stored_id(value, job.server))


def _stored(results: Iterable[Element], job: Job) -> Iterator[Stored]:
    for parameter in job.parameters:
        if parameter.stored is not None:
            yield Stored(parameter.stored, url=parameter.value)
    for result in results:
        url = result.get(f"{_XLINK}href") or ""
        if (stored := stored_id(url, job.server)) is not None:
            # The name of the file follows its id.
            name = (result.get("name") or "").removeprefix(f"{stored}_")
            yield Stored(
                stored, name or None, url, result.get("mime-type"), result.get("hash"),
                {"voprov:result_name": result.get("id") or ""},
            )  # fmt: skip


def _add_result(job: Job, element: Element, is_opus: bool) -> None:
    name, url = element.get("id") or "", element.get(f"{_XLINK}href")
    if is_opus and name in _OWN_RESULTS:
        job.others[f"uws:{name}"] = url or ""
        return
    stored = stored_id(url or "", job.server)
    job.results.append(Result(name, url, element.get("mime-type"), stored))
