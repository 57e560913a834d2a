"""Plans bought, shown, taken back from the queue and returned.

docs.aws.amazon.com/savingsplans/latest/APIReference/API_CreateSavingsPlan.html

DescribeSavingsPlanRates is left out: its reply has no room to say of a rate that it is an assumption.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from practice.errors import ServiceError, validation_error
from practice.listing import reply
from practice.operations import Context, Reply, Request, operation
from practice.savings_plans.offerings import Offering, book
from practice.savings_plans.payments import payment
from practice.savings_plans.plans import HOME, KIND, find, properties, returnable_until, shown, start
from practice.savings_plans.queries import filtered, one_page
from practice.world import World

LONGEST_QUEUE = timedelta(days=3 * 365)
"""docs.aws.amazon.com/savingsplans/latest/userguide/queue-sp.html"""


@operation("savingsplans", "CreateSavingsPlan")
def create_savings_plan(context: Context, request: Request) -> Reply:
    offering = book().offerings.get(request["savingsPlanOfferingId"])
    if offering is None:
        raise ServiceError("ResourceNotFoundException", f"There is no offering {request['savingsPlanOfferingId']}.")
    paid = payment(offering, request["commitment"], request.get("upfrontPaymentAmount"))
    now, at = context.world.clock.now(), request.get("purchaseTime")
    if at is not None and not now < at <= now + LONGEST_QUEUE:
        raise validation_error("The purchase time must be in the future, within three years.")
    document = {
        "offeringId": offering.identity,
        "commitment": f"{paid.commitment:f}",
        "upfront": f"{paid.upfront:f}",
        "recurring": f"{paid.recurring:f}",
        "start": (at or now).isoformat(),
        "clientToken": request.get("clientToken"),
        "asked": {name: str(value) for name, value in request.items() if name not in ("clientToken", "tags")},
        "tags": request.get("tags", {}),
    }
    return {"savingsPlanId": _bought_before(context.world, document) or _buy(context, document, offering, at)}


@operation("savingsplans", "DescribeSavingsPlans")
def describe_savings_plans(context: Context, request: Request) -> Reply:
    states, names = request.get("states"), request.get("savingsPlanIds")
    arns, filters = request.get("savingsPlanArns"), request.get("filters", ())
    rows = [
        plan
        for plan in context.world.all(KIND)
        if (not states or plan.state in states)
        and (not names or plan.name in names)
        and (not arns or plan.arn in arns)
        and filtered(properties(plan), filters)
    ]
    page, token = one_page(rows, request, lambda plan: plan.name)
    return reply({"savingsPlans": [shown(plan) for plan in page], "nextToken": token})


@operation("savingsplans", "DeleteQueuedSavingsPlan")
def delete_queued_savings_plan(context: Context, request: Request) -> Reply:
    plan = find(context, request)
    if plan.state != "queued":
        raise validation_error(f"The Savings Plan {plan.name} is {plan.state}, not queued.")
    context.world.move(plan, "delete")
    return {}


@operation("savingsplans", "ReturnSavingsPlan")
def return_savings_plan(context: Context, request: Request) -> Reply:
    plan = find(context, request)
    if plan.state != "active" or context.world.clock.now() >= returnable_until(plan):
        raise validation_error(f"The Savings Plan {plan.name} is not eligible for return.")
    context.world.move(plan, "return")
    return {"savingsPlanId": plan.name}


def _bought_before(world: World, document: dict[str, Any]) -> str | None:
    """The plan that the same token bought. Raises ServiceError when it then asked for another."""
    token = document["clientToken"]
    found = next((plan for plan in world.all(KIND) if token and plan.document["clientToken"] == token), None)
    if found is not None and found.document["asked"] != document["asked"]:
        raise validation_error("The client token was used before, with other parameters.")
    return found.name if found else None


def _buy(context: Context, document: dict[str, Any], offering: Offering, at: datetime | None) -> str:
    world, identity = context.world, str(uuid.uuid4())
    arn = f"arn:aws:savingsplans::{context.account}:savingsplan/{identity}"
    state = "payment-pending" if at is None else "queued"
    plan = world.add(KIND, HOME, identity, arn, document, state)
    if at is not None:
        world.set_timer(plan.uid, "buy", at, "queued")
    # In whatever state it is by then; only from being in force does it lead anywhere.
    world.set_timer(plan.uid, "retire", start(plan) + timedelta(seconds=offering.seconds))
    return identity
