"""The instance type of a launch, each with its hardware, its price and what its quota leaves."""

from pages.ui import reads, show
from pages.ui.launching import Desk
from pages.ui.text import explain, plain, t
from pages.ui.urls import choice
from services import catalogue, inventory, limits, quotas, rates
from services.catalogue import InstanceSpec
from services.plans import Quota


def choose(where: Desk, component: str, usage: str, default: str) -> str:
    """The instance type, each with its hardware, price and what its quota leaves."""
    known = reads.current(where.cloud)
    in_use = inventory.in_use(known)
    there = {spec.instance_type: spec for spec in catalogue.instance_types(where.cloud.region, component)}
    # Patterns that fit nothing here are no reason for an empty list: the plan says what is wrong.
    specs = {name: spec for name, spec in there.items() if limits.allows(where.profile, name)} or there

    def words(name: str) -> str:
        left = quotas.tightest(known.limits, in_use, usage, name, 1)
        return _type_words(where.cloud.region, specs[name], component, left)

    names = sorted(specs, key=lambda name: (not _has_room(known, in_use, usage, name), _price(where, name, component)))
    return choice(
        t("launch.instance_type"),
        names,
        key="type",
        default=default if default in specs else names[0],
        format_func=words,
        widget=f"type_{usage}_{default}",
        labelled=True,
        help=f"{explain('instance_type')} {t('launch.instance_type_help')}",
    )


def _has_room(known: inventory.Inventory, in_use: quotas.InUse, usage: str, name: str) -> bool:
    quota = quotas.tightest(known.limits, in_use, usage, name, 1)
    return quota is None or quota.left > 0


def _price(where: Desk, name: str, component: str) -> float:
    part = rates.instance_part(where.cloud.region, name, component)
    return float(part.usd_per_hour) if part else float("inf")


def _type_words(region: str, spec: InstanceSpec, component: str, quota: Quota | None) -> str:
    part = rates.instance_part(region, spec.instance_type, component)
    gpu = plain("launch.gpus", count=spec.gpu_count, name=spec.gpu_name or "") if spec.gpu_count else ""
    pieces = [
        spec.instance_type,
        plain("launch.hardware", vcpu=spec.vcpu, memory=f"{spec.memory_gib:g}"),
        gpu,
        show.rate(part.usd_per_hour) if part else plain("launch.no_price"),
        plain("launch.left", left=str(max(0, quota.left))) if quota else plain("launch.left_unknown"),
    ]
    return " · ".join(piece for piece in pieces if piece)
