"""Who may do what: every role × every act × every function that acts, without any screen in between.

What is allowed is tried on a real practice account; what is refused, on an account whose every connection is counted.
"""

import ast
import inspect
import pkgutil
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

import services
from services import clocks, connections, endpoints, launches, notebooks, sign_ins, stagings
from services.access import ALLOWED, SIGN_IN_ENDED, Actor, Role, require
from services.bills import cost_explorer, exports, imports
from services.cloud import Account, Cloud
from services.configurations import AccountSettings, SsoSettings
from services.connections import Connection
from services.errors import AccessDenied, DeckError, NotConnected
from services.ledger import Action, Ledger, State
from services.plans import Act, Call, Plan
from services.sign_ins import RoleChoice, SignIn
from tests.support.deck_wishes import deck_account
from tests.support.practice_account import REGION, running
from tests.support.practice_account import Account as Practice

NOW = datetime.now(UTC)
PLANNED = tuple(Act)[:7]


@dataclass(frozen=True)
class Ground:
    """Where a function acts."""

    account: Account
    ledger: Ledger
    home: Path

    @property
    def cloud(self) -> Cloud:
        return Cloud(self.account, REGION)


@dataclass(frozen=True)
class Exercise:
    """One function called for one act. `ends` are errors that a permitted call may meet in an empty account."""

    act: Act
    function: Callable[..., Any]
    call: Callable[[Ground, Actor], Any]
    ends: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.act}-{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}"


def plan(act: Act, actor: Actor) -> Plan:
    """One real request under the act."""
    name = f"{act}-{actor.role}-{actor.name}".replace("_", "-")
    call = Call("sagemaker", "create_notebook_instance_lifecycle_config", {"NotebookInstanceLifecycleConfigName": name})
    return Plan(act, "notebook", name, REGION, (call,))


def sending(act: Act, send: Callable[..., Any]) -> Callable[[Ground, Actor], Any]:
    return lambda at, by: send(at.cloud, at.ledger, plan(act, by), by)


def portal(ground: Ground) -> Connection:
    sso = SsoSettings("https://exchange.awsapps.com/start", REGION)
    urls = {"sso": ground.account.endpoint_url or "", "sso-oidc": ground.account.endpoint_url or ""}
    return Connection("portal", "Portal", AccountSettings(sso=sso, endpoint_urls=urls))


def confirmed(ground: Ground) -> SignIn:
    signed = SignIn(portal(ground), "CODE", "", NOW + timedelta(hours=1), Future(), threading.Event())
    signed.token.set_result(sign_ins.Token("token", NOW + timedelta(hours=1)))
    return signed


NO_EXPORT = exports.Export("none", "none", "CUR 2.0", "flightdeck-bills-none", "none/", REGION)
CHOICE = RoleChoice("123456789012", "", "Operator")
EXERCISES = (
    *(
        Exercise(act, send, sending(act, send))
        for act, send in product(PLANNED, (launches.submit, launches.carry_out))
    ),
    Exercise(Act.OPEN, notebooks.open_url, lambda at, by: notebooks.open_url(at.cloud, "none", by), ("NotFound",)),
    Exercise(
        Act.INVOKE, endpoints.invoke, lambda at, by: endpoints.invoke(at.cloud, "none", b"1", "text/csv", by),
        ("NotFound", "InvalidRequest"),
    ),
    Exercise(Act.MOVE_CLOCK, clocks.advance, lambda at, by: clocks.advance(at.account, timedelta(seconds=1), by)),
    Exercise(Act.MOVE_CLOCK, clocks.set_speed, lambda at, by: clocks.set_speed(at.account, 1.0, by)),
    Exercise(Act.LAUNCH, stagings.stage, lambda at, by: stagings.stage(at.home, b"x", "data", by)),
    Exercise(
        Act.KEEP_BILL, exports.refresh, lambda at, by: exports.refresh(at.cloud, NO_EXPORT, at.home, NOW, by),
        ("NotFound",),
    ),
    Exercise(
        Act.KEEP_BILL, cost_explorer.take, lambda at, by: cost_explorer.take(at.cloud, at.home, (NOW.date(),), NOW, by),
        ("NotFound", "InvalidRequest"),
    ),
    Exercise(Act.KEEP_BILL, imports.take, lambda at, by: imports.take(at.home, [], NOW, by), ("InvalidRequest",)),
    Exercise(
        Act.KEEP_BILL, imports.forget, lambda at, by: imports.forget(at.home, "none", NOW.date(), by), ("NotFound",)
    ),
    Exercise(
        Act.CONNECT, connections.connect, lambda at, by: connections.connect(portal(at), by), ("InvalidRequest",)
    ),
    Exercise(
        Act.CONNECT_PROFILE, connections.connect,
        lambda at, by: connections.connect(replace(portal(at), configured=False), by), ("InvalidRequest",),
    ),
    # A practice account has no Identity Center: what is permitted gets as far as being refused there.
    Exercise(Act.CONNECT, sign_ins.start, lambda at, by: sign_ins.start(portal(at), by), ("AccessDenied",)),
    Exercise(
        Act.CONNECT, sign_ins.connect, lambda at, by: sign_ins.connect(confirmed(at), CHOICE, by), ("AccessDenied",)
    ),
)  # fmt: skip


