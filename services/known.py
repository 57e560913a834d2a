"""What is known of one region, as rows: what the inventory hands out and the history keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from services.endpoints import Endpoint, Restorable
from services.errors import DeckError
from services.idleness import UNMEASURED, Idle
from services.notebooks import Notebook
from services.schedules import Guard
from services.spenders import Spender, Spenders, warm_pools
from services.trainings import TrainingJob


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of one region. ARNs are as AWS writes them."""

    region: str
    at: datetime
    """The account's time just before its services were asked; aware UTC."""
    notebooks: tuple[Notebook, ...] = ()
    trainings: tuple[TrainingJob, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    restorables: tuple[Restorable, ...] = ()
    spenders: Spenders = field(default_factory=Spenders)
    """What the lists of what else spends hold; `others` has the warm pools too."""
    guards: Mapping[str, Guard] = field(default_factory=dict)
    """ARN → its auto-stop, as EventBridge Scheduler says; an ARN that is not here is not guarded."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """Quota code → the value that applies."""
    owners: Mapping[str, str] = field(default_factory=dict)
    """ARN → whose it is: the person in its owner tag, else who created it; an ARN that is not here is unowned."""
    invocations: Mapping[str, Idle] = field(default_factory=dict)
    """ARN of an endpoint that serves → whether it is invoked."""
    activity: Mapping[str, Idle] = field(default_factory=dict)
    """ARN of a Studio app that serves → whether somebody works in it."""
    read_at: Mapping[str, datetime] = field(default_factory=dict)
    """Source (named as the fields above) → the account's time when its rows were last read."""

    @property
    def others(self) -> tuple[Spender, ...]:
        """What spends beside notebook instances, training jobs and endpoints."""
        return (*self.spenders.rows, *warm_pools(self.trainings))

    def idle(self, arn: str) -> Idle:
        """Whether what runs is used, as far as anything tells."""
        return self.invocations.get(arn) or self.activity.get(arn) or UNMEASURED


@dataclass(frozen=True, slots=True)
class Inventory(Known):
    """What is known, and which sources could not be read this time: their rows are the last known ones."""

    failures: Mapping[str, DeckError] = field(default_factory=dict)
    """Source → why. `clock` and `descriptions` may be among them."""

    def age(self, source: str) -> timedelta | None:
        """How old the rows of a source are; None when it was never read."""
        read = self.read_at.get(source)
        return None if read is None else max(self.at - read, timedelta(0))


def known(inventory: Inventory) -> Known:
    """The inventory without its failures: what is worth keeping."""
    return Known(**{name: getattr(inventory, name) for name in FIELDS})


FIELDS = tuple(each.name for each in fields(Known))
