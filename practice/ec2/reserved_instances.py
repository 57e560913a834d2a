"""Reserved instances that were bought: paid, active for their term, then retired. What they cover is the bill's to say.

docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PurchaseReservedInstancesOffering.html
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from practice.ec2.replies import check_dry_run, kept, wanted
from practice.ec2.reserved_offerings import FILTERS, offerings
from practice.errors import ServiceError
from practice.lifecycles import Lifecycle, Transition, register
from practice.listing import reply
from practice.operations import Context, Reply, Request, operation
from practice.world import Resource

KIND = "reserved-instances"
PAYING_SECONDS = 60
"""How long AWS takes to charge; it publishes no figure."""
MOST_COUNT = 20
"""docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-reserved-instances.html#ri-limits: 20 a month and region."""
MEMBERS = {
    "OfferingClass": "OfferingClass",
    "OfferingType": "OfferingType",
    "ReservedInstancesIds": "ReservedInstancesId",
}
LIST_FILTERS = {
    **{name: member for name, member in FILTERS.items() if name != "reserved-instances-offering-id"},
    "reserved-instances-id": "ReservedInstancesId",
    "state": "State",
}


register(
    Lifecycle(
        KIND,
        (
            Transition("payment-pending", "pay", "active", after_seconds=PAYING_SECONDS),
            Transition("queued", "buy", "payment-pending"),
            # At the end of its own term: whoever buys sets the timer.
            Transition("active", "retire", "retired"),
        ),
    )
)


@operation("ec2", "PurchaseReservedInstancesOffering")
def purchase_reserved_instances_offering(context: Context, request: Request) -> Reply:
    offering = offerings(context.region).get(request["ReservedInstancesOfferingId"])
    if offering is None:
        name = request["ReservedInstancesOfferingId"]
        raise ServiceError("InvalidReservedInstancesOfferingId", f"The offering '{name}' does not exist")
    count, world = request["InstanceCount"], context.world
    _check_count(context, count)
    _check_limit(request, float(offering.upfront_usd) * count)
    check_dry_run(request)
    now = world.clock.now()
    start = request.get("PurchaseTime", now)
    later = start > now
    start = max(start, now)
    identity = str(uuid4())
    end = start + timedelta(seconds=offering.seconds)
    document = {"OfferingId": offering.id, "Count": count, "Start": start.isoformat(), "End": end.isoformat()}
    arn = context.arn(f"reserved-instances/{identity}", "ec2")
    bought = world.add(KIND, context.region, identity, arn, document, "queued" if later else "payment-pending")
    world.set_timer(bought.uid, "retire", end)
    if later:
        world.set_timer(bought.uid, "buy", start, "queued")
    return {"ReservedInstancesId": identity}


def _check_count(context: Context, count: int) -> None:
    since = context.world.clock.now() - timedelta(days=30)
    recent = (row for row in context.world.all(KIND, context.region) if row.created > since)
    if count < 1 or count + sum(row.document["Count"] for row in recent) > MOST_COUNT:
        message = f"A region may buy {MOST_COUNT} reserved instances a month."
        raise ServiceError("ReservedInstancesLimitExceeded", message)


def _check_limit(request: Request, upfront_usd: float) -> None:
    limit = request.get("LimitPrice", {}).get("Amount")
    if limit is not None and upfront_usd > limit:
        raise ServiceError("InvalidParameterValue", f"The order costs {upfront_usd:.2f} USD, more than LimitPrice.")


@operation("ec2", "DescribeReservedInstances")
def describe_reserved_instances(context: Context, request: Request) -> Reply:
    check_dry_run(request)
    asked = wanted(request, LIST_FILTERS, MEMBERS)
    rows = [_shown(row) for row in context.world.all(KIND, context.region)]
    missing = set(request.get("ReservedInstancesIds", ())) - {row["ReservedInstancesId"] for row in rows}
    if missing:
        name = min(missing)
        raise ServiceError("InvalidReservedInstancesId", f"The reserved instances ID '{name}' does not exist")
    return reply({"ReservedInstances": [row for row in rows if kept(row, asked)]})


def _shown(row: Resource) -> dict[str, Any]:
    offering = offerings(row.region)[row.document["OfferingId"]]
    return {
        **offering.shown(),
        "ReservedInstancesId": row.name,
        "InstanceCount": row.document["Count"],
        "Start": datetime.fromisoformat(row.document["Start"]),
        "End": datetime.fromisoformat(row.document["End"]),
        "State": row.state,
    }
