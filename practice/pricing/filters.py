"""Which products a request's filters leave: every filter must fit.

docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_Filter.html
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from practice.errors import ServiceError
from practice.pricing.products import Product

Fits = Callable[[Sequence[str], str], bool]
"""(what a product's field holds, the filter's value) → whether it fits"""


def _one_of(value: str) -> list[str]:
    return [each.strip() for each in value.split(",")]


FITS: Mapping[str, Fits] = {
    "TERM_MATCH": lambda held, value: value in held,
    "EQUALS": lambda held, value: value in held,
    "CONTAINS": lambda held, value: any(value in each for each in held),
    "ANY_OF": lambda held, value: any(each in held for each in _one_of(value)),
    "NONE_OF": lambda held, value: not any(each in held for each in _one_of(value)),
}
"""Filter type → how it chooses; of ANY_OF and NONE_OF the value is a list with commas."""


def select(
    products: Iterable[Product], filters: Sequence[Mapping[str, str]], names: Mapping[str, str]
) -> list[Product]:
    """The products that fit every filter.

    `names` are those of the service's fields, by what they are in lower case: AWS takes `ServiceCode` for
    `servicecode`. Raises ServiceError for a field that no product of the service has.
    """
    wanted = [(field(names, each["Field"]), FITS[each["Type"]], each["Value"]) for each in filters]
    return [product for product in products if all(fits(product.values(name), value) for name, fits, value in wanted)]


def field(names: Mapping[str, str], said: str) -> str:
    """The field's own name. Raises ServiceError where the service has none like it."""
    found = names.get(said.lower())
    if found is None:
        raise invalid(f"{said} is not an attribute of this service")
    return found


def invalid(reason: str) -> ServiceError:
    """What the API answers to a value that makes no sense."""
    return ServiceError("InvalidParameterException", f"Input Parameters are invalid. {reason}")
