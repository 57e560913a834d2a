"""A training job's S3: channels in, artifacts and checkpoints out."""

import json

import pytest

from tests.practice.sagemaker.training_helpers import BUCKET, WAIT, Trainings, channel
from tests.support.local_account import Local
from tests.support.waiting import eventually

TREE = """
import json
from pathlib import Path
for folder in sorted(Path("/opt/ml/input/data").iterdir()):
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    print(folder.name, *files)
for name, config in json.loads(Path("/opt/ml/input/config/inputdataconfig.json").read_text()).items():
    print(name, *(f"{key}={value}" for key, value in sorted(config.items())))
"""
CHECKPOINTS = """
from pathlib import Path
folder = Path("/opt/ml/checkpoints")
print("found", *sorted(f"{path.name}:{path.read_text()}" for path in folder.iterdir()))
(folder / "step.txt").write_text(str(len(list(folder.iterdir()))))
(folder / "deep").mkdir(exist_ok=True)
(folder / "deep" / "state.txt").write_text("state")
"""


@pytest.fixture
def trainings(local: Local) -> Trainings:
    return Trainings(local)


def test_a_channel_is_an_object_a_folder_or_a_prefix(trainings: Trainings) -> None:
    keys = ("data/code/train.csv", "data/code/deep/more.csv", "data/code2/other.csv", "data/part-1", "data/part-2")
    for key in keys:
        trainings.s3.put_object(Bucket=BUCKET, Key=key, Body=b"1")
    for marker in ("data/code/", "data/code/empty/"):
        trainings.s3.put_object(Bucket=BUCKET, Key=marker, Body=b"")
    job = trainings.run(
        "channels",
        TREE,
        channels=[
            channel("folder", "data/code", ContentType="text/csv"),
            channel("one", "data/code/train.csv"),
            channel("prefix", "data/part-"),
            channel("slash", "data/code2/"),
        ],
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    said = trainings.said("channels")
    for line in ("folder deep/more.csv train.csv", "one train.csv", "prefix part-1 part-2", "slash other.csv"):
        assert line in said
    config = "ContentType=text/csv RecordWrapperType=None S3DistributionType=FullyReplicated TrainingInputMode=File"
    assert f"folder {config}" in said


def test_shards_are_dealt_out_and_replicas_are_whole(trainings: Trainings) -> None:
    for number in range(5):
        trainings.s3.put_object(Bucket=BUCKET, Key=f"data/{number}.csv", Body=b"1")
    sharded = channel("sharded", "data", S3DataDistributionType="ShardedByS3Key")
    job = trainings.run("shards", TREE, channels=[sharded, channel("whole", "data")], resources={"InstanceCount": 2})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    for host, share in ((1, "sharded 0.csv 2.csv 4.csv"), (2, "sharded 1.csv 3.csv")):
        said = trainings.said("shards", host)
        assert share in said
        assert "whole 0.csv 1.csv 2.csv 3.csv 4.csv" in said


def test_a_manifest_names_its_objects(trainings: Trainings) -> None:
    manifest = [{"prefix": f"s3://{BUCKET}/data/"}, "a/one.csv", "two.csv"]
    trainings.put(data__a__one_dot_csv="1", data__two_dot_csv="2", data__three_dot_csv="3")
    trainings.put(lists__good=json.dumps(manifest), lists__bad=json.dumps({"prefix": "x"}))
    good = channel("listed", "lists/good", S3DataType="ManifestFile", InputMode="FastFile")
    job = trainings.run("manifest", TREE, channels=[good])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    said = trainings.said("manifest")
    assert "listed a/one.csv two.csv" in said
    assert any("FastFile is treated as File here: listed" in line for line in said)
    job = trainings.run("broken", TREE, channels=[channel("listed", "lists/bad", S3DataType="ManifestFile")])
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(f"ClientError: Data download failed:Manifest s3://{BUCKET}/lists/bad")


def test_data_that_have_gone_fail_the_job_while_it_downloads(trainings: Trainings) -> None:
    trainings.put(data__one="1", lists__gone=json.dumps([{"prefix": f"s3://{BUCKET}/data/"}, "none"]))
    trainings.create("gone", channels=[channel("train", "data/one")])
    trainings.s3.delete_object(Bucket=BUCKET, Key="data/one")
    trainings.begin("missing", channels=[channel("train", "lists/gone", S3DataType="ManifestFile")])
    job = trainings.ended("gone")
    assert job["FailureReason"].startswith("ClientError: Data download failed:No S3 objects found under S3 URL")
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]] == ["Starting", "Downloading", "Failed"]
    assert job["BillableTimeInSeconds"] >= 0
    reason = trainings.ended("missing")["FailureReason"]
    assert reason.startswith("ClientError: Data download failed:404 (404)")


