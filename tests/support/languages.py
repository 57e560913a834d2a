"""Which words on a screen are in the wrong language."""

import re

from pages.ui.states import known
from services.default_quotas import quotas

PHRASES = (
    "Billing and Cost Management",
    "Cost Management preferences",
    "Cost and Usage Reports",
    "Cost Explorer",
    "Data Exports",
    "Price List",
    "Savings Plans",
    "Systems Manager",
    "aws sso login",
    "flightdeck.toml의 sso",
    "[auth]",
    "make run",
    "make preflight",
    *sorted({quota.name for quota in quotas()}, key=len, reverse=True),
)
"""Names of several words, as AWS's console, its quotas and the Makefile write them."""
NAMES = frozenset(
    [
        *(
            "AWS",
            "SageMaker",
            "Studio",
            "RStudio",
            "HyperPod",
            "EventBridge",
            "Scheduler",
            "EC2",
            "EBS",
            "S3",
            "IAM",
            "STS",
            "VPC",
        ),
        *("CloudTrail", "CloudWatch", "CloudFormation", "Budgets", "Organizations", "Canvas", "MLflow", "Markdown"),
        *(
            "ARN",
            "KMS",
            "NAT",
            "EFS",
            "MFA",
            "TLS",
            "CA",
            "true",
            "SSO",
            "OIDC",
            "API",
            "SDK",
            "CLI",
            "URL",
            "ID",
            "ML",
            "CUR",
            "FOCUS",
            "PROFILE",
        ),
        *(
            "Python",
            "JupyterLab",
            "PyTorch",
            "XGBoost",
            "Llama",
            "Inferentia",
            "Trainium",
            "Parquet",
            *("Amazon", "Bedrock", "Geospatial", "Kendra", "Comprehend", "Personalize", "Rekognition", "Batch"),
            *("EKS", "FSx", "TensorFlow", "AutoGluon", "Stability", "AI", "JumpStart", "PyTorch", "XGBoost"),
            *("Hugging", "Face"),
            "Parquet",
            "Git",
            "Flightdeck",
            "https",
            "TOML",
            "JSON",
            "CSV",
        ),
        *("CPU", "GPU", "vCPU", "GiB", "MiB", "KiB", "TiB", "GB", "MB", "B", "ms", "KST", "UTC", "USD", "KRW"),
        *known(),
    ]
)
"""What is written the same in every language: AWS's names and states, units, file formats, products."""
OTHER_SPELLINGS = re.compile(
    r"[a-z]{2}-[a-z]+-\d|\S*[/\\:_.=]\S*|\S*\d\S*|[A-Z][a-z]+[A-Z]\w*|[a-z]+[A-Z]\w*|\w+-\w+(-\w+)*", re.ASCII
)
"""What no language has words for: instance types, regions, paths, actions, file names, versions, AWS's CamelCase,
and the names that people give, which hold hyphens."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'’-]*")


def latin(text: str, *names: str) -> list[str]:
    """Words in Latin letters that are no names; `names` are those that people gave."""
    # The longest first: one name may be a part of another.
    for phrase in (*sorted(names, key=len, reverse=True), *PHRASES):
        text = text.replace(phrase, " ")
    return sorted({word for word in _WORD.findall(OTHER_SPELLINGS.sub(" ", text)) if word not in NAMES})


def hangul(text: str) -> list[str]:
    """Words in Hangul."""
    return sorted(set(re.findall(r"[가-힣]+", text)))
