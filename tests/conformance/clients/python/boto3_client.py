"""Plays the cases with boto3, whichever version this Python has: new ones speak AWS JSON, old ones Query."""

import base64
import sys

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError
from botocore import xform_name

from player import Refused, load, play


def to_boto3(value):
    if isinstance(value, dict):
        return base64.b64decode(value["$bytes"]) if "$bytes" in value else {k: to_boto3(v) for k, v in value.items()}
    return [to_boto3(item) for item in value] if isinstance(value, list) else value


def to_plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    return [to_plain(item) for item in value] if isinstance(value, list) else value


def main():
    program = load()
    client = boto3.client("sqs", endpoint_url=program["endpoint"], region_name=program["region"],
                          aws_access_key_id=program["access_key"], aws_secret_access_key=program["secret_key"],
                          config=Config(max_pool_connections=64, read_timeout=60, retries={"max_attempts": 2}))

    def class_of(expected):
        """Errors of the client's own model have a class each; all others are ClientErrors."""
        return expected["shape"] if hasattr(client.exceptions, expected["shape"]) else "ClientError"

    def call(operation, given):
        try:
            return to_plain(getattr(client, xform_name(operation))(**to_boto3(given)))
        except ClientError as error:
            told = error.response["Error"]
            raise Refused(told["Code"], told["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"],
                          type(error).__name__, class_of) from None

    failures = play(program, call, client.meta.service_model.protocol)
    sys.exit(1 if failures else 0)


main()
