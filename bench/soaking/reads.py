"""Reads: what comes of a corrupt reply, of faults in three calls of ten, of an AWS that hangs, and of tiny pages."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

from bench.accounts import UNKNOWN_IMAGE, create_training_job, fresh_account
from bench.harness import Figure, seconds
from services import endpoints, inventory, logs, metrics, notebooks, quotas, schedules, trainings, variants
from services.cloud import Cloud
from services.endpoint_plans import endpoint_arn
from services.errors import DeckError, translated
from services.launches import carry_out
from services.ledger import Ledger, State
from services.replies import CALL_SECONDS
from tests.support.deck_wishes import ACCOUNT_ID, KIM, cloud_of, put_echo_model, unserved_plan
from tests.support.fault_proxy import cloud_through, running
from tests.support.faults import CORRUPT, Fault, mixed
from tests.support.practice_account import REGION, Account

NAME = "soaked"
JOB = "soaked-job"
GROUP = "/aws/sagemaker/Endpoints/soaked"
THREADS = 4
CORRUPT_THREADS = 16


def _raw(service: str, method: str) -> Callable[[Cloud], Any]:
    """A read of a service that speaks another protocol than SageMaker."""

    def ask(cloud: Cloud) -> Any:
        with translated(service):
            return getattr(cloud.client(service), method)()

    return ask


READS: dict[str, Callable[[Cloud], Any]] = {
    "notebooks": notebooks.list_notebooks,
    "training jobs": trainings.list_training_jobs,
    "training job": lambda cloud: trainings.get_training_job(cloud, JOB),
    "endpoints": endpoints.list_endpoints,
    "restorables": lambda cloud: endpoints.list_restorable(cloud, ()),
    "variants": lambda cloud: variants.get_variants(cloud, NAME),
    "guards": schedules.list_guards,
    "guard": lambda cloud: schedules.find_guard(cloud, endpoint_arn(REGION, ACCOUNT_ID, NAME)),
    "quotas": quotas.applied_limits,
    "log streams": lambda cloud: logs.streams(cloud, GROUP),
    "log tail": lambda cloud: logs.tail(cloud, GROUP, "one"),
    "log page": lambda cloud: logs.read(cloud, GROUP, "one"),
    "training metrics": lambda cloud: metrics.training_metrics(cloud, JOB),
    "CloudWatch": _raw("cloudwatch", "list_metrics"),
    "S3": _raw("s3", "list_buckets"),
    "IAM": _raw("iam", "list_roles"),
    "STS": _raw("sts", "get_caller_identity"),
    "EC2": _raw("ec2", "describe_instances"),
}
"""Every read of the services, and one of each protocol besides."""


@contextmanager
def filled() -> Iterator[Account]:
    """An account in which every read has something to find."""
    with fresh_account() as account:
        fill(account)
        yield account


def fill(account: Account) -> None:
    put_echo_model(account)
    cloud, ledger = cloud_of(account), Ledger(account.home.parent / "soaked.sqlite3")
    assert carry_out(cloud, ledger, unserved_plan(cloud, NAME), KIM).state is State.DONE
    ledger.close()
    sagemaker, talk = account.client("sagemaker"), account.client("logs")
    create_training_job(sagemaker, JOB, "s3://nowhere/source.tar.gz", image=UNKNOWN_IMAGE)
    talk.create_log_group(logGroupName=GROUP)
    for stream in ("one", "two", "three"):
        talk.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        event = {"timestamp": int(account.clock().timestamp() * 1000), "message": f"in {stream}"}
        talk.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=[event])
    account.client("iam").create_role(RoleName=NAME, AssumeRolePolicyDocument="{}")


def figures(rounds: int) -> Iterator[Figure]:
    with filled() as account:
        yield corrupt(account, rounds)
        yield from faulty(account, rounds)
        yield paged(account)
        yield hanging(account)


def corrupt(account: Account, rounds: int) -> Figure:
    """Nothing but corrupt replies, to every read by turns: how many of them were taken for an answer."""
    with running(mixed(1.0, CORRUPT), seed=1) as proxy, ThreadPoolExecutor(CORRUPT_THREADS) as threads:
        cloud = cloud_through(proxy, account)
        taken = list(threads.map(lambda read: _answers(cloud, read), islice(cycle(READS.values()), rounds)))
    return Figure(f"corrupt replies to {rounds:,} reads taken for an answer", sum(taken), "reads", at_most=0)


def faulty(account: Account, rounds: int, side_by_side: int = THREADS) -> Iterator[Figure]:
    """Every read by turns, with passing trouble in three calls of ten: one after the other the same trouble each time,
    `side_by_side` another."""
    with running(seed=2) as proxy, ThreadPoolExecutor(side_by_side) as threads:
        cloud = cloud_through(proxy, account)
        # Quotas come in ten pages and more, and are read every five minutes, behind the screens.
        several = [read for name, read in READS.items() if name != "quotas"]
        # A service's first client loads its model, which is no fault of AWS.
        assert all(_answers(cloud, read) for read in several)
        proxy.faults = mixed(0.3)
        answers = list(threads.map(lambda read: _timed(cloud, read), islice(cycle(several), rounds)))
    took = sorted(each for _, each in answers)
    share = 100 * sum(answered for answered, _ in answers) / rounds
    yield Figure(f"{rounds:,} reads at 30 % faults: succeeded", share, "%", at_least=99)
    yield Figure(f"{rounds:,} reads at 30 % faults: 95th percentile", took[int(0.95 * rounds)], "s", at_most=1)


def paged(account: Account) -> Figure:
    """Lists cut to single rows: how many reads found another number of rows than without."""
    whole = inventory.take(cloud_of(account))
    with running(page=1) as proxy:
        cloud = cloud_through(proxy, account)
        reads = [read for name, read in READS.items() if name in _LISTS]
        differing = sum(len(read(cloud)) != len(read(cloud_of(account))) for read in reads)
    with running(page=50) as proxy:
        cut = inventory.take(cloud_through(proxy, account))
        differing += (cut.limits, cut.owners) != (whole.limits, whole.owners)
        assert "ListServiceQuotas" in (proxy.pages.cut if proxy.pages else [])
    return Figure("lists in tiny pages that came out shorter", differing, "lists", at_most=0)


_LISTS = ("notebooks", "training jobs", "endpoints", "restorables", "guards", "log streams")


def hanging(account: Account) -> Figure:
    """The longest of a read and a write while nothing answers."""
    with running([Fault("hang")]) as proxy, ThreadPoolExecutor(2) as threads:
        cloud = cloud_through(proxy, account)
        read = threads.submit(seconds, lambda: _answers(cloud, notebooks.list_notebooks))
        write = threads.submit(seconds, lambda: _answers(cloud, _stop))
        return Figure("longest call while AWS hangs", max(read.result(), write.result()), "s", at_most=CALL_SECONDS)


def _stop(cloud: Cloud) -> None:
    with translated(NAME):
        cloud.writer("sagemaker").stop_notebook_instance(NotebookInstanceName=NAME)


def _answers(cloud: Cloud, read: Callable[[Cloud], Any]) -> bool:
    try:
        read(cloud)
    except DeckError:
        return False
    return True


def _timed(cloud: Cloud, read: Callable[[Cloud], Any]) -> tuple[bool, float]:
    started = time.perf_counter()
    answered = _answers(cloud, read)
    return answered, time.perf_counter() - started
