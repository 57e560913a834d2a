"""Studio as an AWS client sees it: domains, user profiles, spaces, apps, what they bill and which quotas count."""

from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.usage import usage
from tests.support.local_account import Local

ROLE = "arn:aws:iam::123456789012:role/studio"
SPACE = {
    "SpaceSettings": {
        "AppType": "JupyterLab",
        "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}},
    },
    "OwnershipSettings": {"OwnerUserProfileName": "kim"},
    "SpaceSharingSettings": {"SharingType": "Private"},
}


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def sagemaker(local: Local) -> Any:
    return local.client("sagemaker")


@pytest.fixture
def domain(local: Local, sagemaker: Any) -> str:
    """A domain with the profile `kim` and her space `lab`, all InService."""
    made = sagemaker.create_domain(
        DomainName="team",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        Tags=[{"Key": "a", "Value": "b"}],
    )
    local.advance(seconds=10)
    identity: str = made["DomainId"]
    sagemaker.create_user_profile(DomainId=identity, UserProfileName="kim")
    local.advance(seconds=10)
    sagemaker.create_space(DomainId=identity, SpaceName="lab", **SPACE)
    local.advance(seconds=10)
    return identity


def lab(domain: str) -> dict[str, str]:
    return {"DomainId": domain, "SpaceName": "lab", "AppType": "JupyterLab", "AppName": "default"}


def test_what_was_made_is_described_and_listed(local: Local, sagemaker: Any, domain: str) -> None:
    found = sagemaker.describe_domain(DomainId=domain)
    assert (found["DomainName"], found["Status"], found["AuthMode"]) == ("team", "InService", "IAM")
    assert found["DefaultUserSettings"] == {"ExecutionRole": ROLE}
    assert sagemaker.list_tags(ResourceArn=found["DomainArn"])["Tags"] == [{"Key": "a", "Value": "b"}]
    assert [row["DomainId"] for row in sagemaker.list_domains()["Domains"]] == [domain]
    profile = sagemaker.describe_user_profile(DomainId=domain, UserProfileName="kim")
    assert profile["UserProfileArn"].endswith(f":user-profile/{domain}/kim")
    rows = sagemaker.list_user_profiles(UserProfileNameContains="KI")["UserProfiles"]
    assert [row["UserProfileName"] for row in rows] == ["kim"]
    assert sagemaker.list_user_profiles(DomainIdEquals="d-other")["UserProfiles"] == []
    space = sagemaker.describe_space(DomainId=domain, SpaceName="lab")
    assert {key: space[key] for key in SPACE} == SPACE
    (row,) = sagemaker.list_spaces(DomainIdEquals=domain, SpaceNameContains="la")["Spaces"]
    ebs = row["SpaceSettingsSummary"]["SpaceStorageSettings"]["EbsStorageSettings"]
    assert (ebs["EbsVolumeSizeInGb"], row["OwnershipSettingsSummary"]) == (20, SPACE["OwnershipSettings"])
    assert sagemaker.list_spaces(SpaceNameContains="x")["Spaces"] == []


def test_an_app_comes_serves_and_goes_and_its_name_may_be_used_again(local: Local, sagemaker: Any, domain: str) -> None:
    arn = sagemaker.create_app(**lab(domain), ResourceSpec={"InstanceType": "ml.t3.large"})["AppArn"]
    pending = sagemaker.describe_app(**lab(domain))
    assert (pending["AppArn"], pending["Status"]) == (arn, "Pending")
    assert "LastUserActivityTimestamp" not in pending
    local.advance(seconds=10)
    found = sagemaker.describe_app(**lab(domain))
    assert (found["Status"], found["LastUserActivityTimestamp"]) == ("InService", found["CreationTime"])
    (row,) = sagemaker.list_apps(SpaceNameEquals="lab")["Apps"]
    assert (row["AppName"], row["ResourceSpec"]) == ("default", {"InstanceType": "ml.t3.large"})
    assert sagemaker.list_apps(UserProfileNameEquals="kim")["Apps"] == []
    assert refused(sagemaker.create_app, **lab(domain))[0] == "ResourceInUse"
    assert refused(sagemaker.delete_space, DomainId=domain, SpaceName="lab")[0] == "ResourceInUse"
    sagemaker.delete_app(**lab(domain))
    assert sagemaker.describe_app(**lab(domain))["Status"] == "Deleting"
    sagemaker.delete_app(**lab(domain))
    local.advance(seconds=5)
    assert sagemaker.describe_app(**lab(domain))["Status"] == "Deleted"
    assert refused(sagemaker.delete_app, **lab(domain))[0] == "ResourceNotFound"
    sagemaker.create_app(**lab(domain))
    (row,) = sagemaker.list_apps()["Apps"]
    assert (row["Status"], row["ResourceSpec"]["InstanceType"]) == ("Pending", "ml.t3.medium")
    sagemaker.delete_app(**lab(domain))
    local.advance(hours=25)
    assert sagemaker.list_apps()["Apps"] == []


