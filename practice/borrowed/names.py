"""What a call asks for: the operation's name, the S3 object it is about, and whether it may change anything."""

import re
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import NotFound

from practice.borrowed import dispatch
from practice.borrowed.calls import WEB_FORM, Call
from practice.borrowed.loading import loads

READS = re.compile(
    r"(?:Batch)?(?:Get|Describe|List|Head|Search|Lookup|Query|Scan|Select|Simulate|Test|Validate|Estimate|Check|Filter"
    r"|Preview|View)(?=[A-Z0-9 ]|$)"
)
NO_CHANGE = frozenset(
    ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair",
     "GenerateDataKeyPairWithoutPlaintext", "GenerateRandom", "GenerateMac", "VerifyMac", "Sign", "Verify",
     "DecodeAuthorizationMessage")
)  # fmt: skip
CHANGES = frozenset(("GetSessionToken", "GetFederationToken", "GetDelegatedAccessToken"))
"""Named like reads, yet they make credentials."""

NOT_IN_S3 = re.compile(
    r"Analytics|IntelligentTiering|BucketMetrics|RequestPayment|BucketMetadata|Abac|Annotation|CreateSession"
    r"|GetObjectRetention|Torrent|DeleteBucketInventory|DirectoryBuckets|RenameObject|UpdateObjectEncryption"
    r"|WriteGetObjectResponse"
)
"""Operations of S3 that moto does not know and, seeing the path alone, takes for another: to ask a bucket for its
analytics would list it, to delete its inventory's settings would delete it."""

_CBOR = re.compile(r"/service/[^/]+/operation/([^/]+)/?$")


@dataclass(frozen=True, slots=True)
class Name:
    """An operation, and for S3 its bucket and key. `protocol` is how its client reads an error."""

    operation: str
    protocol: str
    bucket: str | None = None
    key: str | None = None

    @property
    def changes(self) -> bool:
        if self.operation in CHANGES:
            return True
        return self.operation not in NO_CHANGE and READS.match(self.operation) is None


def name_of(call: Call) -> Name:
    """Raises dispatch.MissingError for a service that moto does not have."""
    if target := call.headers.get("x-amz-target"):
        return Name(target.rpartition(".")[2], "json")
    if found := _CBOR.search(call.path):
        return Name(found[1], "cbor")
    if call.service != "s3" and (WEB_FORM in call.headers.get("content-type", "") or "Action=" in call.query):
        return Name(call.form.get("Action", ""), "ec2" if call.service == "ec2" else "query")
    return _routed(call)


def _routed(call: Call) -> Name:
    """REST: method, path and query tell the operation; botocore's service model knows how."""
    module = dispatch.module_of(call)
    router = _router(module)
    protocol = "s3" if module == "s3" else str(router._service_model.protocol) if router else "rest-json"
    try:
        operation, where = router.match(dispatch.moto_request(call)) if router else (None, {})
    except (NotFound, NotImplementedError):
        operation, where = None, {}
    if operation is not None:
        return Name(operation.name, protocol, where.get("Bucket"), where.get("Key"))
    verb = "Get" if call.method in ("GET", "HEAD", "OPTIONS") else "Change"
    return Name(f"{verb} ({call.method} {call.path})", protocol)


@loads
def _router(module: str) -> Any:
    """None for a service that botocore does not know."""
    from botocore.exceptions import UnknownServiceError
    from moto.core.responses import boto3_service_name
    from moto.core.routing import get_service_router
    from moto.core.utils import service_name_from_moto_package_name

    try:
        return get_service_router(boto3_service_name.get(module) or service_name_from_moto_package_name(module))
    except UnknownServiceError:
        return None