def test_a_key_that_is_no_path_fails_as_sagemaker_says(trainings: Trainings) -> None:
    trainings.s3.put_object(Bucket=BUCKET, Key="data//double.csv", Body=b"1")
    job = trainings.run("illegal", channels=[channel("train", "data")])
    assert job["FailureReason"] == (
        f"ClientError: Data download failed:Failed to download data. S3 key: s3://{BUCKET}/data//double.csv has an "
        "illegal char sub-sequence '//' in it"
    )


def test_a_source_that_does_not_exist_fails_the_job(trainings: Trainings) -> None:
    gone = {"sagemaker_submit_directory": f"s3://{BUCKET}/no/such.tar.gz"}
    job = trainings.run("sourceless", hyperparameters=gone)
    assert job["FailureReason"].startswith(f"ClientError: Failed to download s3://{BUCKET}/no/such.tar.gz: 404")


def test_a_model_can_be_left_uncompressed(trainings: Trainings) -> None:
    script = """
    from pathlib import Path
    Path("/opt/ml/model/deep").mkdir()
    Path("/opt/ml/model/deep/weights.txt").write_text("1")
    """
    output = {"S3OutputPath": f"s3://{BUCKET}/plain/", "CompressionType": "NONE"}
    job = trainings.run("plain", script, OutputDataConfig=output)
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/plain/plain/output/model/"
    assert trainings.keys("plain/") == ["plain/plain/output/model/deep/weights.txt"]
    job = trainings.run("empty", "print('no model')", OutputDataConfig=output)
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == ""


def test_a_bucket_that_cannot_take_the_model_fails_the_job(trainings: Trainings) -> None:
    script = "open('/opt/ml/model/m.txt', 'w').write('m')"
    job = trainings.run("lost", script, OutputDataConfig={"S3OutputPath": "s3://no-such-bucket/out"})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Artifact upload failed:")
    assert "NoSuchBucket" in job["FailureReason"]
    assert job["BillableTimeInSeconds"] >= 1


def test_checkpoints_are_restored_and_kept(trainings: Trainings) -> None:
    checkpoints = {"S3Uri": f"s3://{BUCKET}/checkpoints/run"}
    trainings.run("first", CHECKPOINTS, CheckpointConfig=checkpoints)
    assert "found" in trainings.said("first")
    assert trainings.keys("checkpoints/") == ["checkpoints/run/deep/state.txt", "checkpoints/run/step.txt"]
    trainings.s3.delete_object(Bucket=BUCKET, Key="checkpoints/run/deep/state.txt")
    job = trainings.run("second", CHECKPOINTS, CheckpointConfig=checkpoints)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "found step.txt:0" in trainings.said("second")
    assert job["CheckpointConfig"] == checkpoints


def test_checkpoints_that_cannot_be_had_fail_the_job(trainings: Trainings) -> None:
    job = trainings.run("nowhere", CheckpointConfig={"S3Uri": "s3://no bucket/checkpoints"})
    assert job["FailureReason"].startswith("ClientError: Checkpoint download failed:")


def test_checkpoints_reach_s3_while_the_job_runs(trainings: Trainings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("practice.sagemaker.training_runs.SYNC_LOOKS", 1)
    monkeypatch.setattr("practice.sagemaker.training_runs.LOOK_SECONDS", 0.1)
    checkpoints = {"S3Uri": f"s3://{BUCKET}/checkpoints", "LocalPath": "/opt/ml/own"}
    script = "from pathlib import Path\nPath('/opt/ml/own/step.txt').write_text('1')\n" + WAIT
    trainings.begin("running", script, CheckpointConfig=checkpoints)
    eventually(lambda: trainings.keys("checkpoints/") == ["checkpoints/step.txt"])
    lost = {"S3Uri": "s3://no-such-bucket/checkpoints", "LocalPath": "/opt/ml/own"}
    trainings.begin("lost", script, CheckpointConfig=lost)
    trainings.saying("lost", "waiting")
    for name in ("running", "lost"):
        trainings.sagemaker.stop_training_job(TrainingJobName=name)
    assert trainings.ended("running")["TrainingJobStatus"] == "Stopped"
    job = trainings.ended("lost")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Checkpoint upload failed:")
