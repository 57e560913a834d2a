"""What launches need besides the user's choice, and what they are held to: the platform owner's profile of an account.

Knows nothing of the deck: an `Account` carries its profile, and so this stands below `cloud`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

Tags = tuple[tuple[str, str], ...]
"""Name and value of each."""


@dataclass(frozen=True, slots=True)
class LaunchProfile:
    """Roles and bucket of launches, the network and key they get, and their limits. One profile an account; its members
    are keys of `[accounts.NAME.launch]` in flightdeck.toml."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid", "str_strip_whitespace": True}
    execution_role: str
    """The ARN of what jobs, notebooks and models run as."""
    scheduler_role: str
    """The ARN of what EventBridge Scheduler assumes for the auto-stop."""
    bucket: str
    """For sources, inputs and models."""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    kms_key: str = ""
    """Encrypts volumes, and the output of training jobs; empty for AWS's own keys."""
    root_access: bool = True
    internet_access: bool = True
    owner_tag: str = ""
    """The company's name of the tag that holds the launching person; the deck's own tag is always set too."""
    tags: Tags = ()
    """Put on everything that is launched."""
    asked_tags: tuple[str, ...] = ()
    """Names of tags whose value whoever launches has to give."""
    instance_types: tuple[str, ...] = ()
    """Patterns such as `ml.t3.*` of what may be launched; empty allows every type."""
    max_hours: float | None = None
    """The latest auto-stop, and the longest run of a training job; None sets no limit."""
    makes_bucket: bool = False
    """Whether the first launch makes the bucket where it is missing."""

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot be meant together."""
        if bool(self.subnets) != bool(self.security_groups):
            raise ValueError("subnets and security_groups go together: give both or neither")
        if not self.internet_access and not self.subnets:
            raise ValueError("internet_access = false needs subnets and security_groups")
        if self.max_hours is not None and self.max_hours <= 0:
            raise ValueError("max_hours must be above 0")

    @property
    def required_tags(self) -> tuple[str, ...]:
        """Names without which nothing is launched."""
        return tuple(dict.fromkeys((*(name for name, _ in self.tags), *self.asked_tags)))


def practice_profile(account_id: str, region: str) -> LaunchProfile:
    """A practice account takes any well-formed role of its own; the bucket is named as the SageMaker SDK names it."""
    role = f"arn:aws:iam::{account_id}:role/flightdeck"
    bucket = f"sagemaker-{region}-{account_id}"
    return LaunchProfile(f"{role}-execution", f"{role}-scheduler", bucket, makes_bucket=True)
