"""What no SDK sends, by hand: the two protocols to the letter, HTTP as it comes, other services' unserved operations.

Run by the runner as a client of its own; a case is a function that gets the server and a prefix for its queues."""

import gzip
import json
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from harness.signing import Signer
from harness.wire import FORM_TYPE, JSON_TYPE, Wire, replies
from sqs.words import ACCOUNT, REGION

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


# ---- AWS JSON 1.0
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


# ---- Query
@case
def query_reply_form(server, prefix):
    reply = server.query("CreateQueue", {"QueueName": prefix, "Version": "2012-11-05"})
    same(reply.status, 200, repr(reply))
    assert reply.headers["content-type"].startswith("text/xml"), reply.headers
    assert f'<CreateQueueResponse xmlns="{XML_NAMESPACE}">'.encode() in reply.body, reply.body
    assert reply.xml("CreateQueueResult/QueueUrl").endswith(f"/{ACCOUNT}/{prefix}"), reply.body
    same(reply.xml("ResponseMetadata/RequestId"), reply.headers["x-amzn-requestid"])
    url = reply.xml("CreateQueueResult/QueueUrl")
    assert b"<ReceiveMessageResult/>" in server.query("ReceiveMessage", {"QueueUrl": url}).body
    assert b"Result" not in server.query("PurgeQueue", {"QueueUrl": url}).body


@case
def query_error_form(server, prefix):
    reply = server.query("GetQueueUrl", {"QueueName": prefix})
    refused(reply, 400, "AWS.SimpleQueueService.NonExistentQueue", NOT_EXIST_QUERY)
    assert f'<ErrorResponse xmlns="{XML_NAMESPACE}">'.encode() in reply.body, reply.body
    same((reply.xml("Error/Type"), reply.xml("Error/Detail"), reply.xml("RequestId")),
         ("Sender", "", reply.headers["x-amzn-requestid"]))


@case
def query_by_get(server, prefix):
    url = create(server, prefix)
    reply = server.query("SendMessage", {"QueueUrl": url, "MessageBody": "by get & more"}, method="GET")
    same((reply.status, bool(reply.xml("SendMessageResult/MD5OfMessageBody"))), (200, True), repr(reply))
    same(receive(server, url)[0]["Body"], "by get & more")
    same(server.query("DeleteQueue", path=f"/{ACCOUNT}/{prefix}", method="GET").status, 200)
    refused(server.json("GetQueueUrl", {"QueueName": prefix}), 400, "QueueDoesNotExist")


@case
def query_parameters_of_body_and_url_together(server, prefix):
    url = create(server, prefix)
    reply = server.request("POST", "/?Action=SendMessage&MessageBody=joined", "QueueUrl=" + url, {"Content-Type": FORM_TYPE})
    same(reply.status, 200, repr(reply))
    same(receive(server, url)[0]["Body"], "joined")


@case
def query_of_every_version(server, prefix):
    for version in ("2012-11-05", "2011-10-01", "2009-02-01", "2008-01-01"):
        same(server.query("ListQueues", {"QueueNamePrefix": prefix, "Version": version}).status, 200, version)
    same(server.query("ListQueues", {"QueueNamePrefix": prefix}).status, 200)


@case
def query_on_the_queue_path(server, prefix):
    path = f"/{ACCOUNT}/{prefix}"
    url, other = create(server, prefix), create(server, prefix + "-other")
    same(server.query("SendMessage", {"MessageBody": "by path"}, path=path).status, 200)
    same(server.query("SendMessage", {"MessageBody": "by parameter", "QueueUrl": other}, path=path).status, 200)
    same([receive(server, one)[0]["Body"] for one in (url, other)], ["by path", "by parameter"])
    same(server.query("GetQueueUrl", {"QueueName": prefix + "-other"}, path=path).xml("GetQueueUrlResult/QueueUrl"), other)


@case
def query_actions_not_for_the_queue_path(server, prefix):
    create(server, prefix)
    for action in ("CreateQueue", "ListQueues", "Nonsense"):
        reply = server.query(action, {"QueueName": prefix}, path=f"/{ACCOUNT}/{prefix}")
        refused(reply, 400, "InvalidAction", f"The action {action} is not valid for this endpoint.")
    refused(server.query("Nonsense"), 400, "InvalidAction")


@case
def get_of_a_queue_url(server, prefix):
    create(server, prefix)
    for headers in ({}, {"Accept": "application/json"}):
        reply = server.request("GET", f"/{ACCOUNT}/{prefix}", headers=headers)
        assert reply.status == 404 and b"<UnknownOperationException" in reply.body, repr(reply)


