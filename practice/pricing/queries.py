"""The Price List Query API: services, their attributes and the values of these, and products with their prices.

Nothing here looks at the world, so none of it holds up what does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from practice.errors import ServiceError
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation
from practice.pricing import compute_instances, filters, ml_instances
from practice.pricing.locations import check_endpoint
from practice.pricing.products import Product

SERVICES = {compute_instances.SERVICE: compute_instances.products, ml_instances.SERVICE: ml_instances.products}
FORMAT = "aws_v1"
PAGE = 100
"""Also the most that a page of services or products holds.

docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
"""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A service's products by SKU, and the names of their fields by what these are in lower case."""

    products: Mapping[str, Product]
    names: Mapping[str, str]


@cache
def catalogue(service: str) -> Catalogue:
    """Raises ServiceError for a service that the figures know nothing of."""
    if service not in SERVICES:
        raise filters.invalid("Service code is invalid")
    found = {product.sku: product for product in SERVICES[service]()}
    names = sorted({name for product in found.values() for name in product.names()})
    return Catalogue(dict(sorted(found.items())), {name.lower(): name for name in names})


@operation("pricing", "DescribeServices", live=True)
def describe_services(context: Context, request: Request) -> Reply:
    _check(context, request)
    wanted = request.get("ServiceCode")
    codes = [wanted] if wanted else list(SERVICES)
    rows = [{"ServiceCode": code, "AttributeNames": list(catalogue(code).names.values())} for code in codes]
    shown, token = _page(rows, request, lambda row: str(row["ServiceCode"]))
    return reply({"FormatVersion": FORMAT, "Services": shown, "NextToken": token})


@operation("pricing", "GetAttributeValues", live=True)
def get_attribute_values(context: Context, request: Request) -> Reply:
    _check(context, request)
    known = catalogue(request["ServiceCode"])
    name = filters.field(known.names, request["AttributeName"])
    values = sorted(_values(known.products.values(), name))
    shown, token = _page(values, request, str)
    return reply({"AttributeValues": [{"Value": value} for value in shown], "NextToken": token})


@operation("pricing", "GetProducts", live=True)
def get_products(context: Context, request: Request) -> Reply:
    _check(context, request)
    known = catalogue(request["ServiceCode"])
    found = filters.select(known.products.values(), request.get("Filters", ()), known.names)
    shown, token = _page(found, request, lambda product: product.sku)
    return reply({"FormatVersion": FORMAT, "PriceList": [product.entry() for product in shown], "NextToken": token})


def _check(context: Context, request: Request) -> None:
    check_endpoint(context.region)
    if request.get("FormatVersion", FORMAT) != FORMAT:
        raise filters.invalid("Format version is invalid")


def _values(products: Iterable[Product], name: str) -> set[str]:
    return {value for product in products for value in product.values(name)}


def _page(rows: Sequence[Row], request: Request, key: Callable[[Row], str]) -> tuple[list[Row], str | None]:
    try:
        return page(rows, request, key, size=PAGE)
    except ServiceError as error:
        raise ServiceError("InvalidNextTokenException", "The pagination token is invalid.") from error
