"""The classes for jobs, which the readers of documents and databases create."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from msgspec import Struct, field

__all__ = ["Job", "Parameter", "Result", "Server", "Stored", "server_of"]

# <server>/rest/<job name>/<job id>; OPUS 1.0 has uws for rest.
_JOB_URL = re.compile(r"(\w+://.+?)/+(rest|uws)/+([^/?#]+)/+([^/?#]+)(?:[/?#]|\Z)")
_STORE_URL = re.compile(r"(\w+://.+?)/+store/?\?ID=([^&#]+)\Z")


class Server(Struct, frozen=True):
    """An OPUS server.

    Parameters
    ----------
    url : str
        The base URL, to which all ids are relative.
    endpoint : str
        The path of jobs: ``rest``, or ``uws`` since OPUS 1.0.
    """

    url: str
    endpoint: str = "rest"


class Stored(Struct):
    """A file in the entity store of OPUS.

    Parameters
    ----------
    id : str
        The id on the server.
    name : str, optional
        The name of the file.
    url : str, optional
        The URL for downloading it.
    media_type : str, optional
        The media type.
    hash : str, optional
        A digest of its bytes; the length identifies the algorithm.
    others : dict
        Further attributes by qualified name.
    """

    id: str
    name: str | None = None
    url: str | None = None
    media_type: str | None = None
    hash: str | None = None
    others: dict[str, Any] = field(default_factory=dict)


class Parameter(Struct):
    """A parameter. The inputs of an OPUS job are parameters by reference."""

    name: str
    value: str
    is_input: bool = False
    stored: str | None = None


class Result(Struct):
    """A result: a stored file, or a URL."""

    name: str
    url: str | None = None
    media_type: str | None = None
    stored: str | None = None


class Job(Struct):
    """A job.

    Parameters
    ----------
    id : str
        The id on the server.
    server : Server, optional
        The OPUS server; ``None`` for another UWS service.
    url : str, optional
        The URL of the job.
    name : str, optional
        The name of the job's description.
    phase, owner, start, end, error : str, optional
        The phase, owner, times and error message.
    others : dict
        Further attributes by qualified name.
    """

    id: str
    server: Server | None = None
    url: str | None = None
    name: str | None = None
    phase: str | None = None
    owner: str | None = None
    start: str | None = None
    end: str | None = None
    error: str | None = None
    parameters: list[Parameter] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    others: dict[str, Any] = field(default_factory=dict)


def server_of(job: str, urls: Iterable[str | None]) -> tuple[Server | None, str | None]:
    """Return the OPUS server of a job and the job's name, from the URLs of its results.

    Examples
    --------
    >>> server_of("b213a3", ["https://opus.example.org//rest/gammapy_crab/b213a3/stdout"])
    (Server(url='https://opus.example.org', endpoint='rest'), 'gammapy_crab')
    """
    server: Server | None = None
    for url in urls:
        if url is None:
            continue
        if (match := _JOB_URL.match(url)) is not None and match[4] == job:
            return Server(match[1], match[2]), unquote(match[3])
        if (match := _STORE_URL.match(url)) is not None:
            server = server or Server(match[1])
    return server, None


def stored_id(url: str, server: Server | None) -> str | None:
    """Return the id of a file in a server's store from its URL; ``None`` for other URLs.

    Examples
    --------
    >>> stored_id("https://opus.example.org/store?ID=d5779b", Server("https://opus.example.org"))
    'd5779b'
    """
    match = _STORE_URL.match(url)
    return match[2] if match is not None and server is not None and match[1] == server.url else None