@case
def query_lists_with_gaps(server, prefix):
    reply = server.query("CreateQueue", {
        "QueueName": prefix, "Attribute.7.Name": "VisibilityTimeout", "Attribute.7.Value": "7", "Attribute.0.Name": "DelaySeconds",
        "Attribute.0.Value": "9", "Tag.3.Key": "a", "Tag.3.Value": "b"})
    url = reply.xml("CreateQueueResult/QueueUrl")
    told = server.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["All"]}).json()["Attributes"]
    same((told["VisibilityTimeout"], told["DelaySeconds"]), ("7", "9"))
    same(server.json("ListQueueTags", {"QueueUrl": url}).json(), {"Tags": {"a": "b"}})
    same(server.query("SetQueueAttributes", {"QueueUrl": url, "Attribute.Name": "DelaySeconds", "Attribute.Value": "3"}).status, 200)
    told = server.query("GetQueueAttributes", {"QueueUrl": url, "AttributeName.1": "DelaySeconds"})
    same((told.xml("GetQueueAttributesResult/Attribute/Name"), told.xml("GetQueueAttributesResult/Attribute/Value")),
         ("DelaySeconds", "3"))


@case
def query_batches_and_attributes(server, prefix):
    url = create(server, prefix)
    entry = "SendMessageBatchRequestEntry.{}."
    reply = server.query("SendMessageBatch", {
        "QueueUrl": url, entry.format(1) + "Id": "a", entry.format(1) + "MessageBody": "A",
        entry.format(1) + "MessageAttribute.1.Name": "colour", entry.format(1) + "MessageAttribute.1.Value.DataType": "String",
        entry.format(1) + "MessageAttribute.1.Value.StringValue": "green",
        entry.format(2) + "Id": "b", entry.format(2) + "MessageBody": "B", entry.format(2) + "DelaySeconds": "901"})
    result = "SendMessageBatchResult/"
    same((reply.xml(result + "SendMessageBatchResultEntry/Id"), reply.xml(result + "SendMessageBatchResultEntry/MD5OfMessageAttributes"),
          reply.xml(result + "BatchResultErrorEntry/Id"), reply.xml(result + "BatchResultErrorEntry/Code"),
          reply.xml(result + "BatchResultErrorEntry/SenderFault")),
         ("a", "b1a0d8ab288d3ff672f5495d1ed5046c", "b", "InvalidParameterValue", "true"))
    told = server.query("ReceiveMessage", {"QueueUrl": url, "MessageAttributeName.1": "All", "AttributeName.1": "SenderId"})
    message = "ReceiveMessageResult/Message/"
    same((told.xml(message + "Body"), told.xml(message + "MessageAttribute/Name"), told.xml(message + "Attribute/Name"),
          told.xml(message + "MessageAttribute/Value/StringValue")), ("A", "colour", "SenderId", "green"))


@case
def query_escapes_carriage_returns(server, prefix):
    url = create(server, prefix)
    send(server, url, "a\r\nb\"<&>")
    reply = server.query("ReceiveMessage", {"QueueUrl": url})
    assert b"a&#xD;\nb" in reply.body, reply.body
    same(reply.xml("ReceiveMessageResult/Message/Body"), "a\r\nb\"<&>")


@case
def query_answers_json_when_asked(server, prefix):
    url = create(server, prefix)
    send(server, url)
    accept = {"Accept": "application/json"}
    told = server.query("ReceiveMessage", {"QueueUrl": url}, headers=accept).json()["ReceiveMessageResponse"]
    same(told["ReceiveMessageResult"]["messages"][0]["Body"], "x")
    assert UUID.match(told["ResponseMetadata"]["RequestId"]), told
    reply = server.query("GetQueueUrl", {"QueueName": prefix + "-none"}, headers=accept)
    same((reply.status, reply.json()["Error"]["Code"], reply.json()["Error"]["Message"]),
         (400, "AWS.SimpleQueueService.NonExistentQueue", NOT_EXIST_QUERY))
    assert UUID.match(reply.json()["RequestId"]), reply


@case
def missing_members(server, prefix):
    url = create(server, prefix)
    for operation, given, name in (
            ("SendMessage", {}, "MessageBody"), ("DeleteMessage", {}, "ReceiptHandle"),
            ("ChangeMessageVisibility", {"VisibilityTimeout": 1}, "ReceiptHandle"), ("TagQueue", {}, "Tags")):
        text = f"The request must contain the parameter {name}."
        refused(server.json(operation, {"QueueUrl": url, **given}), 400, "MissingRequiredParameterException", text)
        refused(server.query(operation, {"QueueUrl": url, **given}), 400, "MissingParameter", text)
    send(server, url)
    handle = receive(server, url)[0]["ReceiptHandle"]
    refused(server.json("ChangeMessageVisibility", {"QueueUrl": url, "ReceiptHandle": handle}), 400,
            "MissingRequiredParameterException", "The request must contain the parameter VisibilityTimeout.")
    for operation in ("GetQueueUrl", "CreateQueue"):
        same(server.json(operation, {}).status, 400)
    refused(server.json("GetQueueUrl", {}), 400, "InvalidParameterValueException")
    refused(server.json("ReceiveMessage", {}), 400, "QueueDoesNotExist", NOT_EXIST)
    refused(server.query("ReceiveMessage", {}), 400, "AWS.SimpleQueueService.NonExistentQueue", NOT_EXIST_QUERY)