def test_an_app_bills_its_instance_in_service_and_a_space_its_volume_always(
    local: Local, sagemaker: Any, domain: str
) -> None:
    sagemaker.create_app(**lab(domain), ResourceSpec={"InstanceType": "ml.t3.medium"})
    sagemaker.create_app(DomainId=domain, UserProfileName="kim", AppType="JupyterServer", AppName="default")
    local.advance(seconds=10)
    local.advance(hours=2)
    sagemaker.delete_app(**lab(domain))
    local.advance(days=1)
    bills = {row["name"].split("/", 1)[1]: row for row in usage(local.world) if row["kind"].startswith("studio")}
    app = bills["lab/JupyterLab/default"]["parts"]["instance"]
    assert float(app["seconds"]) == pytest.approx(7200, abs=5)
    assert float(app["usd"]) == pytest.approx(2 * 0.062, rel=0.01)
    assert Decimal(bills["kim/JupyterServer/default"]["usd"]) == 0
    assert float(bills["lab"]["parts"]["storage"]["seconds"]) == pytest.approx(26 * 3600, abs=60)


def test_each_kind_of_app_counts_in_its_own_quota(local: Local, sagemaker: Any, domain: str) -> None:
    here = {"DomainId": domain, "UserProfileName": "kim", "AppType": "KernelGateway"}
    spec = {"InstanceType": "ml.m5.xlarge"}
    sagemaker.create_app(**here, AppName="one", ResourceSpec=spec)
    code, message = refused(sagemaker.create_app, **here, AppName="two", ResourceSpec=spec)
    assert code == "ResourceLimitExceeded"
    assert "Studio KernelGateway Apps running on ml.m5.xlarge instance" in message
    sagemaker.create_app(**lab(domain), ResourceSpec=spec)


def test_apps_stand_in_a_space_or_with_a_person(sagemaker: Any, domain: str) -> None:
    kim, space = {"UserProfileName": "kim"}, {"SpaceName": "lab"}
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "a"}
    assert "must be created in a space" in refused(sagemaker.create_app, **app, **kim)[1]
    for owners in ({}, {**kim, **space}):
        for call in (sagemaker.create_app, sagemaker.describe_app, sagemaker.delete_app):
            assert "Exactly one of" in refused(call, **app, **owners)[1]
    assert refused(sagemaker.create_app, **{**app, "DomainId": "d-none"}, **space)[0] == "ResourceNotFound"
    assert refused(sagemaker.create_app, **app, SpaceName="none")[0] == "ResourceNotFound"
    assert refused(sagemaker.describe_app, **app, **space) == ("ResourceNotFound", "App [a] does not exist.")
    for kind in ("Canvas", "RStudioServerPro"):
        assert refused(sagemaker.create_app, **{**app, "AppType": kind}, **kim)[0] == "NotImplemented"
    lone = {"OwnershipSettings": {"OwnerUserProfileName": "kim"}}
    assert "must be given together" in refused(sagemaker.create_space, DomainId=domain, SpaceName="s", **lone)[1]


def test_a_domain_that_is_on_its_way_takes_nothing(sagemaker: Any) -> None:
    settings = {"ExecutionRole": ROLE}
    made = sagemaker.create_domain(DomainName="new", AuthMode="IAM", DefaultUserSettings=settings)
    code, message = refused(sagemaker.create_user_profile, DomainId=made["DomainId"], UserProfileName="kim")
    assert (code, "its status is Pending" in message) == ("ResourceInUse", True)
    foreign = {"ExecutionRole": "arn:aws:iam::999999999999:role/studio"}
    code, _ = refused(sagemaker.create_domain, DomainName="x", AuthMode="IAM", DefaultUserSettings=foreign)
    assert code == "ValidationException"


def test_what_is_in_use_stays_and_then_all_can_go(local: Local, sagemaker: Any, domain: str) -> None:
    assert refused(sagemaker.create_user_profile, DomainId=domain, UserProfileName="kim")[0] == "ResourceInUse"
    assert refused(sagemaker.create_space, DomainId=domain, SpaceName="lab", **SPACE)[0] == "ResourceInUse"
    assert refused(sagemaker.delete_domain, DomainId=domain)[0] == "ResourceInUse"
    assert refused(sagemaker.delete_user_profile, DomainId=domain, UserProfileName="kim")[0] == "ResourceInUse"
    sagemaker.delete_space(DomainId=domain, SpaceName="lab")
    local.advance(seconds=5)
    assert refused(sagemaker.describe_space, DomainId=domain, SpaceName="lab")[0] == "ResourceNotFound"
    sagemaker.delete_user_profile(DomainId=domain, UserProfileName="kim")
    local.advance(seconds=5)
    assert refused(sagemaker.describe_user_profile, DomainId=domain, UserProfileName="kim")[0] == "ResourceNotFound"
    sagemaker.delete_domain(DomainId=domain)
    local.advance(seconds=5)
    assert sagemaker.list_domains()["Domains"] == []
    assert refused(sagemaker.describe_domain, DomainId=domain)[0] == "ResourceNotFound"


def test_of_what_cannot_be_made_there_is_none(sagemaker: Any) -> None:
    assert sagemaker.list_clusters()["ClusterSummaries"] == []
    assert sagemaker.list_inference_components()["InferenceComponents"] == []
    assert sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"] == []
    assert sagemaker.list_training_plans()["TrainingPlanSummaries"] == []
    code, _ = refused(
        sagemaker.create_mlflow_tracking_server, TrackingServerName="m", ArtifactStoreUri="s3://b/", RoleArn=ROLE
    )
    assert code == "NotImplemented"
