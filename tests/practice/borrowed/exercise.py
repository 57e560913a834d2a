"""Some two hundred requests of all kinds to borrowed services, and a look at everything that they leave behind."""

import io
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.practice_account import Account

SERVICES = (
    "s3", "iam", "ec2", "elbv2", "elb", "autoscaling", "cloudwatch", "events", "sns", "sqs", "kms", "ecr", "ssm",
    "secretsmanager", "cloudformation", "resourcegroupstaggingapi", "resource-groups", "dynamodb",
)  # fmt: skip
CHANGING_ANSWERS = {
    "get_random_password", "generate_random", "get_authorization_token", "get_session_token", "get_credential_report",
    "get_federation_token", "receive_message", "get_access_key_last_used",
}  # fmt: skip
"""Answers that are new at every look, or tell of the look itself."""

HUGE = {"describe_instance_types", "describe_instance_type_offerings", "list_policies", "describe_images",
        "get_account_authorization_details", "describe_vpc_endpoint_services", "describe_spot_price_history",
        "describe_reserved_instances_offerings", "describe_snapshots", "describe_snapshot_tier_status"}  # fmt: skip
"""Catalogues that moto ships; nothing that a user does is in them, but for images, which are asked for by owner."""

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)


@cache
def _session(access_key: str, secret_key: str, region: str) -> Any:
    return boto3.Session(aws_access_key_id=access_key, aws_secret_access_key=secret_key, region_name=region)


@cache
def _made(url: str, access_key: str, secret_key: str, region: str, service: str) -> Any:
    once = Config(retries={"total_max_attempts": 1}, read_timeout=120)
    return _session(access_key, secret_key, region).client(service, endpoint_url=url, config=once)


def _client(account: Account, service: str, region: str) -> Any:
    """Kept for the account's life, over its restarts: to make one takes longer than most of what is asked here."""
    return _made(account.url, account.access_key, account.secret_key, region, service)


def work(account: Account, region: str, tag: str) -> dict[str, Any]:
    """Do all of it once in a region, under names that hold `tag`. Returns what only the doer knows."""
    _storage(account, region, tag)
    _people(account, region, tag)
    _machines(account, region, tag)
    _messages(account, region, tag)
    _watching(account, region, tag)
    return _secrets(account, region, tag)


