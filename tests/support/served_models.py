"""A bring-your-own image that echoes what it is asked, and endpoints that serve it."""

import io
import tarfile
from pathlib import Path
from typing import Any, Protocol

from tests.support.waiting import eventually


class Reachable(Protocol):
    """An account, in this process or in one of its own."""

    @property
    def home(self) -> Path: ...

    def client(self, service: str) -> Any: ...

    def advance(self, *, seconds: float) -> object: ...


IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/echo:1"
ROLE = "arn:aws:iam::123456789012:role/Practice"
BUCKET = "models"

SERVE = """#!/usr/bin/env python3
import http.server, json, os, pathlib, sys, time

if os.environ.get("STARTS") == "never":
    print("no model to load", flush=True)
    sys.exit(3)
print("serving", os.environ.get("NAME", "echo"), flush=True)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if body == b"die":
            os._exit(7)
        if self.headers["Content-Type"] == "text/status":
            return self.answer(int(body), b"broken")
        model = pathlib.Path("/opt/ml/model/model.txt")
        said = {
            "name": os.environ.get("NAME", "echo"),
            "body": body.decode(),
            "content_type": self.headers["Content-Type"],
            "accept": self.headers["Accept"],
            "custom": self.headers["X-Amzn-SageMaker-Custom-Attributes"],
            "inference_id": self.headers["X-Amzn-SageMaker-Inference-Id"],
            "model": model.read_text() if model.exists() else None,
        }
        self.answer(200, json.dumps(said).encode(), Content_Type="application/json",
                    X_Amzn_SageMaker_Custom_Attributes="from the container")

    def log_message(self, *arguments):
        print(*arguments, flush=True)

port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def register_image(account: Reachable) -> None:
    """Put the echoing image into the account."""
    folder = account.home / "images" / "echo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "serve").write_text(SERVE)
    (folder / "serve").chmod(0o755)


def put_model_data(account: Reachable, text: str, key: str = "model.tar.gz") -> str:
    """Upload a model archive that holds `model.txt`; returns its URI."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("model.txt")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    s3 = account.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})
    s3.put_object(Bucket=BUCKET, Key=key, Body=archive.getvalue())
    return f"s3://{BUCKET}/{key}"


def create_model(account: Reachable, name: str, **container: Any) -> str:
    """A model of the echoing image that says its name."""
    wish = {"Image": IMAGE, "Environment": {"NAME": name}, **container}
    made = account.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=wish)
    arn: str = made["ModelArn"]
    return arn


def create_config(account: Reachable, name: str, *models: str, **changes: Any) -> str:
    """A configuration with a variant for each model, named `v-<model>`."""
    variants = [
        {"VariantName": f"v-{m}", "ModelName": m, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, **changes}
        for m in models
    ]
    made = account.client("sagemaker").create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    arn: str = made["EndpointConfigArn"]
    return arn


def status(account: Reachable, name: str = "e") -> str:
    found: str = account.client("sagemaker").describe_endpoint(EndpointName=name)["EndpointStatus"]
    return found


def serving(account: Reachable, name: str = "e", model: str = "a", **changes: Any) -> str:
    """An endpoint in service with one variant of a new model; returns its ARN."""
    register_image(account)
    create_model(account, model)
    create_config(account, f"c-{model}", model, **changes)
    made = account.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=f"c-{model}")
    account.advance(seconds=11)
    eventually(lambda: status(account, name), until=lambda found: found == "InService")
    arn: str = made["EndpointArn"]
    return arn
