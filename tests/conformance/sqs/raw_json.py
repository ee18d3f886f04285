"""AWS JSON 1.0 to the letter."""

from harness.wire import JSON_TYPE
from sqs.raw import *


@case
def json_reply_headers(server, prefix):
    reply = server.json("CreateQueue", {"QueueName": prefix})
    same((reply.status, reply.headers["content-type"]), (200, JSON_TYPE))
    assert UUID.match(reply.headers["x-amzn-requestid"]) and "date" in reply.headers, reply.headers
    same(int(reply.headers["content-length"]), len(reply.body))
    assert "x-amzn-query-error" not in reply.headers


@case
def json_leaves_out_what_is_empty(server, prefix):
    url = create(server, prefix)
    for operation, given in (("ReceiveMessage", {}), ("ListQueueTags", {}), ("GetQueueAttributes", {}),
                             ("ListDeadLetterSourceQueues", {}), ("PurgeQueue", {})):
        same(server.json(operation, {"QueueUrl": url, **given}).body or b"{}", b"{}", operation)
    same(server.json("ListQueues", {"QueueNamePrefix": prefix + "-none"}).body, b"{}")


@case
def json_errors_of_the_model(server, prefix):
    reply = server.json("GetQueueUrl", {"QueueName": prefix})
    same((reply.status, reply.headers["content-type"]), (400, JSON_TYPE))
    same(reply.headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender")
    same(reply.json(), {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": NOT_EXIST})
    assert UUID.match(reply.headers["x-amzn-requestid"])


@case
def json_errors_of_the_framework(server, prefix):
    reply = server.json("CreateQueue", {"QueueName": "no spaces"})
    same((reply.status, reply.headers["x-amzn-query-error"]), (400, "InvalidParameterValue;Sender"))
    same(reply.json()["__type"], "com.amazon.coral.service#InvalidParameterValueException")


@case
def json_without_a_known_target(server, prefix):
    for reply in (server.request("POST", "/", "{}", {"Content-Type": JSON_TYPE}), server.json("Nonsense", {}),
                  server.json("ListQueues", {}, target="Nonsense.")):
        refused(reply, 400, "UnknownOperationException")
        same(reply.headers["x-amzn-query-error"], "InvalidAction;Sender")
        same(reply.json()["__type"], "com.amazon.coral.service#UnknownOperationException")


@case
def json_is_told_by_type_or_target(server, prefix):
    for content_type in (JSON_TYPE, "APPLICATION/X-AMZ-JSON-1.0; charset=utf-8", "application/json", "text/plain"):
        reply = server.json("ListQueues", {"QueueNamePrefix": prefix}, headers={"Content-Type": content_type})
        same((reply.status, reply.headers["content-type"], reply.body), (200, JSON_TYPE, b"{}"), content_type)


@case
def json_on_the_queue_path(server, prefix):
    url = create(server, prefix)
    reply = server.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}, path=f"/{ACCOUNT}/{prefix}")
    same(reply.status, 200, repr(reply))
    same(len(receive(server, url)), 1)


@case
def json_members_null_and_unknown(server, prefix):
    reply = server.json("CreateQueue", {"QueueName": prefix, "Attributes": None, "Unknown": {"a": [1]}, "tags": None})
    url = reply.json()["QueueUrl"]
    same(server.json("SendMessage", {"QueueUrl": url, "MessageBody": "x", "DelaySeconds": None,
                                     "MessageAttributes": None}).status, 200)
    refused(server.json("SendMessage", {"QueueUrl": url, "MessageBody": None}), 400, "MissingRequiredParameterException",
            "The request must contain the parameter MessageBody.")


@case
def json_of_the_wrong_type(server, prefix):
    url = create(server, prefix)
    for given in ({"QueueUrl": url, "MaxNumberOfMessages": "1"}, {"QueueUrl": url, "MaxNumberOfMessages": [1]}, {"QueueUrl": 1},
                  {"QueueUrl": url, "AttributeNames": "All"}, {"QueueUrl": url, "AttributeNames": [1]},
                  {"QueueUrl": url, "WaitTimeSeconds": True}):
        refused(server.json("ReceiveMessage", given), 400, "SerializationException")
    for body in ("", "[]", "1", "{", "{\"QueueUrl\":}", "null"):
        refused(server.json("ReceiveMessage", body), 400, "SerializationException")


@case
def json_unicode_escapes(server, prefix):
    url = create(server, prefix)
    body = r'{"QueueUrl":"%s","MessageBody":"\ud83d\udc1f\u00e9\r\n\"\/"}' % url
    same(server.json("SendMessage", body).status, 200)
    same(receive(server, url)[0]["Body"], "🐟é\r\n\"/")
