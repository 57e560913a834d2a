"""What is offered and at which rates, as the API answers it. None of it looks at the world, nor holds it up.

docs.aws.amazon.com/savingsplans/latest/APIReference/API_DescribeSavingsPlansOfferingRates.html
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation
from practice.savings_plans.offerings import CODES, PRODUCTS, Offering, Rate, book

PAGE = 1000
"""The most that a page holds."""

Row = TypeVar("Row")


OFFERING: Mapping[str, Callable[[Offering], object]] = {
    "planTypes": lambda offering: offering.plan_type,
    "paymentOptions": lambda offering: offering.payment,
    "durations": lambda offering: offering.seconds,
    "offeringIds": lambda offering: offering.identity,
    "currencies": lambda offering: "USD",
    "descriptions": lambda offering: offering.description,
    "serviceCodes": lambda offering: CODES[offering.plan_type],
    "usageTypes": lambda offering: offering.usage_type,
    "operations": lambda offering: "",
}
RATE: Mapping[str, Callable[[Rate], object]] = {
    "savingsPlanTypes": lambda rate: rate.offering.plan_type,
    "savingsPlanPaymentOptions": lambda rate: rate.offering.payment,
    "savingsPlanOfferingIds": lambda rate: rate.offering.identity,
    "products": lambda rate: rate.product,
    "serviceCodes": lambda rate: rate.service,
    "operations": lambda rate: rate.operation,
    "usageTypes": lambda rate: rate.usage_type,
}
"""Member of a request, a list → what it must have among its own."""


@operation("savingsplans", "DescribeSavingsPlansOfferings", live=True)
def describe_savings_plans_offerings(context: Context, request: Request) -> Reply:
    product, filters = request.get("productType"), request.get("filters", ())
    rows = [
        offering
        for offering in chosen(book().offerings.values(), request, OFFERING)
        if product in (None, *PRODUCTS[offering.plan_type]) and filtered(offering.properties, filters)
    ]
    shown, token = one_page(rows, request, lambda offering: offering.identity)
    return reply({"searchResults": [_shown_offering(offering) for offering in shown], "nextToken": token})


@operation("savingsplans", "DescribeSavingsPlansOfferingRates", live=True)
def describe_savings_plans_offering_rates(context: Context, request: Request) -> Reply:
    filters = request.get("filters")
    rows = chosen(book().rates, request, RATE)
    if filters:
        rows = [rate for rate in rows if filtered(rate.properties, filters)]
    shown, token = one_page(rows, request, lambda rate: f"{rate.offering.identity}/{rate.usage_type}")
    return reply({"searchResults": [_shown_rate(rate) for rate in shown], "nextToken": token})


def one_page(
    rows: Sequence[Row], request: Request, key: Callable[[Row], str], *, most: int = PAGE
) -> tuple[list[Row], str | None]:
    """One page, and the token of the next. A size of none or 0 is the largest. Raises ServiceError for a token that is
    not ours."""
    asked = {"NextToken": request.get("nextToken"), "MaxResults": request.get("maxResults") or most}
    return page(rows, asked, key)


def chosen(rows: Iterable[Row], request: Request, members: Mapping[str, Callable[[Row], object]]) -> list[Row]:
    """The rows of which every list in the request has what its member is about; an empty one counts as none."""
    wanted = [(value, frozenset(request[name])) for name, value in members.items() if request.get(name)]
    return [row for row in rows if all(value(row) in among for value, among in wanted)]


def filtered(properties: Mapping[str, str], filters: Sequence[Mapping[str, Any]]) -> bool:
    """Whether every filter names a property and has its value among its own."""
    return all(properties.get(each.get("name", "")) in each.get("values", ()) for each in filters)


def _named(properties: Mapping[str, str]) -> list[dict[str, str]]:
    """Properties as the API lists them."""
    return [{"name": name, "value": value} for name, value in properties.items()]


def _shown_offering(offering: Offering) -> Reply:
    return {
        "offeringId": offering.identity,
        "productTypes": list(PRODUCTS[offering.plan_type]),
        "planType": offering.plan_type,
        "description": offering.description,
        "paymentOption": offering.payment,
        "durationSeconds": offering.seconds,
        "currency": "USD",
        "serviceCode": CODES[offering.plan_type],
        "usageType": offering.usage_type,
        "operation": "",
        "properties": _named(offering.properties),
    }


def _shown_rate(rate: Rate) -> Reply:
    return {
        "savingsPlanOffering": {
            "offeringId": rate.offering.identity,
            "paymentOption": rate.offering.payment,
            "planType": rate.offering.plan_type,
            "durationSeconds": rate.offering.seconds,
            "currency": "USD",
            "planDescription": rate.offering.description,
        },
        "rate": rate.usd_per_hour,
        "unit": "Hrs",
        "productType": rate.product,
        "serviceCode": rate.service,
        "usageType": rate.usage_type,
        "operation": rate.operation,
        "properties": _named(rate.properties),
    }
