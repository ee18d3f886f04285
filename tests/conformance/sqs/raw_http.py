"""HTTP as it comes."""

import gzip
import json

from harness.wire import JSON_TYPE, replies
from sqs.raw import *


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
    entries = [{"Id": str(n), "MessageBody": "x"} for n in range(2)]
    reply = server.json("SendMessageBatch", {"QueueUrl": url, "Entries": entries}, headers={"X-Amzn-Trace-Id": trace})
    same(len(reply.json()["Successful"]), 2)
    same([one["Attributes"]["AWSTraceHeader"] for one in receive(server, url, MaxNumberOfMessages=10)], [trace, trace])
    own = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-00000002-000000000000000000000002"}}
    server.json("SendMessage", {"QueueUrl": url, "MessageBody": "x", "MessageSystemAttributes": own},
                headers={"X-Amzn-Trace-Id": trace})
    same(receive(server, url)[0]["Attributes"]["AWSTraceHeader"], own["AWSTraceHeader"]["StringValue"])
    refused(server.query("SendMessage", {"QueueUrl": url, "MessageBody": "x"}, headers={"X-Amzn-Trace-Id": "nonsense"}), 400,
            "InvalidParameterValue")
    refused(server.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}, headers={"X-Amzn-Trace-Id": "nonsense"}), 400,
            "InvalidParameterValueException", "The request has a 'X-Amzn-Trace-Id' HTTP header which is reserved for AWS X-Ray "
            "trace header and has an invalid value 'nonsense'")