@dataclass
class Listener:
    """An address where nothing answers, and every connection is counted."""

    url: str = ""
    connections: list[Any] = field(default_factory=list)


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    heard = Listener()
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard.url = f"http://127.0.0.1:{server.getsockname()[1]}"
        ended = threading.Event()

        def count() -> None:
            while True:
                connection, peer = server.accept()
                connection.close()
                if ended.is_set():
                    return
                heard.connections.append(peer)

        thread = threading.Thread(target=count)
        thread.start()
        yield heard
        ended.set()
        socket.create_connection(server.getsockname()).close()
        thread.join()


@pytest.fixture
def nowhere(listener: Listener, shared_practice: Practice, ledger: Ledger, tmp_path: Path) -> Ground:
    return Ground(replace(deck_account(shared_practice), endpoint_url=listener.url), ledger, tmp_path / "home")


def nothing_happened(ground: Ground, listener: Listener) -> bool:
    return not listener.connections and not ground.ledger.actions(ground.account.key) and not ground.home.exists()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("exercise", EXERCISES, ids=str)
def test_what_a_role_may_not_reaches_nothing(
    exercise: Exercise, role: Role, nowhere: Ground, listener: Listener
) -> None:
    if exercise.act in ALLOWED[role]:
        late = Actor("kim", role, NOW - timedelta(seconds=1))
        with pytest.raises(NotConnected) as ended:
            exercise.call(nowhere, late)
        assert ended.value.code == SIGN_IN_ENDED
        assert ended.value.remedy
    else:
        with pytest.raises(AccessDenied, match=f"kim is a {role} and may not") as caught:
            exercise.call(nowhere, Actor("kim", role))
        assert (caught.value.code, bool(caught.value.remedy)) == ("Role", True)
    assert nothing_happened(nowhere, listener)


@pytest.fixture
def ground(request: pytest.FixtureRequest, ledger: Ledger, tmp_path: Path) -> Ground:
    return Ground(deck_account(request.getfixturevalue("clocked")), ledger, tmp_path / "home")


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """An account of these tests alone, for some move its clock."""
    yield from running(tmp_path_factory.mktemp("access") / "practice")


@pytest.mark.parametrize(
    ("exercise", "role"),
    [(each, role) for each, role in product(EXERCISES, Role) if each.act in ALLOWED[role]],
    ids=str,
)
def test_what_a_role_may_is_done(exercise: Exercise, role: Role, ground: Ground) -> None:
    actor = Actor(f"kim-{exercise.function.__name__}".replace("_", "-"), role, NOW + timedelta(hours=1))
    if exercise.ends:
        with pytest.raises(DeckError) as met:
            exercise.call(ground, actor)
        assert (type(met.value).__name__, met.value.code in ("Role", SIGN_IN_ENDED)) in product(exercise.ends, [False])
        return
    done = exercise.call(ground, actor)
    if exercise.function is launches.submit:
        done = done.result()
    if isinstance(done, Action):
        assert done.state is State.DONE, done.error
        assert ground.ledger.actions(ground.account.key) == [done]
        assert done.actor == actor.name


