"""Who made a call, as CloudTrail's userIdentity has it."""

import sys
from dataclasses import dataclass
from typing import Any

from practice import ACCOUNT_ID
from practice.borrowed.identities import OWN_USER_ARN, OWN_USER_ID
from practice.signatures import Signer
from practice.world import Door

SCHEDULER = "scheduler.amazonaws.com"
EC2 = "ec2.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is what LookupEvents calls Username. `service` is the one that called with a role's rights, else empty."""

    type: str
    arn: str
    principal: str
    name: str
    access_key: str
    service: str = ""

    def identity(self) -> dict[str, Any]:
        """docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"""
        if self.type == "AWSService":
            return {"type": self.type, "invokedBy": self.service}
        said: dict[str, Any] = {
            "type": self.type,
            "principalId": self.principal,
            "arn": self.arn,
            "accountId": ACCOUNT_ID,
            "accessKeyId": self.access_key,
        }
        if self.type == "IAMUser":
            said["userName"] = self.name
        if self.type == "AssumedRole":
            role = _role_of(self.arn)
            said["sessionContext"] = {
                "sessionIssuer": {"type": "Role", "arn": role, "accountId": ACCOUNT_ID, "userName": role.split("/")[-1]}
            }
        if self.service:
            said["invokedBy"] = self.service
        return said


def service(name: str) -> "Caller":
    """AWS itself, for what nobody called."""
    return Caller("AWSService", "", "", "", "", name)


def who(signer: Signer, role: str, door: Door) -> Caller:
    """The caller behind a signature that has been checked; `role` is the one that the account itself acts as."""
    if signer.access_key != door.access_key:
        return _session(signer.access_key) or _user(signer.access_key)
    if not role:
        return Caller("IAMUser", OWN_USER_ARN, OWN_USER_ID, OWN_USER_ARN.rpartition("/")[2], signer.access_key)
    name = role.rpartition("/")[2]
    arn = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{name}/{SCHEDULER.partition('.')[0]}"
    return Caller("AssumedRole", arn, f"AROA:{name}", arn.rpartition("/")[2], "", SCHEDULER)


def _session(access_key: str) -> Caller | None:
    sts: Any = sys.modules.get("moto.sts.models")
    session = sts and sts.sts_backends[ACCOUNT_ID]["aws"].get_assumed_role_from_access_key(access_key)
    if not session:
        return None
    arn, principal = str(session.arn), str(session.user_id)
    if ":assumed-role/" in arn:
        return Caller("AssumedRole", arn, principal, arn.rpartition("/")[2], access_key)
    kind = "FederatedUser" if ":federated-user/" in arn else "IAMUser"
    return Caller(kind, arn, principal, arn.rpartition("/")[2], access_key)


def _user(access_key: str) -> Caller:
    iam: Any = sys.modules["moto.iam.models"]
    backend = iam.iam_backends[ACCOUNT_ID]["aws"]
    name = str(backend.access_keys[access_key].user_name)
    user = backend.users.get(name)
    arn = str(user.arn) if user else f"arn:aws:iam::{ACCOUNT_ID}:user/{name}"
    return Caller("IAMUser", arn, str(user.id) if user else access_key, name, access_key)


def _role_of(session_arn: str) -> str:
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{session_arn.split('/')[1]}"
