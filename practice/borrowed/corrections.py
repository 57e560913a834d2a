"""What moto does otherwise than this account must: mended as its modules load, each mend with its reason."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import uuid4

from botocore.loaders import JSONFileLoader
from botocore.session import get_session

from practice import ACCOUNT_ID
from practice.borrowed import birth, draws, moments
from practice.borrowed.loading import Corrections, Preparations
from practice.headers import INTERRUPTION_HEADER

OWNED_TYPES = re.compile(r"AWS::(SageMaker|Logs|Scheduler|ServiceQuotas)::\w+")


def _checks_on(settings: Any) -> None:
    """EC2 refuses types and images that do not exist, as AWS does."""
    settings.EC2_ENABLE_INSTANCE_TYPE_VALIDATION = True
    settings.ENABLE_AMI_VALIDATION = True


def _same_start_everywhere(base_backend: Any) -> None:
    """A region comes into being on first sight, even by a read: it must not depend on when or in which order."""
    regions = base_backend.AccountSpecificBackend
    found = regions.__getitem__

    def get(self: Any, region: str) -> Any:
        if region in self.keys():
            return dict.__getitem__(self, region)
        with birth.conditions(f"{self.service_name}/{self.account_id}/{region}"):
            return found(self, region)

    base_backend.uuid4 = uuid4  # tells dictionaries apart; nobody sees it
    regions.__getitem__ = get
    regions._generate_regions = lambda _, __: _all_regions()


@cache
def _all_regions() -> list[str]:
    """Every region, for every service: to tell by service, botocore would read the whole model of each."""
    resolver: Any = get_session().get_component("endpoint_resolver")
    partitions = resolver.get_available_partitions()
    return [region for name in partitions for region in resolver.get_available_endpoints("ec2", name)]


@contextmanager
def _each_file_read_once() -> Iterator[None]:
    """EC2 makes three sessions as it loads, each of which reads the same two large files."""
    read: Callable[[Any, str], Any] = JSONFileLoader.load_file
    known: dict[str, Any] = {}

    def read_once(self: Any, path: str) -> Any:
        if path not in known:
            known[path] = read(self, path)
        return known[path]

    setattr(JSONFileLoader, "load_file", read_once)  # noqa: B010 - typed as fixed
    try:
        yield
    finally:
        setattr(JSONFileLoader, "load_file", read)  # noqa: B010


@contextmanager
def _without_grammars() -> Iterator[None]:
    """CloudFormation loads API Gateway, and that a checker of URI syntax which compiles 38 grammars, in 3 s, unused."""
    absent = "rfc3987_syntax"
    if absent in sys.modules:
        yield
        return
    sys.modules[absent] = None  # type: ignore[assignment]  # its users take this as not installed
    try:
        yield
    finally:
        del sys.modules[absent]


def _signed_region_and_account(responses: Any) -> None:
    """Region and account follow the signature alone: no user agent, host name or header chooses them."""

    def region(_: Any, request: Any, __: str) -> str:
        return str(request.headers["Authorization"].split("/")[2])

    responses.BaseResponse.get_region_from_url = region
    responses.BaseResponse.get_current_account = lambda _: ACCOUNT_ID


def _request_ids(aws_headers: Any) -> None:
    """A request's id is no part of the account's state, so it is not drawn from the request's seed."""

    def request_id(headers: dict[str, Any] | None = None) -> str:
        new = draws.new_seed().hex()[:52].upper()
        if headers is not None:
            headers["x-amzn-requestid"] = new
        return new

    aws_headers.gen_amzn_requestid_long = request_id


def _rule_names(models: Any) -> None:
    """Moto names a listener rule by its address in memory."""
    models.id = lambda _: models.mock_random.get_random_hex(16)


def _no_waiting_inside(models: Any) -> None:
    """A long poll must not hold up the account, and time stands still inside a request: the caller waits instead."""
    receive: Callable[..., Any] = models.SQSBackend.receive_message

    def receive_now(self: Any, queue_name: str, count: int, wait: int, *rest: Any, **named: Any) -> Any:
        found = receive(self, queue_name, count, 0, *rest, **named)
        draws.note_empty_receive(None if found else wait)
        return found

    models.SQSBackend.receive_message = receive_now


def _no_calls_out(models: Any) -> None:
    """Nothing leaves this machine, and a replay must not deliver a message again."""

    models.requests = moments.stand_in(models.requests, post=lambda *_, **__: None)


def _private_keys(utils: Any) -> None:
    """A private key cannot be drawn from a seed, so it is kept."""
    for name in ("rsa", "ec"):
        if hasattr(utils, name):
            original = getattr(utils, name)

            def generate(*args: Any, _make: Callable[..., Any] = original.generate_private_key, **named: Any) -> Any:
                return draws.private_key(lambda: _make(*args, **named))

            setattr(utils, name, moments.stand_in(original, generate_private_key=generate))
    if hasattr(utils, "Ed25519PrivateKey"):
        make = utils.Ed25519PrivateKey.generate
        utils.Ed25519PrivateKey = type("Ed25519PrivateKey", (), {"generate": lambda: draws.private_key(make)})


def _no_stacks_of_owned_services(models: Any) -> None:
    """A stack would make such a resource in moto, where nobody would find it: the template is refused."""

    def checked(act: Callable[..., Any]) -> Callable[..., Any]:
        def checking(self: Any, *args: Any, **named: Any) -> Any:
            if found := OWNED_TYPES.search(str(named.get("template"))):
                raise models.ValidationError(
                    message=f"Template format error: Unrecognized resource types: [{found[0]}]"
                )
            return act(self, *args, **named)

        return checking

    for name in ("create_stack", "update_stack", "create_change_set", "create_stack_set"):
        setattr(models.CloudFormationBackend, name, checked(getattr(models.CloudFormationBackend, name)))


def _spot_interruptions(responses: Any) -> None:
    """What EC2 takes back by itself says so: the instance, and the request that it was launched for."""
    terminate: Callable[..., Any] = responses.InstanceResponse.terminate_instances

    def terminate_instances(self: Any) -> Any:
        reply = terminate(self)
        if self.headers.get(INTERRUPTION_HEADER):
            for instance in self.ec2_backend.get_multi_instances_by_id(self._get_param("InstanceIds", [])):
                instance.state_reason = type(instance.state_reason)(*TAKEN_BACK)
                for request in self.ec2_backend.spot_instance_requests.values():
                    if request.instance is instance:
                        request.state, request._status_code = "closed", "instance-terminated-no-capacity"
                        request.status_message = "Your Spot instance was terminated: there is no Spot capacity."
        return reply

    responses.InstanceResponse.terminate_instances = terminate_instances


TAKEN_BACK = ("Server.SpotInstanceTermination: Spot instance termination", "Server.SpotInstanceTermination")
"""Message and code of an instance's state: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html"""

CORRECTIONS: Corrections = {
    "moto.cloudformation.models": _no_stacks_of_owned_services,
    "moto.settings": _checks_on,
    "moto.core.base_backend": _same_start_everywhere,
    "moto.core.responses": _signed_region_and_account,
    "moto.utilities.aws_headers": _request_ids,
    "moto.elbv2.models": _rule_names,
    "moto.sqs.models": _no_waiting_inside,
    "moto.sns.models": _no_calls_out,
    "moto.ec2.responses.instances": _spot_interruptions,
    "moto.ec2.utils": _private_keys,
    "moto.kms.utils": _private_keys,
}

PREPARATIONS: Preparations = {
    "moto.ec2.models.availability_zones_and_regions": _each_file_read_once,
    "moto.apigateway.models": _without_grammars,
}
