"""What a team does with the deck, from the first look to the last deletion, through the services alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from services import (
    app_plans,
    buckets,
    default_quotas,
    endpoint_plans,
    endpoints,
    examples,
    guard_plans,
    images,
    inventory,
    logs,
    metrics,
    notebook_plans,
    notebooks,
    profiles,
    quota_grids,
    quotas,
    reconciliations,
    schedules,
    training_plans,
    trainings,
    witnesses,
)
from services.cloud import Cloud
from services.endpoint_plans import EndpointWish
from services.endpoints import EndpointStatus, Restorable
from services.guard_plans import Guarded
from services.launches import carry_out
from services.ledger import Ledger, State
from services.notebook_plans import NotebookWish
from services.notebooks import NotebookStatus
from services.plans import Plan, Quota
from services.quota_increases import Increase, plan_increases
from services.spenders import Spender, SpenderKind
from services.training_plans import TrainingWish
from services.trainings import TrainingStatus
from tests.support import deck_rows
from tests.support.deck_wishes import KIM, surroundings
from tests.support.practice_account import REGION, Account
from tests.support.waiting import eventually

EXAMPLE = examples.get_example("sklearn_surveillance")
IMAGE = images.image_uri(images.ImageKind(EXAMPLE.framework, EXAMPLE.framework_version, "training"), REGION)


@dataclass(frozen=True, slots=True)
class Traveller:
    """Who makes the journey: an account by its keys, a ledger, and a folder for what is uploaded."""

    practice: Account
    cloud: Cloud
    ledger: Ledger
    folder: Path

    @property
    def profile(self) -> profiles.LaunchProfile:
        return profiles.practice_profile(self.cloud.account.account_id, REGION)

    def do(self, plan: Plan) -> None:
        """Carry a plan out, which must succeed."""
        action = carry_out(self.cloud, self.ledger, plan, KIM)
        assert (action.state, action.error) == (State.DONE, None), plan.calls


def notebook_wish(who: Traveller) -> NotebookWish:
    profile = who.profile
    return NotebookWish("lab", REGION, "ml.t3.medium", 5, profile.execution_role, 8.0, profile.scheduler_role)


def training_wish(who: Traveller) -> TrainingWish:
    source = who.folder / "sourcedir.tar.gz"
    source.write_bytes(examples.package_source(EXAMPLE.folder))
    return TrainingWish(
        name="fit",
        region=REGION,
        instance_type="ml.m5.large",
        instance_count=1,
        volume_gib=5,
        max_run_seconds=600,
        role_arn=who.profile.execution_role,
        image=IMAGE,
        entry_point=EXAMPLE.entry_point,
        bucket=who.profile.bucket,
        source=source,
        source_digest="digest",
        hyperparameters=examples.chosen_hyperparameters(EXAMPLE, {"epochs": "2", "rows": "2000"}),
        metrics=tuple((metric.name, metric.regex) for metric in EXAMPLE.metrics),
        make_bucket=True,
    )


def endpoint_wish(who: Traveller, model: str, source: str = "") -> EndpointWish:
    profile, script = who.profile, EXAMPLE.serve.entry_point if EXAMPLE.serve else ""
    environment = {"SAGEMAKER_PROGRAM": script, "SAGEMAKER_SUBMIT_DIRECTORY": source, "SAGEMAKER_REGION": REGION}
    return EndpointWish(
        "alerts", REGION, "ml.m5.large", 1, profile.execution_role, images.serving_image(IMAGE, REGION), model,
        environment=environment, scheduler_role_arn=profile.scheduler_role,
    )  # fmt: skip


def all_writes(who: Traveller) -> Iterator[Plan]:
    """A plan of every kind that the services can make, about things that need not exist."""
    around, role = surroundings(who.cloud), who.profile.scheduler_role
    running, stopped, served = deck_rows.notebook(), deck_rows.notebook("Stopped"), deck_rows.endpoint()
    left = Restorable("e", REGION, deck_rows.BORN, served.variants)
    guarded = Guarded("notebook", "n", running.arn, REGION, ())
    guard = schedules.Guard("s", around.now, True)
    listed = default_quotas.quota_for("ml.t3.medium", "notebook")
    quota = Quota(listed.name, listed.code, 0, 1, 2)
    yield notebook_plans.plan_launch(notebook_wish(who), around)
    yield notebook_plans.plan_start(stopped, around, 2.0, role)
    yield notebook_plans.plan_stop(running)
    yield notebook_plans.plan_resize(stopped, "ml.t3.large", 10, around)
    yield notebook_plans.plan_delete(stopped)
    yield training_plans.plan_launch(training_wish(who), around)
    yield training_plans.plan_launch(replace(training_wish(who), make_bucket=False), around)
    yield training_plans.plan_stop(deck_rows.job())
    yield endpoint_plans.plan_launch(endpoint_wish(who, "s3://bucket/model.tar.gz"), around)
    yield endpoint_plans.plan_stop(served)
    yield endpoint_plans.plan_restore(left, around, 2.0, role)
    yield endpoint_plans.plan_delete(left)
    yield guard_plans.plan_guard(guarded, None, 2.0, around.now, who.profile)
    yield guard_plans.plan_guard(guarded, guard, 2.0, around.now, who.profile)
    gpus = Quota("Running On-Demand G and VT instances", "L-DB2E81BA", 0, 0, 8)
    yield plan_increases([Increase(REGION, quota, 20), Increase(REGION, gpus, 8, "ec2")])
    names = {"DomainId": "d-1", "SpaceName": "s", "AppType": "JupyterLab", "AppName": "default"}
    yield app_plans.plan_stop(Spender(SpenderKind.APP, "s/default", "arn:app", REGION, "InService", names=names))


def make(who: Traveller) -> None:
    """Launch a notebook with its auto-stop, train the example, deploy its model, ask it, change and restore."""
    practice, cloud = who.practice, who.cloud
    around = surroundings(cloud)
    assert not buckets.exists(cloud, who.profile.bucket)
    who.do(notebook_plans.plan_launch(notebook_wish(who), around))
    who.do(training_plans.plan_launch(training_wish(who), around))
    practice.advance(30)
    eventually(partial(notebooks.get_notebook, cloud, "lab"), status=NotebookStatus.IN_SERVICE)
    job = eventually(partial(trainings.get_training_job, cloud, "fit"), until=lambda row: not row.runs, timeout=180)
    assert job.status is TrainingStatus.COMPLETED, job.failure
    wish = endpoint_wish(who, job.model_uri, job.hyperparameters["sagemaker_submit_directory"].strip('"'))
    who.do(endpoint_plans.plan_launch(wish, surroundings(cloud)))
    practice.advance(30)
    row = eventually(partial(endpoints.get_endpoint, cloud, "alerts"), until=lambda found: found.can_invoke)
    assert EXAMPLE.serve is not None
    assert endpoints.invoke(cloud, "alerts", EXAMPLE.serve.payload.encode(), EXAMPLE.serve.content_type, KIM).body
    now = practice.clock()
    guarded = Guarded("endpoint", row.name, row.arn, row.region, row.parts())
    who.do(guard_plans.plan_guard(guarded, schedules.find_guard(cloud, row.arn), 4.0, now, who.profile))


def look(who: Traveller) -> None:
    """Every read of the services, each of which must be answered."""
    cloud = who.cloud
    known = inventory.take(cloud)
    assert known.failures == {}
    assert [row.name for row in known.notebooks] == ["lab"]
    assert buckets.exists(cloud, who.profile.bucket)
    assert schedules.find_guard(cloud, known.notebooks[0].arn) is not None
    for kind, name in (("training", "fit"), ("endpoint", "alerts"), ("notebook", "lab")):
        group, prefix = logs.place(kind, name)
        for stream in logs.streams(cloud, group, prefix):
            logs.tail(cloud, group, stream, 10)
    assert quota_grids.gather(cloud).failures == {}
    metrics.training_metrics(cloud, "fit")
    metrics.endpoint_metrics(cloud, "alerts")
    endpoints.example_of(cloud, endpoints.get_endpoint(cloud, "alerts"))
    for plan in all_writes(who):
        for call in plan.calls:
            witnesses.happened(cloud, call)
    reconciliations.reconcile(cloud, who.ledger)


def end(who: Traveller) -> None:
    """Open, stop, change, start again; stop, restore and delete all that there is; ask for more."""
    practice, cloud, role = who.practice, who.cloud, who.profile.scheduler_role
    assert notebooks.open_url(cloud, "lab", KIM)
    who.do(notebook_plans.plan_stop(notebooks.get_notebook(cloud, "lab")))
    who.do(endpoint_plans.plan_stop(endpoints.get_endpoint(cloud, "alerts")))
    practice.advance(30)
    stopped = eventually(partial(notebooks.get_notebook, cloud, "lab"), status=NotebookStatus.STOPPED)
    who.do(notebook_plans.plan_resize(stopped, "ml.t3.large", 10, surroundings(cloud)))
    (left,) = eventually(lambda: inventory.take(cloud).restorables)
    who.do(endpoint_plans.plan_restore(left, surroundings(cloud), 2.0, role))
    practice.advance(30)
    resized = eventually(partial(notebooks.get_notebook, cloud, "lab"), status=NotebookStatus.STOPPED)
    who.do(notebook_plans.plan_start(resized, surroundings(cloud), 2.0, role))
    practice.advance(30)
    eventually(partial(endpoints.get_endpoint, cloud, "alerts"), status=EndpointStatus.IN_SERVICE)
    practice.advance(3 * 3600)  # both guards are due: what stops them is the schedules' role
    eventually(partial(notebooks.get_notebook, cloud, "lab"), status=NotebookStatus.STOPPED)
    eventually(lambda: endpoints.list_endpoints(cloud), until=lambda rows: rows == ())
    who.do(notebook_plans.plan_delete(notebooks.get_notebook(cloud, "lab")))
    (left,) = inventory.take(cloud).restorables
    who.do(endpoint_plans.plan_delete(left))
    who.do(training_plans.plan_launch(replace(training_wish(who), name="long", make_bucket=False), surroundings(cloud)))
    who.do(training_plans.plan_stop(trainings.get_training_job(cloud, "long")))
    known = inventory.take(cloud)
    quota = quotas.tightest(dict(known.limits), inventory.in_use(known), "notebook", "ml.t3.medium", 1)
    assert quota is not None
    who.do(plan_increases([Increase(REGION, quota, 50)]))
    gpus = quota_grids.gather(cloud).find("L-DB2E81BA")
    who.do(plan_increases([Increase(REGION, gpus.needing(8), 8, gpus.service)]))
