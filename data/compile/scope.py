"""What the product ships figures for: instance families, regions, and how sure a figure is."""

from typing import Final

FAMILIES: Final = (
    *("t3", "m5", "m6i", "m7i", "c5", "c6i", "r5"),
    *("g4dn", "g5", "g6", "g6e", "p3", "p4d", "p4de", "p5"),
    *("inf1", "inf2", "trn1"),
)

REGIONS: Final = {
    "ap-northeast-2": ("Asia Pacific (Seoul)", "아시아 태평양(서울)"),
    "ap-northeast-1": ("Asia Pacific (Tokyo)", "아시아 태평양(도쿄)"),
    "ap-southeast-1": ("Asia Pacific (Singapore)", "아시아 태평양(싱가포르)"),
    "us-east-1": ("US East (N. Virginia)", "미국 동부(버지니아 북부)"),
    "us-east-2": ("US East (Ohio)", "미국 동부(오하이오)"),
    "us-west-2": ("US West (Oregon)", "미국 서부(오리건)"),
    "eu-west-1": ("Europe (Ireland)", "유럽(아일랜드)"),
    "eu-central-1": ("Europe (Frankfurt)", "유럽(프랑크푸르트)"),
}
"""Region to its display names in English and Korean, in the order a chooser shows them."""

LISTED: Final = "listed"
"""Published by AWS, or quoted from what AWS publishes."""
REPORTED: Final = "reported"
"""From a bill, a hand-kept table or an announcement: right once, not checked against a list since."""
OTHER_COMPONENT: Final = "other_component"
"""The same instance type's figure in the same region under another SageMaker component."""
ESTIMATED: Final = "estimated"
"""A measured ratio times a listed figure."""
ASSUMPTION: Final = "assumption"
"""A rule nobody publishes."""
DOUBTFUL: Final = "doubtful"
"""Published, but it contradicts another figure: shown as it is, never to be relied on."""
MISSING: Final = "missing"
"""Known to exist, value not known."""

NAMES_READ_ON: Final = "2026-11-23"
"""The day botocore's models and region names were read."""


def family_of(instance_type: str) -> str:
    """The family of an EC2 or SageMaker instance type: `m5` for `m5.large` and for `ml.m5.large`."""
    return instance_type.removeprefix("ml.").split(".")[0]


def in_scope(region: str, instance_type: str) -> bool:
    """Whether the product ships figures for this type in this region."""
    return region in REGIONS and family_of(instance_type) in FAMILIES
