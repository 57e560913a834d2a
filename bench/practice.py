"""The practice account: how soon it is ready, how fast it lists, and whether it holds twenty jobs at once."""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.exceptions import ClientError

from bench.accounts import UNKNOWN_IMAGE, WAITING_JOB, await_training, create_training_job, fresh_account, upload_source
from bench.harness import Figure, median_seconds, seconds
from tests.support.practice_account import Account
from tests.support.waiting import eventually

LISTED_JOBS = 1_000
JOBS_AT_ONCE = 20
PAGE = 100
START_CLOCK_SECONDS = 60
EMPTY_REGION = "eu-west-1"


def figures() -> Iterator[Figure]:
    yield ready()
    with fresh_account() as account:
        yield listed(account)
    with fresh_account() as account:
        yield from at_once(account)
    with fresh_account() as account:
        yield ended(account)


def ready() -> Figure:
    """From starting the process to its ready line, against an interpreter that only loads moto and botocore."""
    floor = median_seconds(_import_floor, times=3)
    starts = statistics.median(_start_seconds() for _ in range(3))
    return Figure("practice account ready", starts, "s", at_most=2, floor=floor)


def listed(account: Account) -> Figure:
    """All pages of 1,000 training jobs, against as many pages of a region that has none."""
    fill(account, LISTED_JOBS)
    full, empty = account.client("sagemaker"), account.client("sagemaker", EMPTY_REGION)
    took = median_seconds(lambda: _list_all(full), times=3)
    floor = seconds(lambda: [empty.list_training_jobs(MaxResults=PAGE) for _ in range(LISTED_JOBS // PAGE)])
    return Figure(f"{LISTED_JOBS:,} training jobs listed, all pages", took, "s", at_most=1, floor=floor)


def at_once(account: Account) -> Iterator[Figure]:
    """Twenty jobs that really train, started together, against one of them alone."""
    sagemaker = account.client("sagemaker")
    source = upload_source(account)
    small = {"rows": "2000", "epochs": "2"}
    create_training_job(sagemaker, "alone", source, hyperparameters=small)
    alone = seconds(lambda: await_training(sagemaker, ["alone"]))
    names = [f"together-{number:02}" for number in range(JOBS_AT_ONCE)]
    for name in names:
        create_training_job(sagemaker, name, source, hyperparameters=small)
    ended: dict[str, str] = {}
    together = seconds(lambda: ended.update(await_training(sagemaker, names)))
    completed = list(ended.values()).count("Completed")
    yield Figure(f"{JOBS_AT_ONCE} training jobs at once: completed", completed, "jobs", at_least=JOBS_AT_ONCE)
    yield Figure(f"{JOBS_AT_ONCE} training jobs at once: until the last ended", together, "s", floor=alone)


def ended(account: Account) -> Figure:
    """A quota full of jobs that go on, and others' turn still to come: from SIGTERM until no process is left."""
    sagemaker, source = account.client("sagemaker"), upload_source(account, WAITING_JOB)
    for number in range(JOBS_AT_ONCE):
        create_training_job(sagemaker, f"goes-on-{number:02}", source)
    statuses = partial(sagemaker.search, Resource="TrainingJob", MaxResults=PAGE)
    eventually(statuses, until=_all_training_or_waiting, timeout=START_CLOCK_SECONDS)
    return Figure(f"practice account with {JOBS_AT_ONCE} jobs ended", seconds(account.stop), "s", at_most=5)


def _all_training_or_waiting(found: Any) -> bool:
    settled = {"Training", "Pending"}
    return all(result["TrainingJob"]["SecondaryStatus"] in settled for result in found["Results"])


def fill(account: Account, count: int) -> None:
    """Training jobs that fail for their image: as many records as real ones, without as much to run.

    A full quota is waited out on the account's clock."""
    sagemaker = account.client("sagemaker")
    for number in range(count):
        while not _created(sagemaker, f"job-{number:04}"):
            account.advance(START_CLOCK_SECONDS)
    account.advance(START_CLOCK_SECONDS)


def _created(sagemaker: Any, name: str) -> bool:
    try:
        create_training_job(sagemaker, name, "s3://nowhere/source.tar.gz", image=UNKNOWN_IMAGE)
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ResourceLimitExceeded":
            raise
        return False
    return True


def _list_all(sagemaker: Any) -> None:
    pages = sagemaker.get_paginator("list_training_jobs").paginate(MaxResults=PAGE)
    found = sum(len(page["TrainingJobSummaries"]) for page in pages)
    assert found == LISTED_JOBS, f"{found} jobs listed"


def _import_floor() -> None:
    subprocess.run([sys.executable, "-c", "import botocore.session, moto.core.models"], check=True)


def _start_seconds() -> float:
    with TemporaryDirectory() as folder:
        account = Account(Path(folder) / "practice")
        try:
            return seconds(account.start)
        finally:
            account.stop()
