"""AWS Signature Version 4, checked: whoever drives this account runs code on this machine.

Rules: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. The string to sign and the
signature are computed by botocore's own signer, so that both sides agree by construction.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import normalize_url_path

from practice.clock import wall_now
from practice.errors import ServiceError
from practice.protocol import Asked

MAX_SKEW = timedelta(minutes=15)
MAX_PRESIGNED = timedelta(days=7)
UNSIGNED_BODIES = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")

SecretFor = Callable[[str, str | None], str | None]
"""(access key id, session token) → secret key, None for a key that is not of this account."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a request, and for which region and service."""

    access_key: str
    region: str
    service: str


def verify(asked: Asked, secret_for: SecretFor) -> Signer:
    """Raises ServiceError when a request is unsigned, foreign, stale or altered. Tokens and presigned URLs live on
    wall time."""
    query = dict(parse_qsl(asked.query, keep_blank_values=True))
    if "X-Amz-Signature" in query:
        return _verify_presigned(asked, query, secret_for)
    return _verify_header(asked, secret_for)


def _verify_header(asked: Asked, secret_for: SecretFor) -> Signer:
    scheme, _, rest = asked.headers.get("authorization", "").partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != "AWS4-HMAC-SHA256" or not {"Credential", "SignedHeaders", "Signature"} <= parts.keys():
        raise _refused("Request is missing Authentication Token")
    signer, stamp = _scope(parts["Credential"]), asked.headers.get("x-amz-date", "")
    signed_at = _moment(stamp)
    if abs(wall_now() - signed_at) > MAX_SKEW:
        raise _refused(f"Signature expired: {stamp} is more than 15 minutes away")
    declared = asked.headers.get("x-amz-content-sha256")
    actual = hashlib.sha256(asked.body).hexdigest()
    if declared is not None and declared not in (*UNSIGNED_BODIES, actual):
        raise _refused("The provided x-amz-content-sha256 does not match what was computed")
    secret = _secret(signer, asked.headers.get("x-amz-security-token"), secret_for)
    expected = _signature(asked, asked.query, signer, secret, parts["SignedHeaders"], stamp, declared or actual)
    _compare(parts["Signature"], expected)
    return signer


def _verify_presigned(asked: Asked, query: Mapping[str, str], secret_for: SecretFor) -> Signer:
    signer, stamp = _scope(query.get("X-Amz-Credential", "")), query.get("X-Amz-Date", "")
    lifetime = timedelta(seconds=int(query.get("X-Amz-Expires", "0")))
    if not timedelta(0) < lifetime <= MAX_PRESIGNED or wall_now() > _moment(stamp) + lifetime:
        raise _refused("Request has expired")
    unsigned = "&".join(part for part in asked.query.split("&") if not part.startswith("X-Amz-Signature="))
    secret = _secret(signer, query.get("X-Amz-Security-Token"), secret_for)
    body_hash = "UNSIGNED-PAYLOAD" if signer.service == "s3" else hashlib.sha256(asked.body).hexdigest()
    expected = _signature(asked, unsigned, signer, secret, query.get("X-Amz-SignedHeaders", ""), stamp, body_hash)
    _compare(query["X-Amz-Signature"], expected)
    return signer


def _signature(
    asked: Asked, query: str, signer: Signer, secret: str, signed_headers: str, stamp: str, body_hash: str
) -> str:
    auth = SigV4Auth(Credentials(signer.access_key, secret), signer.service, signer.region)
    path = asked.path if signer.service == "s3" else quote(normalize_url_path(asked.path), safe="/~")
    pairs = sorted(part.partition("=")[::2] for part in query.split("&")) if query else []
    headers = "\n".join(f"{name}:{' '.join(asked.headers.get(name, '').split())}" for name in signed_headers.split(";"))
    canonical = "\n".join(
        (
            asked.method,
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            headers + "\n",
            signed_headers,
            body_hash,
        )
    )
    request = AWSRequest(method=asked.method, url=asked.path)
    request.context["timestamp"] = stamp
    return str(auth.signature(auth.string_to_sign(request, canonical), request))


def _scope(credential: str) -> Signer:
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        raise _refused("Credential must be KEY/DATE/REGION/SERVICE/aws4_request")
    return Signer(parts[0], parts[2], parts[3])


def _secret(signer: Signer, token: str | None, secret_for: SecretFor) -> str:
    secret = secret_for(signer.access_key, token)
    if secret is None:
        raise ServiceError("InvalidClientTokenId", "The security token included in the request is invalid.")
    return secret


def _moment(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as exc:
        raise _refused("X-Amz-Date must be YYYYMMDDTHHMMSSZ") from exc


def _compare(given: str, expected: str) -> None:
    if not hmac.compare_digest(given, expected):
        raise ServiceError(
            "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."
        )


def _refused(message: str) -> ServiceError:
    return ServiceError("AccessDeniedException", message)
