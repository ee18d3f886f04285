"""Long polls of clients that behave in no usual way."""

import json
import threading
import time

from sqs.raw import *
from sqs.raw_http import head


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
