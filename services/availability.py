"""Which regions have what: instance types and what they cost, framework images, the model hub and AWS services.

Instance types are those of the shipped figures, images those of the SageMaker Python SDK's own lists, services those of
botocore's endpoints: each as dated as the copy that is installed.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from services import catalogue, images, prices
from services.errors import InvalidRequest, NotFound

FRAMEWORKS = (
    *("pytorch", "tensorflow", "sklearn", "xgboost", "huggingface", "autogluon"),
    *("huggingface-llm", "huggingface-vllm", "djl-lmi", "djl-neuronx", "huggingface-neuronx", "stabilityai"),
)
"""Images by the SDK's names: to train and serve with, then to serve large models with."""
SERVICES = (
    "bedrock",
    "sagemaker-geospatial",
    "kendra",
    "comprehend",
    "personalize",
    "rekognition",
    "batch",
    "eks",
    "fsx",
)
"""Services that machine learning teams ask about, as botocore names them."""
MODEL_HUB = "jumpstart"


class ItemKind(StrEnum):
    """What a shopping list may hold."""

    INSTANCE_TYPE = "instance_type"
    IMAGE = "image"
    MODELS = "models"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a shopping list."""

    kind: ItemKind
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """One item in one region."""

    item: Item
    region: str
    offered: bool
    usd_per_hour: Decimal | None = None
    """Of an instance type, on demand; a SageMaker type's is of training, else of hosting, else of a notebook."""
    zones: int = 0
    """In how many of the region's zones EC2 has the type; 0 where AWS does not say."""
    version: str = ""
    """The newest that the region has of an image."""


def items(kind: ItemKind) -> tuple[Item, ...]:
    """All that may be asked about, of a kind."""
    names = {
        ItemKind.INSTANCE_TYPE: catalogue.names(),
        ItemKind.IMAGE: FRAMEWORKS,
        ItemKind.MODELS: (MODEL_HUB,),
        ItemKind.SERVICE: SERVICES,
    }
    return tuple(Item(kind, name) for name in names[kind])


def find_item(name: str) -> Item:
    """The item of a name. Raises InvalidRequest for one that nothing is known about."""
    for kind in ItemKind:
        if Item(kind, name) in items(kind):
            return Item(kind, name)
    raise InvalidRequest(f"Nothing is known about {name}.", resource=name, remedy="Choose one from the list.")


def places(item: Item) -> tuple[Place, ...]:
    """The item in every region of the catalogue, in its order."""
    return tuple(_place(item, region.name) for region in catalogue.regions())


def _place(item: Item, region: str) -> Place:
    match item.kind:
        case ItemKind.INSTANCE_TYPE:
            offered = catalogue.offering(region, item.name)
            if offered is None:
                return Place(item, region, False)
            return Place(item, region, True, _usd_per_hour(region, item.name), zones=len(offered.zones))
        case ItemKind.IMAGE:
            version = images.newest_in(item.name, region)
            return Place(item, region, version is not None, version=version or "")
        case ItemKind.MODELS:
            return Place(item, region, region in images.model_hub_regions())
        case ItemKind.SERVICE:
            return Place(item, region, region in _service_regions(item.name))


def _usd_per_hour(region: str, instance_type: str) -> Decimal | None:
    if not instance_type.startswith("ml."):
        try:
            return prices.ec2_price(region, instance_type).usd_per_hour
        except NotFound:
            return None
    for component in ("training", "hosting", "notebook", "studio"):
        try:
            return prices.sagemaker_price(region, instance_type, component).usd_per_hour
        except NotFound:
            continue
    return None


@cache
def _service_regions(service: str) -> frozenset[str]:
    import botocore.session

    return frozenset(botocore.session.get_session().get_available_regions(service))
