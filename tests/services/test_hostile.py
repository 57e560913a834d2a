"""Text that somebody else wrote reaches an export as text, whatever a spreadsheet would make of it."""

import csv
import io
from collections.abc import Iterator

import pytest

from bench.accounts import UNKNOWN_IMAGE, create_training_job
from pages.ui.columns import Column, Kind
from pages.ui.exports import csv_bytes
from services import trainings
from services.trainings import TrainingJob
from tests.support.fault_proxy import cloud_through, running
from tests.support.hostile import COUNT, TEXTS, everywhere
from tests.support.practice_account import Account

COLUMNS = (
    Column("name", "tables.name", Kind.NAME),
    Column("status", "tables.state", Kind.STATE),
    Column("owner", "tables.owner"),
    Column("failure", "tables.name"),
    Column("created", "tables.created", Kind.TIME),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.fixture
def jobs(shared_practice: Account) -> Iterator[tuple[TrainingJob, ...]]:
    create_training_job(shared_practice.client("sagemaker"), "hostile", "s3://nowhere/s.tar.gz", image=UNKNOWN_IMAGE)
    with running() as proxy:
        proxy.rewrite = everywhere
        yield trainings.list_training_jobs(cloud_through(proxy, shared_practice))


def test_two_hundred_hostile_names_are_rows_and_no_cell_of_their_export_is_a_formula(
    jobs: tuple[TrainingJob, ...],
) -> None:
    assert [job.name for job in jobs] == list(TEXTS)
    rows = list(csv.reader(io.StringIO(csv_bytes(jobs, COLUMNS).decode("utf-8-sig"), newline="")))
    assert len(rows) == COUNT + 1
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA)]
    assert [row[0].removeprefix("'") for row in rows[1:]] == [text.removeprefix("'") for text in TEXTS]
