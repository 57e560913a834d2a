"""boto3 clients of the account's own door: what the machinery does with AWS goes the way that anyone's call goes."""

import threading
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from practice import ACCOUNT_ID
from practice.headers import ROLE_HEADER
from practice.world import Door, World

_making = threading.Lock()


Headers = tuple[tuple[str, str], ...]


def client(world: World, service: str, region: str, *, attempts: int = 5, role: str = "", headers: Headers = ()) -> Any:
    """The account's client for a service (as boto3 names it) in a region; made once, safe to share between threads.
    With a role (its ARN) the calls are made as that role, if it exists; `headers` go with every call.

    Never call it inside a store transaction: the call comes back through the door and would wait for it.
    """
    with _making:  # a Session is not safe to share
        return _client(world.door, service, region, attempts, ((ROLE_HEADER, role), *headers) if role else headers)


@lru_cache(maxsize=64)
def _client(door: Door, service: str, region: str, attempts: int, headers: Headers) -> Any:
    # A profile that the user's environment names means nothing here, nor does a proxy: this is loopback.
    session: Any = boto3.Session(
        aws_access_key_id=door.access_key,
        aws_secret_access_key=door.secret_key,
        region_name=region,
        botocore_session=botocore.session.Session(session_vars={"profile": (None, None, None, None)}),
    )
    config = Config(
        connect_timeout=5,
        read_timeout=120,
        max_pool_connections=32,
        proxies={},
        retries={"mode": "standard", "total_max_attempts": attempts},
        s3={"addressing_style": "path"},
    )
    made = session.client(service, endpoint_url=door.url, config=config)
    for name, value in headers:
        made.meta.events.register("before-sign", partial(_add_header, name, value))
    return made


def _add_header(name: str, value: str, request: Any, **_: Any) -> None:
    request.headers.add_header(name, value)


def environment(world: World, region: str) -> dict[str, str]:
    """The variables by which any AWS client in a job, a notebook or an endpoint reaches this account."""
    return {
        "AWS_ENDPOINT_URL": world.door.url,
        "AWS_ACCESS_KEY_ID": world.door.access_key,
        "AWS_SECRET_ACCESS_KEY": world.door.secret_key,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(_sdk_defaults(world, region)),
        "SAGEMAKER_VALIDATE_ROLE": "false",
    }


def _sdk_defaults(world: World, region: str) -> Path:
    """Defaults for the SageMaker Python SDK. Without a bucket it asks the real STS whose account this is, whatever
    AWS_ENDPOINT_URL says, and it sends usage data to AWS."""
    path = world.home / "sdk" / f"{region}.yaml"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        modules = f"TelemetryOptOut: true, Session: {{DefaultS3Bucket: sagemaker-{region}-{ACCOUNT_ID}}}"
        unfinished = path.with_suffix(f".{threading.get_ident()}")
        unfinished.write_text(f"SchemaVersion: '1.0'\nSageMaker: {{PythonSDK: {{Modules: {{{modules}}}}}}}\n")
        unfinished.replace(path)
    return path