# ---- HTTP
@case
def gzip_body(server, prefix):
    url = create(server, prefix)
    body = gzip.compress(json.dumps({"QueueUrl": url, "MessageBody": "z" * 100000}).encode())
    reply = server.json("SendMessage", body, headers={"Content-Encoding": "gzip"})
    same(reply.status, 200, repr(reply))
    same(receive(server, url)[0]["Body"], "z" * 100000)


def head(server, operation, *more):
    return "\r\n".join([f"POST / HTTP/1.1\r\nHost: {server.authority()}\r\nContent-Type: {JSON_TYPE}",
                        f"X-Amz-Target: AmazonSQS.{operation}", *more, "", ""]).encode()


@case
def chunked_body(server, prefix):
    chunks = b"".join(b"%x;extension=1\r\n%b\r\n" % (len(part), part) for part in (b'{"QueueNa', b'me":"', prefix.encode(), b'"}'))
    told = server.talk(head(server, "CreateQueue", "Transfer-Encoding: chunked", "Connection: close"), chunks,
                       b"0\r\nTrailer: x\r\n\r\n", pause=0.1)
    [reply] = replies(told)
    same((reply.status, reply.json()["QueueUrl"].rpartition("/")[2]), (200, prefix))


@case
def expect_continue(server, prefix):
    body = json.dumps({"QueueName": prefix}).encode()
    with server.connect() as connection:
        connection.sendall(head(server, "CreateQueue", "Expect: 100-continue", f"Content-Length: {len(body)}", "Connection: close"))
        same(connection.recv(4096).split(b"\r\n")[0], b"HTTP/1.1 100 Continue")
        connection.sendall(body)
        told = connection.recv(4096)
        assert told.startswith(b"HTTP/1.1 200"), told


@case
def pipelined_requests(server, prefix):
    names = [f"{prefix}-{n}" for n in range(20)]
    bodies = [json.dumps({"QueueName": name}).encode() for name in names]
    last = len(bodies) - 1
    stream = b"".join(head(server, "CreateQueue", f"Content-Length: {len(body)}", *(["Connection: close"] if n == last else []))
                      + body for n, body in enumerate(bodies))
    told = replies(server.talk(stream))
    same([(reply.status, reply.json()["QueueUrl"].rpartition("/")[2]) for reply in told], [(200, name) for name in names])


@case
def one_connection_many_requests(server, prefix):
    with server.connect() as connection:
        for _ in range(50):
            connection.sendall(head(server, "ListQueues", "Content-Length: 2") + b"{}")
            assert connection.recv(1 << 20).startswith(b"HTTP/1.1 200")


@case
def bytes_that_come_one_by_one(server, prefix):
    stream = head(server, "ListQueues", "Content-Length: 2", "Connection: close") + b"{}"
    [reply] = replies(server.talk(*[stream[n:n + 1] for n in range(len(stream))], pause=0.002))
    same(reply.status, 200)


@case
def large_request(server, prefix):
    url = create(server, prefix)
    entry = "SendMessageBatchRequestEntry.{}."
    bodies = {entry.format(n) + "MessageBody": "\u00e9" * 52000 for n in range(1, 11)}
    ids = {entry.format(n) + "Id": str(n) for n in range(1, 11)}
    reply = server.query("SendMessageBatch", {"QueueUrl": url, **ids, **bodies})  # 3.1 MB, percent-encoded
    same((reply.status, reply.body.count(b"<SendMessageBatchResultEntry>")), (200, 10), repr(reply))


@case
def trace_id_header(server, prefix):
    url, trace = create(server, prefix), "Root=1-00000001-000000000000000000000001;Sampled=1"
    reply = server.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}, headers={"X-Amzn-Trace-Id": trace})
    same((reply.status, "MD5OfMessageAttributes" in reply.json()), (200, False))
    same(receive(server, url)[0]["Attributes"]["AWSTraceHeader"], trace)
    refused(server.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}, headers={"X-Amzn-Trace-Id": "nonsense"}), 400,
            "InvalidParameterValueException", "The request has a 'X-Amzn-Trace-Id' HTTP header which is reserved for AWS X-Ray "
            "trace header and has an invalid value 'nonsense'")


