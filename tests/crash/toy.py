"""A toy of an SQS server with one log file, sound or with one planted defect: what shows that the harness can fail.

`toy.py DATA [DEFECT]`. Defects: lose (answers before writing, now and then), resurrect (forgets some deletes), double
(replays some sends twice), body (cuts some bodies at replay), count (forgets receive counts at replay), recount (counts
replayed receives twice), lease (gives out leased messages now and then).
"""

import hashlib
import json
import pathlib
import random
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

defect = sys.argv[2] if len(sys.argv) > 2 else ""
path = pathlib.Path(sys.argv[1]) / "log"
lock = threading.Lock()
queues, state = {}, {}  # name -> attributes; message id -> message
dice = random.Random(defect)


def planted(what, share=0.05):
    return defect == what and dice.random() < share


def apply(fact, replaying=False):
    kind, value = fact
    if kind == "queue":
        queues[value["name"]] = value
    elif kind == "send":
        copies = 2 if replaying and planted("double") else 1
        for _ in range(copies):
            message = dict(value)
            message["id"] = value["id"] if copies == 1 else str(uuid.uuid4())
            if replaying and planted("body"):
                message["body"] = message["body"][:-3]
            state[message["id"]] = message
    elif kind == "receive" and value["id"] in state:
        message = state[value["id"]]
        if not (replaying and defect == "count"):
            message["count"] += 2 if replaying and defect == "recount" else 1
        message["until"], message["handle"] = value["until"], value["handle"]
    elif kind == "hide" and value["id"] in state:
        state[value["id"]]["until"] = value["until"]
    elif kind == "move" and value["id"] in state:
        state[value["id"]]["queue"] = value["queue"]
    elif kind == "delete":
        state.pop(value["id"], None)


def commit(log, *facts):
    for fact in facts:
        apply(fact)
        if (fact[0] == "send" and planted("lose", 0.02)) or (fact[0] == "delete" and planted("resurrect", 0.02)):
            continue
        log.write(json.dumps(fact) + "\n")
    log.flush()


def send(queue, entry):
    delay = int(entry.get("DelaySeconds", 0))
    now = time.time()
    return "send", {"id": str(uuid.uuid4()), "queue": queue, "body": entry["MessageBody"], "count": 0, "handle": "",
                    "attributes": entry.get("MessageAttributes") or {}, "until": now + delay, "sent": int(now * 1000)}


def receive(log, queue, members):
    taken, now = [], time.time()
    for message in list(state.values()):
        if message["queue"] != queue or len(taken) == members.get("MaxNumberOfMessages", 1):
            continue
        if message["until"] > now and not planted("lease", 0.01):
            continue
        policy = json.loads(queues[queue]["attributes"].get("RedrivePolicy", "null"))
        if policy and message["count"] >= policy["maxReceiveCount"]:
            commit(log, ("move", {"id": message["id"], "queue": policy["deadLetterTargetArn"].split(":")[-1]}))
            continue
        until = now + members.get("VisibilityTimeout", 30)
        commit(log, ("receive", {"id": message["id"], "until": until, "handle": f"{message['id']}.{uuid.uuid4()}"}))
        taken.append({"MessageId": message["id"], "ReceiptHandle": message["handle"], "Body": message["body"],
                      "MD5OfBody": hashlib.md5(message["body"].encode()).hexdigest(),
                      "Attributes": {"ApproximateReceiveCount": str(message["count"]),
                                     "SentTimestamp": str(message["sent"])}}
                     | ({"MessageAttributes": message["attributes"]} if message["attributes"] else {}))
    return {"Messages": taken} if taken else {}


def counts(queue):
    mine = [m for m in state.values() if m["queue"] == queue]
    return {"QueueArn": f"arn:aws:sqs:us-east-1:000000000000:{queue}", "ApproximateNumberOfMessages": str(len(mine))}


def handle_delete(log, handle):
    message = state.get(handle.split(".")[0])
    if message and message["handle"] == handle:
        commit(log, ("delete", {"id": message["id"]}))


def serve(log, operation, members):
    queue = members.get("QueueUrl", "").split("/")[-1]
    if operation == "CreateQueue":
        commit(log, ("queue", {"name": members["QueueName"], "attributes": members.get("Attributes", {})}))
        return {"QueueUrl": "http://toy/" + members["QueueName"]}
    if operation == "GetQueueAttributes":
        return {"Attributes": counts(queue)}
    if operation == "SendMessage":
        fact = send(queue, members)
        commit(log, fact)
        return {"MessageId": fact[1]["id"]}
    if operation == "SendMessageBatch":
        facts = [send(queue, e) for e in members["Entries"]]
        commit(log, *facts)
        return {"Successful": [{"Id": e["Id"], "MessageId": f[1]["id"]} for e, f in zip(members["Entries"], facts)]}
    if operation == "ReceiveMessage":
        return receive(log, queue, members)
    if operation == "ChangeMessageVisibility":
        message_id = members["ReceiptHandle"].split(".")[0]
        commit(log, ("hide", {"id": message_id, "until": time.time() + members["VisibilityTimeout"]}))
        return {}
    handles = [e["ReceiptHandle"] for e in members.get("Entries", [members])]
    for handle in handles:
        handle_delete(log, handle)
    return {"Successful": [{"Id": e["Id"]} for e in members.get("Entries", [])]}


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_POST(self):  # noqa: N802 - the library's name
        members = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with lock:
            reply = json.dumps(serve(log, self.headers["X-Amz-Target"].split(".")[1], members)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    path.parent.mkdir(exist_ok=True)
    if path.exists():
        for line in path.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                apply(json.loads(line), replaying=True)
    log = open(path, "a")  # a killed process loses only what was not flushed
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
