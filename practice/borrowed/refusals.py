"""Errors of our own, in the protocol that the caller's client reads."""

import json
from xml.sax.saxutils import escape

from practice.borrowed.calls import Call
from practice.borrowed.dispatch import Reply
from practice.borrowed.names import Name


def not_implemented(call: Call, name: Name) -> Reply:
    """The clean 501 for what moto does not answer; clients do not try it again."""
    message = f"The practice account does not implement {call.service}:{name.operation}."
    return error(name.protocol, 501, "NotImplemented", message)


def denied(protocol: str, message: str) -> Reply:
    """The refusal by IAM, under the code that each protocol's services use."""
    if protocol == "ec2":
        return error(
            protocol, 403, "UnauthorizedOperation", f"You are not authorized to perform this operation. {message}"
        )
    code = "AccessDenied" if protocol in ("query", "s3") else "AccessDeniedException"
    return error(protocol, 403, code, message)


def error(protocol: str, status: int, code: str, message: str) -> Reply:
    """`protocol` as botocore names it; `s3` for S3's own shape."""
    if protocol in ("json", "rest-json"):
        body = json.dumps({"__type": code, "message": message}).encode()
        return Reply(status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}, body)
    if protocol in ("cbor", "smithy-rpc-v2-cbor"):
        body = b"\xa2" + b"".join(map(_cbor_text, ("__type", code, "message", message)))
        return Reply(status, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, body)
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if protocol == "ec2":
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>practice</RequestID></Response>"
    elif protocol == "s3":
        text = f"<Error>{inner}<RequestId>practice</RequestId></Error>"
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>practice</RequestId></ErrorResponse>"
        )
    return Reply(status, {"Content-Type": "text/xml"}, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode())


def _cbor_text(text: str) -> bytes:
    """A text string: RFC 8949, major type 3."""
    content = text.encode()
    size = len(content)
    head = bytes([0x60 + size]) if size < 24 else b"\x79" + size.to_bytes(2, "big")
    return head + content
