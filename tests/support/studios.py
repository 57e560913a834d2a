"""A Studio domain with somebody's JupyterLab in it, made on a practice account."""

from tests.support.practice_account import Account

ROLE = "arn:aws:iam::123456789012:role/studio"


def make_studio(practice: Account, user: str = "kim", space: str = "lab") -> str:
    """Advances the account's clock until the app serves; returns the domain's id."""
    client = practice.client("sagemaker")
    made = client.create_domain(DomainName="team", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE})
    practice.advance(10)
    domain: str = made["DomainId"]
    client.create_user_profile(DomainId=domain, UserProfileName=user)
    practice.advance(10)
    client.create_space(
        DomainId=domain,
        SpaceName=space,
        SpaceSettings={"AppType": "JupyterLab"},
        OwnershipSettings={"OwnerUserProfileName": user},
        SpaceSharingSettings={"SharingType": "Private"},
    )
    practice.advance(10)
    client.create_app(DomainId=domain, SpaceName=space, AppType="JupyterLab", AppName="default")
    practice.advance(10)
    return domain
