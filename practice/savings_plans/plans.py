"""Plans that this account bought: queued, paid, in force, returned or run out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from practice.errors import ServiceError
from practice.lifecycles import Lifecycle, Transition, register
from practice.listing import reply
from practice.operations import Context, Reply, Request
from practice.savings_plans.offerings import PRODUCTS, book
from practice.world import Resource

KIND, HOME = "savings-plan", "us-east-1"
"""Plans hold in every region; the one endpoint is in this."""
PAYMENT_SECONDS = 60.0
"""An assumption: AWS says that a payment is pending, not for how long."""
RETURN_WITHIN, RETURN_MOST = timedelta(days=7), Decimal(100)
"""docs.aws.amazon.com/savingsplans/latest/userguide/return-sp.html, which also has it end with the month"""

register(
    Lifecycle(
        KIND,
        (
            Transition("payment-pending", "pay", "active", after_seconds=PAYMENT_SECONDS),
            Transition("queued", "buy", "payment-pending"),
            Transition("queued", "delete", "queued-deleted"),
            Transition("active", "return", "pending-return"),
            Transition("pending-return", "refund", "returned", after_seconds=PAYMENT_SECONDS),
            Transition("active", "retire", "retired"),
        ),
    )
)


def find(context: Context, request: Request) -> Resource:
    """The plan that a request names. Raises ServiceError ResourceNotFoundException."""
    found = context.world.get(KIND, HOME, request["savingsPlanId"])
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"There is no Savings Plan {request['savingsPlanId']}.")
    return found


def start(plan: Resource) -> datetime:
    """When it begins to hold."""
    return datetime.fromisoformat(plan.document["start"])


def returnable_until(plan: Resource) -> datetime:
    """Its start where it may not be returned at all."""
    since = start(plan)
    if Decimal(plan.document["commitment"]) > RETURN_MOST:
        return since
    next_month = datetime(since.year + since.month // 12, since.month % 12 + 1, 1, tzinfo=UTC)
    return min(since + RETURN_WITHIN, next_month)


def properties(plan: Resource) -> dict[str, str]:
    """What plans are filtered by."""
    told = shown(plan)
    family = {name: told["ec2InstanceFamily"] for name in ("ec2-instance-family", "instance-family")
              if "ec2InstanceFamily" in told}  # fmt: skip
    return {
        **family,
        **({"region": told["region"]} if "region" in told else {}),
        "commitment": told["commitment"],
        "upfront": told["upfrontPaymentAmount"],
        "term": str(told["termDurationInSeconds"]),
        "savings-plan-type": told["savingsPlanType"],
        "payment-option": told["paymentOption"],
        "start": told["start"],
        "end": told["end"],
    }


def shown(plan: Resource) -> Reply:
    """As DescribeSavingsPlans shows it."""
    document, offering = plan.document, book().offerings[plan.document["offeringId"]]
    end = start(plan) + timedelta(seconds=offering.seconds - 1)
    return reply(
        {
            "offeringId": offering.identity,
            "savingsPlanId": plan.name,
            "savingsPlanArn": plan.arn,
            "description": offering.description,
            "start": _time(start(plan)),
            "end": _time(end),
            "state": plan.state,
            "region": offering.region,
            "ec2InstanceFamily": offering.family,
            "savingsPlanType": offering.plan_type,
            "paymentOption": offering.payment,
            "productTypes": list(PRODUCTS[offering.plan_type]),
            "currency": "USD",
            "commitment": document["commitment"],
            "upfrontPaymentAmount": document["upfront"],
            "recurringPaymentAmount": document["recurring"],
            "termDurationInSeconds": offering.seconds,
            "tags": document["tags"],
            "returnableUntil": _time(returnable_until(plan)),
        }
    )


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"
