"""What is not served says so, by its name."""

from sqs.raw import *


def unserved(reply, operation):
    same(reply.status, 501, repr(reply))
    assert "NotImplemented" in f"{reply.headers} {reply.body}" and operation.encode() in reply.body, repr(reply)


@case
def unserved_services_in_query(server, prefix):
    reply = server.query("Publish", {"Version": "2010-03-31", "TopicArn": "arn:aws:sns:us-east-1:000000000000:t", "Message": "m"})
    unserved(reply, "Publish")
    same(reply.seen()[1], "NotImplemented", repr(reply))


@case
def unserved_services_in_json(server, prefix):
    for target, operation in (("Kinesis_20131202.", "PutRecord"), ("Firehose_20150804.", "PutRecord"),
                              ("KinesisAnalytics_20180523.", "ListApplications"), ("KinesisAnalytics_20150814.", "ListApplications")):
        reply = server.json(operation, {}, target=target, headers={"Content-Type": "application/x-amz-json-1.1"})
        unserved(reply, operation)
        same((reply.seen()[1], reply.headers["content-type"]), ("NotImplemented", "application/x-amz-json-1.1"))


@case
def unserved_services_in_rest(server, prefix):
    for method, path, operation in (("GET", "/v1/brokers", "ListBrokers"), ("DELETE", "/v1/brokers/b-1", "DeleteBroker"),
                                    ("POST", "/createStream", "CreateStream"), ("POST", "/getMedia", "GetMedia")):
        unserved(server.request(method, path, headers={"Content-Type": "application/json"}), operation)