def test_every_role_and_every_act_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Role)
    assert frozenset().union(*ALLOWED.values()) == set(Act)
    assert ALLOWED[Role.VIEWER] < ALLOWED[Role.OPERATOR] < ALLOWED[Role.ADMIN]
    assert {exercise.act for exercise in EXERCISES} == set(Act)


def test_a_sign_in_counts_until_its_end() -> None:
    actor = Actor("kim", Role.OPERATOR, NOW)
    require(actor, Act.STOP, NOW - timedelta(microseconds=1))
    with pytest.raises(NotConnected, match="the sign-in of kim has ended"):
        require(actor, Act.STOP, NOW)


MODULES = [import_module(found.name) for found in pkgutil.walk_packages(services.__path__, "services.")]


def test_every_function_that_takes_an_actor_is_exercised() -> None:
    acting = {
        function
        for module in MODULES
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not function.__name__.startswith("_")
        if any(each in (Actor, "Actor") for each in inspect.get_annotations(function).values())
    }
    rules = {each for each in acting if each.__module__ == "services.access"}
    who = {each for each in acting if each.__module__ == "services.users"}
    assert acting - rules - who == {exercise.function for exercise in EXERCISES}


READS = (
    "list_", "describe_", "get_", "search", "batch_get_", "head_", "simulate_", "filter_", "lookup_", "can_",
    "generate_presigned", "query", "start_query", "estimate_", "decode_", "validate_",
)  # fmt: skip
SPOKEN = (
    "sagemaker", "sagemaker-runtime", "ec2", "s3", "iam", "sts", "scheduler", "logs", "cloudwatch", "service-quotas",
    "kms", "cloudtrail", "ce", "pricing", "resourcegroupstaggingapi", "budgets", "compute-optimizer",
    "bcm-data-exports", "athena", "glue",
)  # fmt: skip
CSV = {"exports.csv_bytes": {"writer"}}
CHECKED_BEFORE = {
    "launches.send": "what `submit` let in, and the reconciler's rows of it",
    "clocks._ask": "asked by `advance` and `set_speed`, and to read",
    "connections._role_credentials": "asked by `connect`: nothing but credentials changes hands",
    "cloud.writer": "the door itself",
    "identities": "the deck's own users in the practice account, made when that starts, before anybody is there",
    "exports.ensure": "the practice account's own export of its bill, made when somebody asks for it",
}


def writes() -> set[str]:
    """boto3's names of all operations that do more than read, of the services that the deck speaks to."""
    session = botocore.session.Session()
    every = {xform_name(name) for service in SPOKEN for name in session.get_service_model(service).operation_names}
    return {name for name in every if not name.startswith(READS)} | {"upload_file", "upload_fileobj", "put_object"}


def outermost(module: Path) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.parse(module.read_text()).body:
        for each in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(each, ast.FunctionDef):
                yield f"{module.stem}.{each.name}", each


@pytest.mark.parametrize("folder", ["services", "pages"])
def test_nothing_writes_to_aws_without_asking_who(folder: str) -> None:
    doing = {"writer", "invoker", "Request", *writes()}
    unasked = []
    for module in Path(folder).rglob("*.py"):
        for name, function in outermost(module):
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            named = {call.attr for call in calls if isinstance(call, ast.Attribute)} - CSV.get(name, set())
            asks = {call.id for call in calls if isinstance(call, ast.Name)}
            if named & doing and "require" not in asks and not {name, module.stem} & set(CHECKED_BEFORE):
                unasked.append(f"{name}: {sorted(named & doing)}")
    assert not unasked
