"""A server with the part of the protocol of S3 that reading needs, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

__all__ = ["Objects", "running_s3"]

Objects = dict[str, bytes]
"""The contents of objects, by bucket and key: ``bucket/night/run1.log``."""

_DATE = "Fri, 02 Jan 2026 03:04:05 GMT"
_XML = "http://s3.amazonaws.com/doc/2006-03-01/"


@contextmanager
def running_s3(objects: Objects) -> Iterator[dict[str, str]]:
    """Serve objects, and yield the environment variables that lead clients to the server."""

    class Handler(_Handler):
        contents = objects

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    contents: Objects
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        url = urlsplit(self.path)
        place = unquote(url.path).strip("/")
        if "/" not in place:
            self._list(place, {name: each[0] for name, each in parse_qs(url.query).items()})
        elif place in self.contents:
            self._send_object(self.contents[place], with_body=with_body)
        else:
            self._send(404, _error("NoSuchKey") if with_body else b"")

    def _send_object(self, body: bytes, *, with_body: bool) -> None:
        tag = md5(body, usedforsecurity=False).hexdigest()
        headers = {"ETag": f'"{tag}"', "Last-Modified": _DATE, "Accept-Ranges": "bytes"}
        status, part = 200, body
        if with_body and "Range" in self.headers:
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            end = int(last) + 1 if last else len(body)
            status, part = 206, body[int(first) : end]
            headers["Content-Range"] = f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"
        self._send(status, part if with_body else body, headers, with_body=with_body)

    def _list(self, bucket: str, query: dict[str, str]) -> None:
        keys = sorted(
            place.partition("/")[2] for place in self.contents if place.startswith(f"{bucket}/")
        )
        if not keys:
            self._send(404, _error("NoSuchBucket"))
            return
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        parts, folders = [], dict[str, None]()
        for key in keys:
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                folders[prefix + rest.partition(delimiter)[0] + delimiter] = None
                continue
            size = len(self.contents[f"{bucket}/{key}"])
            parts.append(
                f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-02T03:04:05.000Z"
                f'</LastModified><ETag>"x"</ETag><Size>{size}</Size>'
                "<StorageClass>STANDARD</StorageClass></Contents>"
            )
        parts += [
            f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>"
            for folder in folders
        ]
        body = (
            f'<ListBucketResult xmlns="{_XML}"><Name>{bucket}</Name><Prefix>{escape(prefix)}'
            f"</Prefix><KeyCount>{len(parts)}</KeyCount><MaxKeys>1000</MaxKeys>"
            f"<IsTruncated>false</IsTruncated>{''.join(parts)}</ListBucketResult>"
        )
        self._send(200, body.encode(), {"Content-Type": "application/xml"})

    def _send(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        with_body: bool = True,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
