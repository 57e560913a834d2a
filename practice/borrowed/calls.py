"""A request to a borrowed service: read from WSGI, written to the journal, handed to moto; always the same to moto."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from practice.borrowed.bodies import INLINE_BYTES, Stored
from practice.headers import ROLE_HEADER, read_headers

SIGNING_PARAMETERS = frozenset(
    f"x-amz-{name}"
    for name in ("algorithm", "credential", "date", "expires", "signedheaders", "signature", "security-token",
                 "content-sha256")
)  # fmt: skip
UNTOLD_HEADERS = frozenset(
    ("authorization", "cookie", "x-amz-security-token", "x-amz-date", "user-agent", "x-amz-user-agent", "origin",
     "accept-encoding", "connection", "expect", "x-moto-account-id", "content-length", "transfer-encoding",
     "amz-sdk-invocation-id", "amz-sdk-request", ROLE_HEADER)
)  # fmt: skip
"""Headers that moto and the journal do not get: secrets, and what would let a client choose what it must not."""

WEB_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `service` is the signing name; header names are lower case; `path` and `query` are as sent, the
    query without the signature of a presigned URL."""

    service: str
    region: str
    access_key: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    stored: Stored | None = None
    """Where the body is when moto gets it as `Content` and `body` is empty."""
    role: str = ""
    """The role that the account itself acts as; it is not in the journal."""

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a query-protocol request, from the URL or the body."""
        kind = self.headers.get("content-type", "")
        text = self.body.decode("utf-8", "replace") if kind.startswith(WEB_FORM) else ""
        return dict(parse_qsl(self.query, keep_blank_values=True) + parse_qsl(text, keep_blank_values=True))

    def environ(self) -> dict[str, Any]:
        """What moto gets: the signed region and key, and nothing of this server or this moment."""
        credential = f"{self.access_key}/20000101/{self.region}/{self.service}/aws4_request"
        environ = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self.path).decode("latin-1"),
            "RAW_URI": self.path,
            "QUERY_STRING": self.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "CONTENT_LENGTH": str(self.stored.size if self.stored else len(self.body)),
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        return environ

    @property
    def is_large(self) -> bool:
        return len(self.body) > INLINE_BYTES

    @property
    def is_bare(self) -> bool:
        """The body is an object's value as it is: not in chunks, not a form, its checksum known or not asked for."""
        algorithm = self.headers.get("x-amz-sdk-checksum-algorithm", "").lower()
        kind = self.headers.get("content-type", "")
        return (
            not self.headers.get("x-amz-content-sha256", "").startswith("STREAMING")
            and not kind.startswith((WEB_FORM, "multipart/form-data"))
            and (not algorithm or f"x-amz-checksum-{algorithm}" in self.headers)
        )


class Unsigned(ValueError):
    """The request carries no AWS signature, so nothing says which service and region it is for."""


def read_call(environ: Mapping[str, Any]) -> Call:
    """The call of a WSGI request whose signature has been checked. Raises Unsigned."""
    path, _, query = (environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")
    query = query or environ.get("QUERY_STRING", "")
    access_key, region, service = _scope(environ.get("HTTP_AUTHORIZATION", ""), query)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = read_headers(environ)
    return Call(
        service=service.lower(),
        region=region,
        access_key=access_key,
        method=environ["REQUEST_METHOD"],
        path=path or "/",
        query="&".join(part for part in query.split("&") if part.partition("=")[0].lower() not in SIGNING_PARAMETERS),
        headers={name: value for name, value in headers.items() if name not in UNTOLD_HEADERS},
        body=environ["wsgi.input"].read(length) if length else b"",
        role=headers.get(ROLE_HEADER, ""),
    )


def _scope(authorization: str, query: str) -> tuple[str, str, str]:
    credential = authorization.partition("Credential=")[2].partition(",")[0]
    if not credential:
        credential = dict(parse_qsl(query)).get("X-Amz-Credential", "")
    parts = credential.strip().split("/")
    if len(parts) != 5:
        raise Unsigned("the request is not signed")
    return parts[0], parts[2], parts[3]
