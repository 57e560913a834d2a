"""Real accounts for tests: AWS's own configuration files that lead to a practice account, and to nothing else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services import connections
from services.access import Actor, Role
from services.cloud import Account, Cloud
from services.configurations import Configuration, load
from tests.support.practice_account import REGION
from tests.support.practice_account import Account as Practice


def profile_lines(name: str, practice: Practice, **more: str) -> str:
    """A profile with the account's keys and address."""
    said = {
        "aws_access_key_id": practice.access_key,
        "aws_secret_access_key": practice.secret_key,
        "endpoint_url": practice.url,
        "region": REGION,
        **more,
    }
    return section(f"profile {name}", **said)


def section(title: str, **said: str) -> str:
    return "\n".join([f"[{title}]", *(f"{key} = {value}" for key, value in said.items()), ""])


@contextmanager
def aws_files(folder: Path, config: str) -> Iterator[dict[str, str]]:
    """~/.aws/config for the time being; yields the environment of a process that is to read it too."""
    path = folder / "aws-config"
    path.write_text(config)
    path.chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", str(path))
        yield {"AWS_CONFIG_FILE": str(path)}


def configured(folder: Path, text: str) -> Configuration:
    path = folder / "flightdeck.toml"
    path.write_text(text)
    return load(path)


def connected(configuration: Configuration, key: str, actor: str = "kim") -> Account:
    return connections.connect(connections.find(configuration, key), Actor(actor, Role.ADMIN))


def cloud_at(account: Account) -> Cloud:
    return Cloud(account, REGION)


def trusted_role(practice: Practice, name: str, service: str) -> str:
    """The ARN of a role that the service may assume, made when it is not there yet."""
    iam = practice.client("iam")
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])
    except iam.exceptions.EntityAlreadyExistsException:
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])