def _storage(account: Account, region: str, tag: str) -> None:
    s3, bucket = _client(account, "s3", region), f"b-{tag}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    s3.create_bucket(Bucket=f"v-{tag}", CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_bucket_versioning(Bucket=f"v-{tag}", VersioningConfiguration={"Status": "Enabled"})
    for number in range(12):
        body = zlib.compress(tag.encode()) * (1 if number % 3 else 9000)
        s3.put_object(Bucket=bucket, Key=f"dir {number % 2}//k+é%2F{number}", Body=body, Metadata={"n": str(number)})
        s3.put_object(Bucket=f"v-{tag}", Key=f"k{number % 4}", Body=body[: 1000 + number])
    s3.delete_object(Bucket=bucket, Key="dir 0//k+é%2F2")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "dir 0//k+é%2F4"}]})
    s3.delete_object(Bucket=f"v-{tag}", Key="k1")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": f"v-{tag}", "Key": "k2"})
    s3.upload_fileobj(io.BytesIO(b"part" * 3_000_000), bucket, "multipart")
    started = s3.create_multipart_upload(Bucket=bucket, Key="unfinished")
    s3.upload_part(Bucket=bucket, Key="unfinished", UploadId=started["UploadId"], PartNumber=1, Body=b"x" * 100_000)
    s3.put_object_tagging(Bucket=bucket, Key="copy", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": tag}]})
    s3.put_bucket_policy(Bucket=bucket, Policy=POLICY)
    rules = [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "t/"}, "Expiration": {"Days": 9}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def _people(account: Account, region: str, tag: str) -> None:
    iam = _client(account, "iam", region)
    iam.create_user(UserName=f"u-{tag}")
    iam.create_group(GroupName=f"g-{tag}")
    iam.add_user_to_group(GroupName=f"g-{tag}", UserName=f"u-{tag}")
    iam.create_access_key(UserName=f"u-{tag}")
    iam.create_role(RoleName=f"r-{tag}", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": tag}])
    arn = iam.create_policy(PolicyName=f"p-{tag}", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY, SetAsDefault=True)
    iam.attach_role_policy(RoleName=f"r-{tag}", PolicyArn=arn)
    iam.attach_role_policy(RoleName=f"r-{tag}", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    iam.put_role_policy(RoleName=f"r-{tag}", PolicyName="inline", PolicyDocument=POLICY)
    iam.create_instance_profile(InstanceProfileName=f"i-{tag}")
    iam.add_role_to_instance_profile(InstanceProfileName=f"i-{tag}", RoleName=f"r-{tag}")
    _client(account, "sts", region).assume_role(RoleArn=f"arn:aws:iam::123456789012:role/r-{tag}", RoleSessionName="me")


def _machines(account: Account, region: str, tag: str) -> None:
    ec2 = _client(account, "ec2", region)
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]["ImageId"]
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones)
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
    group = ec2.create_security_group(GroupName=f"sg-{tag}", Description=tag, VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8")
    ec2.create_key_pair(KeyName=f"rsa-{tag}")
    ec2.create_key_pair(KeyName=f"ed-{tag}", KeyType="ed25519")
    run = {"ImageId": image, "SubnetId": subnets[0], "SecurityGroupIds": [group], "KeyName": f"rsa-{tag}"}
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": tag}]}]
    made = ec2.run_instances(**run, InstanceType="m5.large", MinCount=4, MaxCount=4, TagSpecifications=tags)
    ids = [instance["InstanceId"] for instance in made["Instances"]]
    ec2.stop_instances(InstanceIds=ids[:1])
    ec2.terminate_instances(InstanceIds=ids[1:2])
    ec2.modify_instance_attribute(InstanceId=ids[0], InstanceType={"Value": "m5.xlarge"})
    volume = ec2.create_volume(AvailabilityZone=zones[0], Size=8)["VolumeId"]
    ec2.attach_volume(Device="/dev/sdh", InstanceId=ids[2], VolumeId=volume)
    ec2.create_snapshot(VolumeId=volume)
    ec2.create_image(InstanceId=ids[2], Name=f"ami-{tag}")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, InstanceId=ids[3])
    ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"])
    ec2.create_launch_template(LaunchTemplateName=f"lt-{tag}", LaunchTemplateData={"InstanceType": "m5.large"})
    ec2.create_network_interface(SubnetId=subnets[1], Groups=[group])
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{region}.s3", RouteTableIds=[table])
    _balanced(account, region, tag, vpc, subnets, group, image)


def _balanced(account: Account, region: str, tag: str, vpc: str, subnets: list[str], group: str, image: str) -> None:
    elb, scaling = _client(account, "elbv2", region), _client(account, "autoscaling", region)
    balancer = elb.create_load_balancer(Name=f"lb-{tag}", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]
    target = elb.create_target_group(Name=f"tg-{tag}", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    forward = [{"Type": "forward", "TargetGroupArn": target["TargetGroupArn"]}]
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward
    )["Listeners"][0]["ListenerArn"]
    where = [{"Field": "path-pattern", "Values": ["/x"]}]
    elb.create_rule(ListenerArn=listener, Conditions=where, Priority=5, Actions=forward)
    scaling.create_launch_configuration(LaunchConfigurationName=f"lc-{tag}", ImageId=image, InstanceType="t3.small")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=f"asg-{tag}", LaunchConfigurationName=f"lc-{tag}", MinSize=1, MaxSize=4,
        DesiredCapacity=2, VPCZoneIdentifier=",".join(subnets),
    )  # fmt: skip
    scaling.set_desired_capacity(AutoScalingGroupName=f"asg-{tag}", DesiredCapacity=3)
    template = {"Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"cf-{tag}"}},
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": tag, "VpcId": vpc}},
    }}  # fmt: skip
    _client(account, "cloudformation", region).create_stack(StackName=f"st-{tag}", TemplateBody=json.dumps(template))


