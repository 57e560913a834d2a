"""What counts as an answer of AWS, and how long one is waited for.

botocore reads a 200 that was cut off, or that came from something else than AWS, as `{}`: a page would show "0
resources". Such a reply becomes a 502 here. So botocore's own retries ask again, and what stays so is an error.
"""

import time
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from botocore.model import OperationModel, StructureShape

CALL_SECONDS = 25.0
"""No call of the deck takes longer, all its tries and the pauses between them together."""

NO_ANSWER = "NoAnswer"
BAD_GATEWAY = 502
FIRST_ERROR = 300
_TOKENS = ("NextToken", "nextToken")
_ERROR_TYPE = "x-amzn-errortype"
"""The header in which AWS says what went wrong, whatever the body is."""


def watch(client: Any) -> None:
    """Hold a botocore client's replies to what they promise, and its retries to CALL_SECONDS."""
    events, service = client.meta.events, client.meta.service_model.service_id.hyphenize()
    one_try = client.meta.config.connect_timeout + client.meta.config.read_timeout
    events.register("before-call", _begin)
    events.register("before-parse", _check_body)
    # Before botocore's own handlers of the event: they judge by the status, and the first to decide does.
    events.register_first(f"needs-retry.{service}", _check_members)
    events.register_first(f"needs-retry.{service}", _give_up_in_time(one_try))


def _begin(params: dict[str, Any], **_: Any) -> None:
    params["context"]["flightdeck_begun"] = time.monotonic()


def _give_up_in_time(one_try: float) -> Callable[..., bool | None]:
    def decide(request_dict: dict[str, Any], response: Any, attempts: int, **_: Any) -> bool | None:
        """False when one more try, after its longest pause, might end too late; None leaves it to botocore."""
        # botocore pauses up to 2^(n-1) s after a throttled try, and a twentieth of that after others.
        pause = 2 ** (attempts - 1) * (1 if response else 0.05)
        spent = time.monotonic() - request_dict["context"]["flightdeck_begun"]
        return False if spent + pause + one_try > CALL_SECONDS else None

    return decide


def _check_body(
    operation_model: OperationModel,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: Any,
) -> None:
    """Before botocore's parsers, which stumble over what they do not expect, or read it as `{}`."""
    status = response_dict["status_code"]
    refused = status >= FIRST_ERROR
    if operation_model.http["method"] == "HEAD" or (not refused and _streams(operation_model)):
        return
    if refused and _ERROR_TYPE in response_dict["headers"]:
        return
    checks = _ERROR_BODIES if refused else _BODIES
    check = checks.get(operation_model.service_model.resolved_protocol)
    if check is None or check(response_dict["body"], operation_model):
        return
    response_dict.update(status_code=BAD_GATEWAY, body=b"")
    missing = f"an error (HTTP {status})" if refused else "a whole body"
    customized_response_dict["Error"] = _error(operation_model, f"{missing} as the service writes it")


def _check_members(operation: OperationModel, response: Any, **_: Any) -> None:
    if response is None:
        return
    http, parsed = response
    answered = http.status_code < FIRST_ERROR
    missing = _missing(operation, parsed) if answered and "Error" not in parsed and not _says_nothing(operation) else ""
    if missing:
        parsed["Error"] = _error(operation, missing)
    if "Error" in parsed and (answered or parsed["Error"].get("Code") == NO_ANSWER):
        http.status_code = BAD_GATEWAY
        parsed.setdefault("ResponseMetadata", {})["HTTPStatusCode"] = BAD_GATEWAY


def _says_nothing(operation: OperationModel) -> bool:
    """Nothing, or nothing that can be judged before it is read."""
    return operation.output_shape is None or _streams(operation) or operation.http["method"] == "HEAD"


def _streams(operation: OperationModel) -> bool:
    return bool(operation.has_streaming_output or operation.has_event_stream_output)


def _missing(operation: OperationModel, parsed: dict[str, Any]) -> str:
    """What a reply of this operation always has and this one has not."""
    shape = _shape(operation)
    missing = [name for name in shape.required_members if name not in parsed]
    if missing:
        return ", ".join(missing)
    if operation.service_model.resolved_protocol not in ("json", "rest-json"):
        # In XML an empty answer has its root, and what has only optional members may be just that.
        return ""
    if shape.members and not parsed.keys() & shape.members.keys():
        return "any of its members"
    return "its list" if _is_page_without_list(shape, parsed) else ""


def _shape(operation: OperationModel) -> StructureShape:
    assert operation.output_shape is not None, "asked only of operations that say something"
    return operation.output_shape


def _is_page_without_list(shape: StructureShape, parsed: dict[str, Any]) -> bool:
    lists = [name for name, member in shape.members.items() if member.type_name == "list"]
    return bool(lists) and any(token in shape.members for token in _TOKENS) and not parsed.keys() & set(lists)


def _error(operation: OperationModel, missing: str) -> dict[str, str]:
    return {"Code": NO_ANSWER, "Message": f"the reply to {operation.name} lacks {missing}"}


def _is_object(body: bytes, _: OperationModel) -> bool:
    """By its ends alone: what is torn in between parses into none of the members, which is seen after that."""
    whole = body.strip()
    return not whole or (whole[:1] == b"{" and whole[-1:] == b"}")


def _is_response_of(body: bytes, operation: OperationModel) -> bool:
    return _root(body) == f"{operation.name}Response"


def _is_xml(body: bytes, operation: OperationModel) -> bool:
    members = operation.output_shape.members.values() if operation.output_shape else ()
    in_headers = (member.serialization.get("location") for member in members)
    return (not body and all(in_headers)) or _is_document(body, operation)


def _is_document(body: bytes, _: OperationModel) -> bool:
    return _root(body).lower() not in ("", "html")


def _is_document_or_empty(body: bytes, operation: OperationModel) -> bool:
    return not body or _is_document(body, operation)


def _root(body: bytes) -> str:
    """The name of an XML document's root, without its namespace; empty for what is none."""
    try:
        # Replies of AWS's own endpoints over TLS, or of whoever answers in their place: expat limits what they expand.
        return ElementTree.fromstring(body).tag.rpartition("}")[2]  # noqa: S314
    except ElementTree.ParseError:
        return ""


_BODIES: dict[str, Callable[[bytes, OperationModel], bool]] = {
    "json": _is_object,
    "rest-json": _is_object,
    "query": _is_response_of,
    "ec2": _is_response_of,
    "rest-xml": _is_xml,
}
"""Protocol → whether a body may be the answer to an operation. (CloudWatch and tagging speak JSON to this botocore.)"""

_ERROR_BODIES: dict[str, Callable[[bytes, OperationModel], bool]] = {
    "json": _is_object,
    "rest-json": _is_object,
    "query": _is_document,
    "ec2": _is_document,
    "rest-xml": _is_document_or_empty,
}
"""Protocol → whether a body may be the refusal of an operation."""
