"""The words that raw cases are written in: what no SDK sends, by hand.

A case is a function that gets the server and a prefix for its queues; what it raises is its failure."""

import re

from sqs.words import ACCOUNT, REGION  # noqa: F401: for the cases

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