def _messages(account: Account, region: str, tag: str) -> None:
    sqs, sns, events = (_client(account, name, region) for name in ("sqs", "sns", "events"))
    queue = sqs.create_queue(QueueName=f"q-{tag}", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name=f"t-{tag}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    for number in range(5):
        sqs.send_message(QueueUrl=queue, MessageBody=f"{tag} {number}")
    sns.publish(TopicArn=topic, Message="through the topic")
    found = sqs.receive_message(QueueUrl=queue)["Messages"][0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=found["ReceiptHandle"])
    events.put_rule(Name=f"rule-{tag}", ScheduleExpression="rate(5 minutes)")
    events.put_targets(Rule=f"rule-{tag}", Targets=[{"Id": "1", "Arn": arn}])
    events.create_event_bus(Name=f"bus-{tag}")
    table = {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"}
    dynamodb = _client(account, "dynamodb", region)
    dynamodb.create_table(TableName=f"t-{tag}", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], **table)
    dynamodb.put_item(TableName=f"t-{tag}", Item={"k": {"S": tag}})


def _watching(account: Account, region: str, tag: str) -> None:
    watch = _client(account, "cloudwatch", region)
    for number in range(20):
        dimensions = [{"Name": "Job", "Value": tag}]
        data = [{"MetricName": "loss", "Dimensions": dimensions, "Value": 1 / (number + 1), "Unit": "None"}]
        watch.put_metric_data(Namespace=f"N/{tag}", MetricData=data)
    watch.put_metric_alarm(
        AlarmName=f"al-{tag}", MetricName="loss", Namespace=f"N/{tag}", Statistic="Average", Period=60, Threshold=1,
        EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    watch.put_dashboard(DashboardName=f"d-{tag}", DashboardBody="{}")
    ecr = _client(account, "ecr", region)
    ecr.create_repository(repositoryName=f"repo-{tag}")
    layer = {
        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "size": 9,
        "digest": "sha256:" + "0" * 64,
    }
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": layer, "layers": [layer], "tag": tag}
    ecr.put_image(repositoryName=f"repo-{tag}", imageManifest=json.dumps(manifest), imageTag="latest")
    ssm = _client(account, "ssm", region)
    ssm.put_parameter(Name=f"/p/{tag}", Value="1", Type="SecureString")
    ssm.put_parameter(Name=f"/p/{tag}", Value="2", Type="SecureString", Overwrite=True)
    ssm.create_maintenance_window(
        Name=f"mw-{tag}", Schedule="rate(1 day)", Duration=2, Cutoff=1, AllowUnassociatedTargets=True
    )
    query = {
        "Type": "TAG_FILTERS_1_0",
        "Query": '{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"team","Values":["x"]}]}',
    }
    _client(account, "resource-groups", region).create_group(Name=f"rg-{tag}", ResourceQuery=query)


def _secrets(account: Account, region: str, tag: str) -> dict[str, Any]:
    kms, secrets = _client(account, "kms", region), _client(account, "secretsmanager", region)
    key = kms.create_key(Description=tag)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{tag}", TargetKeyId=key)
    signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name=f"s-{tag}", SecretString="one")
    secrets.put_secret_value(SecretId=f"s-{tag}", SecretString="two")
    sign = {"KeyId": signing, "Message": b"message", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    return {
        "region": region,
        "tag": tag,
        "ciphertext": kms.encrypt(KeyId=key, Plaintext=b"plain")["CiphertextBlob"],
        "verify": {**sign, "Signature": kms.sign(**sign)["Signature"]},
    }


def everything(account: Account, region: str, missing: set[str]) -> dict[str, Any]:
    """What every read without required parameters answers, in every service, and what the objects in S3 hold. Reads
    that the account does not have are added to `missing`, and those in it are left out."""
    seen: dict[str, Any] = {}
    for service in SERVICES:
        client = _client(account, service, region)
        for method in _reads(client):
            name = f"{service}.{method}"
            if name not in missing:
                seen[name] = _answer(client, method, {})
                if seen[name] == "NotImplemented":
                    missing.add(name)
                    del seen[name]
    seen["own images"] = _answer(_client(account, "ec2", region), "describe_images", {"Owners": ["self"]})
    own = _answer(_client(account, "ec2", region), "describe_snapshots", {"OwnerIds": ["self"]})
    seen["own snapshots"] = own
    seen["own policies"] = _answer(_client(account, "iam", region), "list_policies", {"Scope": "Local"})
    seen.update(_objects(_client(account, "s3", region)))
    seen.update(_inside(account, region))
    return seen


def _reads(client: Any) -> Iterator[str]:
    for method, operation in sorted(client.meta.method_to_api_mapping.items()):
        shape = client.meta.service_model.operation_model(operation).input_shape
        is_read = method.startswith(("list_", "describe_", "get_"))
        if is_read and method not in HUGE | CHANGING_ANSWERS and not (shape and shape.required_members):
            yield method


def _answer(client: Any, method: str, request: dict[str, Any]) -> Any:
    try:
        answer = getattr(client, method)(**request)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except BotoCoreError as error:
        return type(error).__name__
    answer.pop("ResponseMetadata")
    return answer


def _objects(s3: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        listed = s3.list_object_versions(Bucket=name)
        seen[f"s3://{name}"] = {k: listed.get(k) for k in ("Versions", "DeleteMarkers")}
        for version in listed.get("Versions", []):
            got = s3.get_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])
            kept = {k: got.get(k) for k in ("ETag", "LastModified", "Metadata", "TagCount", "ChecksumCRC32")}
            seen[f"s3://{name}/{version['Key']}@{version['VersionId']}"] = {
                **kept,
                "body": zlib.crc32(got["Body"].read()),
            }
        for look in ("tagging", "policy", "lifecycle_configuration", "versioning", "acl"):
            seen[f"s3://{name} {look}"] = _answer(s3, f"get_bucket_{look}", {"Bucket": name})
    return seen


def _inside(account: Account, region: str) -> dict[str, Any]:
    """What needs a name to be asked for."""
    iam, sqs, watch = (_client(account, name, region) for name in ("iam", "sqs", "cloudwatch"))
    seen: dict[str, Any] = {}
    for role in iam.list_roles()["Roles"]:
        for look in ("get_role", "list_attached_role_policies", "list_role_policies", "list_role_tags"):
            found = _answer(iam, look, {"RoleName": role["RoleName"]})
            if look == "get_role":
                found["Role"].pop("RoleLastUsed", None)
            seen[f"{look} {role['RoleName']}"] = found
    for user in iam.list_users()["Users"]:
        seen[f"keys of {user['UserName']}"] = _answer(iam, "list_access_keys", {"UserName": user["UserName"]})
    for queue in sqs.list_queues().get("QueueUrls", []):
        seen[queue] = _answer(sqs, "get_queue_attributes", {"QueueUrl": queue, "AttributeNames": ["All"]})
    for metric in watch.list_metrics()["Metrics"]:
        about = {k: metric[k] for k in ("Namespace", "MetricName", "Dimensions")}
        span = {"StartTime": datetime(2020, 1, 1, tzinfo=UTC), "EndTime": datetime(2100, 1, 1, tzinfo=UTC)}
        ask = {**about, **span, "Period": 60, "Statistics": ["Sum", "SampleCount"]}
        seen[f"metric {about}"] = _answer(watch, "get_metric_statistics", ask)
    return seen
