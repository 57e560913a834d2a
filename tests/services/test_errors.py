"""Every way in which AWS says no has its place in one tree."""

from pathlib import Path

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from services import errors
from services.errors import (
    CODES,
    REMEDIES,
    AccessDenied,
    CapReached,
    Conflict,
    DeckError,
    InvalidRequest,
    NoCapacity,
    NotConnected,
    NotFound,
    QuotaExceeded,
    Throttled,
    Unavailable,
    translated,
)
from tests.support.practice_account import Account

TREE = {
    NotConnected,
    AccessDenied,
    NotFound,
    InvalidRequest,
    Conflict,
    QuotaExceeded,
    NoCapacity,
    Throttled,
    CapReached,
    Unavailable,
}


def reply(code: str, status: int, message: str = "because") -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "DoIt")  # type: ignore[arg-type]


def raised(cause: Exception) -> DeckError:
    with pytest.raises(DeckError) as caught, translated("thing"):
        raise cause
    assert caught.value.__cause__ is cause
    return caught.value


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_of_the_table_says_what_to_which_and_what_to_do(code: str) -> None:
    error = raised(reply(code, 400, "AWS's own words"))
    assert type(error) is CODES[code]
    assert (error.message, error.resource, error.code) == ("AWS's own words", "thing", code)
    assert error.remedy == REMEDIES[type(error)]
    assert str(error) == "AWS's own words"


def test_the_tree_is_whole() -> None:
    assert set(DeckError.__subclasses__()) == TREE
    assert set(REMEDIES) == TREE
    assert set(CODES.values()) == TREE - {CapReached, Unavailable}
    assert errors.__doc__
    assert all(kind.__name__ in errors.__doc__ for kind in TREE)


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (reply("SomethingNew", 400), InvalidRequest),
        (reply("SomethingNew", 503), Unavailable),
        (reply("ValidationException", 400, "RecordNotFound"), NotFound),
        (reply("ValidationException", 400, "Requested resource not found."), NotFound),
        (reply("ValidationException", 400, 'Could not find model "arn:x".'), NotFound),
        (reply("ValidationException", 400, "Status (Pending) not in ([Stopped])"), InvalidRequest),
        (ParamValidationError(report="Missing required parameter"), InvalidRequest),
        (NoCredentialsError(), NotConnected),
        (EndpointConnectionError(endpoint_url="http://x"), NotConnected),
        (ConnectTimeoutError(endpoint_url="http://x"), Unavailable),
        (ReadTimeoutError(endpoint_url="http://x"), Unavailable),
    ],
)
def test_what_the_table_does_not_name(cause: Exception, kind: type[DeckError]) -> None:
    assert type(raised(cause)) is kind


def test_an_error_reply_without_text_still_says_something() -> None:
    bare = ClientError({"ResponseMetadata": {"HTTPStatusCode": 500}}, "DoIt")  # type: ignore[typeddict-item]
    assert "DoIt" in raised(bare).message


def test_what_is_not_awss_passes_through() -> None:
    with pytest.raises(KeyError), translated("thing"):
        raise KeyError("ours")


def test_what_aws_said_about_an_upload_is_not_lost(shared_practice: Account, tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("1,2")
    with pytest.raises(NotFound) as caught, translated("data.csv"):
        shared_practice.client("s3").upload_file(str(file), "bucket-that-is-not-there", "data.csv")
    assert (caught.value.code, caught.value.resource) == ("NoSuchBucket", "data.csv")
    with pytest.raises(Unavailable), translated():
        raise S3UploadFailedError("cut off")
