"""Products of the price list: what they are called, what tells them apart, and their whole entry as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from practice.pricing import terms
from practice.pricing.terms import Term

_DIGITS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ2"
"""Of a SKU; 32 of them, so that five bits make one."""


@dataclass(frozen=True, slots=True)
class Product:
    """What is for sale, and how."""

    service: str
    family: str
    attributes: Mapping[str, str]
    terms: tuple[Term, ...]
    published: date
    """Of the list that it stands in."""

    @property
    def sku(self) -> str:
        """Always the same for the same usage: sixteen letters and digits."""
        said = f"{self.service}/{self.attributes['usagetype']}/{self.attributes['operation']}"
        return "".join(_DIGITS[byte & 31] for byte in sha256(said.encode()).digest()[:16])

    def values(self, name: str) -> tuple[str, ...]:
        """What a field of this name holds; several where the product's terms differ in it, none where it has none."""
        if name == "productFamily":
            return (self.family,)
        if name == "termType":
            return tuple(dict.fromkeys(term.kind for term in self.terms))
        if name in self.attributes:
            return (self.attributes[name],)
        return tuple(dict.fromkeys(term.attributes[name] for term in self.terms if name in term.attributes))

    def names(self) -> Iterator[str]:
        """Of the fields that it has."""
        yield from ("productFamily", "termType")
        yield from self.attributes
        for term in self.terms:
            yield from term.attributes

    def entry(self) -> str:
        """The product with its terms as one item of a price list, in JSON."""
        sku, sold = self.sku, dict[str, dict[str, Any]]()
        for term in self.terms:
            sold.setdefault(term.kind, {})[f"{sku}.{term.code}"] = terms.written(sku, term)
        return json.dumps(
            {
                "product": {"productFamily": self.family, "attributes": dict(self.attributes), "sku": sku},
                "serviceCode": self.service,
                "terms": sold,
                "version": f"{self.published:%Y%m%d}000000",
                "publicationDate": f"{self.published:%Y-%m-%dT00:00:00Z}",
            },
            separators=(",", ":"),
        )
