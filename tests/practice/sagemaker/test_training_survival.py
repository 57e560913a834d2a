"""Training jobs of a real practice process: what a kill leaves, and what it does not."""

import pytest

from tests.practice.sagemaker.training_helpers import BUCKET, HELLO, WAIT, archive, request
from tests.support.practice_account import Account
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy


def test_a_kill_fails_what_ran_and_keeps_what_was_done(practice: Account) -> None:
    sagemaker, s3 = practice.client("sagemaker"), practice.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})
    script = HELLO + "open('/opt/ml/model/m.txt', 'w').write('m')\n"
    for name, text in (("done", script), ("cut", WAIT)):
        s3.put_object(Bucket=BUCKET, Key=f"source/{name}.tar.gz", Body=archive(train__py=text))
        sagemaker.create_training_job(**request(name))

    def status(name: str, what: str = "TrainingJobStatus") -> str:
        return str(practice.client("sagemaker").describe_training_job(TrainingJobName=name)[what])

    eventually(lambda: status("done") == "Completed" and status("cut", "SecondaryStatus") == "Training")
    practice.kill()
    practice.restart()
    assert status("cut") == "Failed"
    assert "went down while this training job ran" in status("cut", "FailureReason")
    assert status("done") == "Completed"
    done = practice.client("sagemaker").describe_training_job(TrainingJobName="done")
    key = done["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{BUCKET}/")
    assert practice.client("s3").head_object(Bucket=BUCKET, Key=key)["ContentLength"] > 0
    logs = practice.client("logs")
    said = logs.filter_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="done/")["events"]
    assert "hello from the script" in [event["message"] for event in said]
