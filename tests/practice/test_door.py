"""The door: nobody but the holder of the keys comes in, and every owned operation is ours or a clean 501."""

import json
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from practice import signatures
from practice.account import Account, HomeInUse
from practice.operations import OPERATIONS
from practice.protocol import OWNED, SHARED
from tests.support.local_account import REGION, Local


def send(local: Local, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Any:
    """(status, text) of a plain HTTP request."""
    connection = HTTPConnection(local.world.door.url.removeprefix("http://"), timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def signed(local: Local, *, secret: str | None = None, headers: dict[str, str] | None = None) -> dict[str, str]:
    """Headers of a signed GetCallerIdentity-like SageMaker request with the body `{}`."""
    door = local.world.door
    sent = {"X-Amz-Target": "SageMaker.ListNotebookInstances", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", door.url + "/", data=b"{}", headers={**sent, **(headers or {})})
    SigV4Auth(Credentials(door.access_key, secret or door.secret_key), "sagemaker", REGION).add_auth(request)
    return dict(request.headers.items())


def test_a_signed_request_is_served(local: Local) -> None:
    status, text = send(local, "POST", "/", b"{}", signed(local))
    assert (status, json.loads(text)) == (200, {"NotebookInstances": []})


@pytest.mark.parametrize(
    "spoil",
    [
        {"Authorization": ""},
        {"Authorization": "Basic abc"},
        {"Origin": "http://127.0.0.1:8501"},
        {"Host": "evil.example"},
        {"X-Amz-Date": "20200101T000000Z"},
        {"X-Amz-Date": "yesterday"},
        {"x-amz-content-sha256": "0" * 64},
    ],
)
def test_what_is_not_wholly_right_gets_403(local: Local, spoil: dict[str, str]) -> None:
    status, _ = send(local, "POST", "/", b"{}", {**signed(local), **spoil})
    assert status == 403


def test_an_altered_body_a_foreign_secret_and_a_foreign_key_get_403(local: Local) -> None:
    assert send(local, "POST", "/", b'{"MaxResults": 1}', signed(local))[0] == 403
    assert send(local, "POST", "/", b"{}", signed(local, secret="somebody-else's"))[0] == 403
    stranger = signed(local)
    stranger["Authorization"] = stranger["Authorization"].replace(local.world.door.access_key, "STRANGER")
    status, text = send(local, "POST", "/", b"{}", stranger)
    assert (status, json.loads(text)["__type"]) == (403, "InvalidClientTokenId")


def test_a_credential_of_another_shape_gets_403(local: Local) -> None:
    headers = signed(local)
    headers["Authorization"] = headers["Authorization"].replace("/aws4_request", "")
    assert send(local, "POST", "/", b"{}", headers)[0] == 403


def test_a_stale_signature_gets_403(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = signed(local)
    later = datetime.now(UTC) + timedelta(minutes=16)
    monkeypatch.setattr(signatures, "wall_now", lambda: later)
    assert send(local, "POST", "/", b"{}", headers)[0] == 403


def test_a_presigned_url_opens_until_it_expires(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = local.client("s3")
    s3.create_bucket(Bucket="bucket-1", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="bucket-1", Key="a b/c+d", Body=b"hello")
    url = s3.generate_presigned_url("get_object", {"Bucket": "bucket-1", "Key": "a b/c+d"}, ExpiresIn=60)
    path = url.removeprefix(local.world.door.url)
    assert send(local, "GET", path) == (200, "hello")
    assert send(local, "GET", path.replace("a%20b", "other"))[0] == 403
    later = datetime.now(UTC) + timedelta(seconds=61)
    monkeypatch.setattr(signatures, "wall_now", lambda: later)
    assert send(local, "GET", path)[0] == 403


def test_no_reply_lets_another_origin_read_it(local: Local) -> None:
    connection = HTTPConnection(local.world.door.url.removeprefix("http://"), timeout=30)
    connection.request("OPTIONS", "/", headers={"Origin": "http://evil.example"})
    answer = connection.getresponse()
    assert answer.status == 403
    assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")]
    connection.close()


def test_an_empty_object_is_taken_at_once(local: Local) -> None:
    s3 = local.client("s3")
    s3.create_bucket(Bucket="empty-objects", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})
    s3.put_object(Bucket="empty-objects", Key="pkg/__init__.py", Body=b"")
    assert s3.head_object(Bucket="empty-objects", Key="pkg/__init__.py")["ContentLength"] == 0


def test_the_clock_wants_the_key(local: Local) -> None:
    key = {"X-Practice-Key": local.world.door.access_key}
    assert send(local, "GET", "/_practice/clock")[0] == 403
    assert send(local, "GET", "/_practice/health", headers=key) == (200, '{"healthy": true}')
    assert send(local, "GET", "/_practice/nothing", headers=key)[0] == 404
    status, text = send(local, "POST", "/_practice/clock", b'{"speed": 60}', key)
    assert (status, json.loads(text)["speed"]) == (200, 60)


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"speed": 0}', '{"advance_seconds": -1}', '{"advance_seconds": 1e12}']
)
def test_a_change_of_the_clock_that_makes_no_sense_is_refused(local: Local, body: str) -> None:
    key = {"X-Practice-Key": local.world.door.access_key}
    assert send(local, "POST", "/_practice/clock", body.encode(), key)[0] == 400


def test_every_registered_operation_is_aws_own() -> None:
    for service, name in OPERATIONS:
        model = botocore.session.get_session().get_service_model(service)
        assert name in model.operation_names, (service, name)
        assert service in {*SHARED.values(), *(one for services in OWNED.values() for one in services)}


@pytest.mark.parametrize(
    ("service", "call"),
    [("sagemaker", "list_hubs"), ("logs", "list_integrations"), ("service-quotas", "list_tags_for_resource")],
)
def test_an_operation_that_is_missing_is_named_in_a_501(local: Local, service: str, call: str) -> None:
    arn = "arn:aws:servicequotas:ap-northeast-2:123456789012:sagemaker/L-1"
    arguments = {"ResourceARN": arn} if "tags" in call else {}
    with pytest.raises(ClientError) as caught:
        getattr(local.client(service), call)(**arguments)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert service in str(caught.value)


def test_an_operation_that_aws_does_not_have_is_unknown(local: Local) -> None:
    status, text = send(local, "POST", "/", b"{}", signed(local, headers={"X-Amz-Target": "SageMaker.MakeCoffee"}))
    assert (status, json.loads(text)["__type"]) == (404, "UnknownOperationException")


def test_a_body_that_is_no_json_object_is_refused(local: Local) -> None:
    door = local.world.door
    for body in (b"[]", b"{", b"null"):
        request = AWSRequest("POST", door.url + "/", data=body, headers={"X-Amz-Target": "SageMaker.ListModels"})
        SigV4Auth(Credentials(door.access_key, door.secret_key), "sagemaker", REGION).add_auth(request)
        status, text = send(local, "POST", "/", body, dict(request.headers.items()))
        assert (status, json.loads(text)["__type"]) == (400, "SerializationException")


def test_requests_are_checked_as_aws_checks_them(local: Local) -> None:
    door = local.world.door
    make: Any = boto3.client
    client = make(
        "sagemaker",
        region_name=REGION,
        endpoint_url=door.url,
        aws_access_key_id=door.access_key,
        aws_secret_access_key=door.secret_key,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    role = f"arn:aws:iam::123456789012:role/{'x' * 10}"
    good = {"NotebookInstanceName": "n", "InstanceType": "ml.t3.medium", "RoleArn": role}
    for spoil, said in (
        ({"RoleArn": None}, "Value null at 'roleArn' failed to satisfy constraint: Member must not be null"),
        ({"NotebookInstanceName": "a_b"}, "must satisfy regular expression pattern"),
        ({"NotebookInstanceName": "a" * 64}, "length less than or equal to 63"),
        ({"InstanceType": "ml.huge"}, "must satisfy enum value set"),
        ({"VolumeSizeInGB": 4}, "greater than or equal to 5"),
        ({"VolumeSizeInGB": 99999}, "less than or equal to 16384"),
        ({"RoleArn": "x"}, "length greater than or equal to 20"),
        ({"VolumeSizeInGB": "ten"}, "unexpected type"),
    ):
        request = {key: value for key, value in {**good, **spoil}.items() if value is not None}
        with pytest.raises(ClientError, match=said):
            client.create_notebook_instance(**request)


def test_keys_and_clock_survive_a_restart_and_a_home_has_one_account(local: Local, tmp_path: Path) -> None:
    door = local.world.door
    said = json.loads((tmp_path / "home" / "practice.json").read_text())
    assert (said["access_key"], said["secret_key"], said["url"]) == (door.access_key, door.secret_key, door.url)
    assert (tmp_path / "home" / "practice.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(HomeInUse):
        Account(tmp_path / "home", 0)
    local.advance(days=10)
    before = local.world.clock.now()
    local.restart()
    assert local.world.door.access_key == door.access_key
    assert timedelta(0) <= local.world.clock.now() - before < timedelta(seconds=30)
