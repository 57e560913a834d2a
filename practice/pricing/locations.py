"""What the price list and a bill call a region."""

from dataclasses import dataclass
from types import MappingProxyType

from practice.errors import ServiceError

ENDPOINTS = ("us-east-1", "eu-central-1", "ap-south-1")
"""Regions where the API is; what it knows of is every region's.

docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
"""


@dataclass(frozen=True, slots=True)
class Location:
    """`name` as the price list has it, which still says EU where other services say Europe."""

    name: str
    billing_code: str
    """What the region's usage types begin with."""


LOCATIONS = MappingProxyType(
    {
        "ap-northeast-1": Location("Asia Pacific (Tokyo)", "APN1"),
        "ap-northeast-2": Location("Asia Pacific (Seoul)", "APN2"),
        "ap-southeast-1": Location("Asia Pacific (Singapore)", "APS1"),
        "eu-central-1": Location("EU (Frankfurt)", "EUC1"),
        "eu-west-1": Location("EU (Ireland)", "EU"),
        "us-east-1": Location("US East (N. Virginia)", "USE1"),
        "us-east-2": Location("US East (Ohio)", "USE2"),
        "us-west-2": Location("US West (Oregon)", "USW2"),
    }
)
"""docs.aws.amazon.com/global-infrastructure/latest/regions/aws-region-billing-codes.html"""


def check_endpoint(region: str) -> None:
    """Raises ServiceError as an endpoint does that a request was signed for another region than its own."""
    if region not in ENDPOINTS:
        raise ServiceError(
            "InvalidSignatureException",
            f"Credential should be scoped to a valid region. The Price List API is in {', '.join(ENDPOINTS)}.",
        )
