"""Who a key stands for, and keys that are really given out: moto's STS and IAM, mended as they load."""

import hashlib
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from practice import ACCOUNT_ID
from practice.borrowed import birth, draws, moments
from practice.borrowed.loading import Corrections
from practice.permissions.policies import read_policy

OWN_USER_ARN = f"arn:aws:iam::{ACCOUNT_ID}:user/practice"
OWN_USER_ID = "AIDAPRACTICEACCOUNT00"
"""The user whose key the account itself hands out at its start."""


def _sessions(models: Any) -> None:
    """Sessions expire by wall time, as their clients count; a role of another account lets nobody in; an id of a role
    that does not exist is the same at every look."""
    models.utcnow = moments.naive(moments.on_wall)
    backend, role = models.STSBackend, models.AssumedRole
    new_key, known_id, identity = backend._create_access_key, role.user_id.fget, backend.get_caller_identity

    def create_access_key(self: Any, role: str) -> Any:
        if f"::{ACCOUNT_ID}:" not in role:
            raise _sts_error("AccessDenied", f"No one here is authorized to perform: sts:AssumeRole on {role}")
        return new_key(self, role)

    def user_id(self: Any) -> str:
        with draws.seeded(hashlib.sha256(self.role_arn.encode()).digest()):
            return str(known_id(self))

    def caller_identity(self: Any, access_key_id: str, region: str) -> tuple[str, str, str]:
        found = identity(self, access_key_id, region)
        return (OWN_USER_ID, OWN_USER_ARN, ACCOUNT_ID) if found[1].endswith(":user/moto") else found

    backend._create_access_key = create_access_key
    backend.get_caller_identity = caller_identity
    role.user_id = property(user_id)


def _sts_error(code: str, message: str) -> Exception:
    """An error of STS: moto tells an error's service by the module that its class stands in."""
    from moto.sts.exceptions import STSClientError

    error: Exception = STSClientError(code, message)
    return error


def _real_session_keys(responses: Any) -> None:
    """Moto answers two operations with the keys that AWS prints in its documentation; here they are new ones."""
    tokens = responses.TokenResponse
    tokens.get_session_token = _with_new_keys(tokens.get_session_token)
    tokens.get_federation_token = _with_new_keys(tokens.get_federation_token)
    assume = tokens.assume_role

    def assume_role(self: Any) -> Any:
        arns = _session_policies(self)
        result = assume(self)
        result.result["Credentials"].policy_arns = arns
        return result

    tokens.assume_role = assume_role


def _session_policies(response: Any) -> list[str]:
    """The managed policies that limit a session; moto forgets them, and takes any text for a policy."""
    try:
        policy = response._get_param("Policy")
        if policy:
            read_policy(policy)
    except ValueError as error:
        raise _sts_error("MalformedPolicyDocument", str(error)) from error
    return [each["arn"] for each in response._get_param("PolicyArns") or []]


def _with_new_keys(answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def with_new_keys(self: Any) -> Any:
        result = answer(self)
        result.result["Credentials"] = _new_session(self, result.result)
        return result

    return with_new_keys


def _new_session(response: Any, result: dict[str, Any]) -> Any:
    from moto.iam.models import iam_backends
    from moto.sts.utils import random_session_token

    user_id, arn, account = response.backend.get_caller_identity(response.get_access_key(), response.region)
    federated = result.get("FederatedUser", {})
    policy_arns = _session_policies(response)
    asked_with = response.get_access_key()
    user = iam_backends[ACCOUNT_ID][response.partition].access_keys.get(asked_with)
    in_session = response.backend.get_assumed_role_from_access_key(asked_with) is not None
    key = iam_backends[ACCOUNT_ID][response.partition].create_temp_access_key()
    session = SimpleNamespace(
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=random_session_token(),
        expiration=result["Credentials"]["Expiration"],
        user_id=federated.get("FederatedUserId", user_id),
        arn=federated.get("Arn", arn),
        account_id=account,
        # The user who asked for it; None for the account's own key. Who is in a session already is nobody here.
        issuer=user.user_name if user and user.user_name else "" if in_session else None,
        federated=bool(federated),
        policy=response._get_param("Policy"),
        policy_arns=policy_arns,
    )
    response.backend.assumed_roles.append(session)
    return session


def _managed_policies(models: Any) -> None:
    """AWS's own policies exist, but are only read when one is looked for: it takes 0.07 s and 14 MB."""

    def read(backend: Any) -> list[Any]:
        data = json.loads(models.aws_managed_policies_data)
        make = models.AWSManagedPolicy.from_data
        with draws.seeded(b"AWS managed policies"):
            return [make(name, backend.account_id, backend.region_name, policy) for name, policy in data.items()]

    models.IAMBackend._init_aws_policies = lambda self: _Late(lambda: read(self))
    models.IAMBackend._init_managed_policies = lambda self: _Policies(self.aws_managed_policies)


def _own_user(responses: Any) -> None:
    """Asked who it is, the account's own key is always the same user."""
    make = responses.User

    def user(account: str, region_name: str, name: str) -> Any:
        with birth.conditions("iam/user"):
            own = make(account, region_name=region_name, name="practice")
        own.id = OWN_USER_ID
        return own

    responses.User = user


class _Late:
    """A sequence that is read when first looked at."""

    def __init__(self, read: Any) -> None:
        self._read = read
        self._found: list[Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        if self._found is None:
            self._found = self._read()
        return iter(self._found)


class _Policies(dict[str, Any]):
    """Policies by ARN: those of this account, and behind them, once needed, AWS's own."""

    def __init__(self, aws: _Late) -> None:
        super().__init__()
        self._aws: _Late | None = aws

    def _all(self) -> "_Policies":
        if self._aws is not None:
            aws, self._aws = self._aws, None
            own = dict(self)
            self.clear()
            self.update({policy.arn: policy for policy in aws})
            self.update(own)
        return self

    def values(self) -> Any:
        return dict.values(self._all())

    def items(self) -> Any:
        return dict.items(self._all())

    def keys(self) -> Any:
        return dict.keys(self._all())

    def __iter__(self) -> Iterator[str]:
        return dict.__iter__(self._all())

    def __getitem__(self, arn: str) -> Any:
        return dict.__getitem__(self if dict.__contains__(self, arn) else self._all(), arn)

    def __contains__(self, arn: object) -> bool:
        own = dict.__contains__(self, arn)
        return own or (":iam::aws:" in str(arn) and dict.__contains__(self._all(), arn))


CORRECTIONS: Corrections = {
    "moto.sts.models": _sessions,
    "moto.sts.responses": _real_session_keys,
    "moto.iam.models": _managed_policies,
    "moto.iam.responses": _own_user,
}