# ---- who asks, and where
@case
def queue_urls_follow_the_host(server, prefix):
    reply = server.json("CreateQueue", {"QueueName": prefix}, headers={"Host": "my-machine:1234"})
    same(reply.json()["QueueUrl"], f"http://my-machine:1234/{ACCOUNT}/{prefix}")
    reply = server.json("GetQueueUrl", {"QueueName": prefix}, headers={"Host": f"sqs.{REGION}.my-domain:1234"})
    same(reply.json()["QueueUrl"], f"http://sqs.{REGION}.my-domain:1234/{ACCOUNT}/{prefix}")


@case
def accounts_and_regions_are_apart(server, prefix):
    urls = set()
    for account, region in (("111111111111", REGION), ("222222222222", REGION), ("111111111111", "eu-west-1")):
        own = Wire(f"http://{server.authority()}", Signer(account, "any", region))
        url = own.json("CreateQueue", {"QueueName": prefix, "Attributes": {"DelaySeconds": str(len(urls))}}).json()["QueueUrl"]
        told = own.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["QueueArn"]}).json()["Attributes"]
        same(told["QueueArn"], f"arn:aws:sqs:{region}:{account}:{prefix}")
        same(len(own.json("ListQueues", {"QueueNamePrefix": prefix}).json()["QueueUrls"]), 1)
        urls.add(told["QueueArn"])
    same(len(urls), 3)
    refused(server.json("GetQueueUrl", {"QueueName": prefix}), 400, "QueueDoesNotExist")


@case
def partitions_of_regions(server, prefix):
    for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")):
        own = Wire(f"http://{server.authority()}", Signer("any", "any", region))
        url = own.json("CreateQueue", {"QueueName": prefix}).json()["QueueUrl"]
        told = own.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["QueueArn"]}).json()["Attributes"]
        same(told["QueueArn"], f"arn:{partition}:sqs:{region}:{ACCOUNT}:{prefix}")


# ---- waiting
@case
def a_client_that_goes_away_takes_nothing(server, prefix):
    url = create(server, prefix)
    body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
    for _ in range(5):
        with server.connect() as connection:
            connection.sendall(head(server, "ReceiveMessage", f"Content-Length: {len(body)}") + body)
            time.sleep(0.2)
    time.sleep(0.5)
    send(server, url)
    same(receive(server, url, WaitTimeSeconds=5)[0]["Attributes"]["ApproximateReceiveCount"], "1")


@case
def deleting_a_queue_ends_its_waits(server, prefix):
    url, told = create(server, prefix), []

    def wait():
        started = time.monotonic()
        reply = server.json("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 20})
        told.append((time.monotonic() - started, reply))
    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(2)
    server.json("DeleteQueue", {"QueueUrl": url})
    waiting.join()
    [(took, reply)] = told
    assert took < 18 and (reply.body == b"{}" or reply.seen()[1] == "QueueDoesNotExist"), (took, reply)


@case
def many_waits_cost_nothing(server, prefix):
    url = create(server, prefix)
    body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
    waiting = [server.connect() for _ in range(300)]
    try:
        for connection in waiting:
            connection.sendall(head(server, "ReceiveMessage", f"Content-Length: {len(body)}") + body)
        time.sleep(1)
        send(server, url, "only one")
        deadline, got = time.monotonic() + 15, 0
        while not got and time.monotonic() < deadline:
            for connection in waiting:
                connection.setblocking(False)
                try:
                    got += b"only one" in connection.recv(65536)
                except BlockingIOError:
                    pass
        same(got, 1)
    finally:
        for connection in waiting:
            connection.close()


# ---- what is not served
@case
def unserved_operations_say_so(server, prefix):
    url = create(server, prefix)
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{prefix}"
    for operation, given in (("StartMessageMoveTask", {"SourceArn": arn}), ("ListMessageMoveTasks", {"SourceArn": arn}),
                             ("CancelMessageMoveTask", {"TaskHandle": "x"}), ("RemovePermission", {"QueueUrl": url, "Label": "x"}),
                             ("AddPermission", {"QueueUrl": url, "Label": "x", "AWSAccountIds": ["1" * 12], "Actions": ["*"]})):
        reply = server.json(operation, given)
        status, code, message = reply.seen()
        same((status, code), (501, "NotImplemented"), repr(reply))
        assert operation in message, message
        same(reply.headers["x-amzn-query-error"].partition(";")[0], "NotImplemented")


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


NAMES = list(CASES)


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that lines of several threads do not mix
    sys.stdout.flush()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        program = json.load(file)
    server, failures = Wire(program["endpoint"]), 0

    def run(one):
        try:
            CASES[one["name"]](server, one["variables"]["prefix"])
            say(f"ok {one['name']}")
            return 0
        except Exception as wrong:  # whatever went wrong is this case's failure, no other's
            why = f"{type(wrong).__name__}: {wrong}".replace("\n", " ")[:900]
            say(f"not ok {one['name']} - {why}")
            return 1

    with ThreadPoolExecutor(program["workers"]) as pool:
        failures = sum(pool.map(run, program["cases"]))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
