"""The words that raw cases are written in: what no SDK sends, by hand.

A case is a function that gets the server and a prefix for its queues; what it raises is its failure."""

import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

from harness.server import Server
from sqs.words import ACCOUNT, REGION  # noqa: F401: for the cases

ROOT = Path(__file__).resolve().parents[3]
CASES = {}
UUID = re.compile("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
XML_NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/"
NOT_EXIST = "The specified queue does not exist."
NOT_EXIST_QUERY = NOT_EXIST[:-1] + " for this wsdl version."


def case(function):
    CASES[function.__name__] = function
    return function


def same(actual, expected, what=""):
    assert actual == expected, f"{what} expected {expected!r}, got {actual!r}"


def refused(reply, status, code, message=None):
    """`code` as the reply's own protocol tells it: shape in JSON, query code in XML."""
    seen = reply.seen()
    same(seen[:2] if message is None else seen, (status, code) if message is None else (status, code, message), repr(reply))


def create(server, name, **attributes):
    reply = server.json("CreateQueue", {"QueueName": name, "Attributes": attributes})
    same(reply.status, 200, repr(reply))
    return reply.json()["QueueUrl"]


def send(server, url, body="x"):
    same(server.json("SendMessage", {"QueueUrl": url, "MessageBody": body}).status, 200)


def receive(server, url, **more):
    return server.json("ReceiveMessage", {"QueueUrl": url, "AttributeNames": ["All"], **more}).json().get("Messages", [])


# A member's name in Query where it is not its own: a list's element, a map's element with its key and value.
LISTS = {"AttributeNames": "AttributeName", "MessageSystemAttributeNames": "MessageSystemAttributeName",
         "MessageAttributeNames": "MessageAttributeName", "TagKeys": "TagKey", "AWSAccountIds": "AWSAccountId",
         "Actions": "ActionName", "StringListValues": "StringListValue"}
MAPS = {"Attributes": ("Attribute", "Name", "Value"), "MessageAttributes": ("MessageAttribute", "Name", "Value"),
        "MessageSystemAttributes": ("MessageSystemAttribute", "Name", "Value"), "Tags": ("Tag", "Key", "Value"),
        "tags": ("Tag", "Key", "Value")}


def form_of(operation, given, before=""):
    """An input as AWS JSON has it, in Query's flattened names."""
    fields = {}
    for name, value in given.items():
        if name in MAPS:
            element, key, inner = MAPS[name]
            for number, (one, text) in enumerate(value.items(), 1):
                fields[f"{before}{element}.{number}.{key}"] = one
                fields.update(form_of(operation, {inner: text}, f"{before}{element}.{number}."))
        elif isinstance(value, dict):
            fields.update(form_of(operation, value, f"{before}{name}."))
        elif isinstance(value, list):
            element = LISTS.get(name, f"{operation}RequestEntry")
            for number, one in enumerate(value, 1):
                whole = {f"{element}.{number}": one}
                fields.update(form_of(operation, whole, before))
        else:
            fields[before + name] = value
    return fields


@contextmanager
def own_server(*settings):
    """A server with settings of its own."""
    binary = os.environ.get("SLUICE_BINARY", str(ROOT / "build/sluice"))
    with tempfile.NamedTemporaryFile(prefix="sluice-conformance-log-") as log:
        server = Server(binary, log.name, settings)
        try:
            yield server
        finally:
            server.stop()
