"""What the words must do. A case is a function that gets a Program and asserts."""

import json
import socket
import subprocess
import threading
import urllib.request
from pathlib import Path


def equal(got, wanted):
    assert got == wanted, f"{got!r}, not {wanted!r}"


def holds(text, part):
    assert part in text, f"no {part!r} in {text!r}"


def counts(program, queue):
    found = [row for row in json.loads(program.well("queues", "--json").out) if row["name"] == queue]
    assert found, f"no {queue} in the list"
    return found[0]["visible"], found[0]["in_flight"], found[0]["delayed"]


def sent_messages_are_listed_received_and_deleted(program):
    program.serve("--queues", "orders,others")
    program.well("send", "orders", "hello there", "--attribute", "kind:Number=7")
    program.well("send", "orders", stdin="from the input\n")
    equal(counts(program, "orders"), (2, 0, 0))
    table = program.well("queues").lines()
    equal(table[0].split(), ["QUEUE", "VISIBLE", "IN", "FLIGHT", "DELAYED", "DEAD", "LETTERS", "TO"])
    equal(table[1].split(), ["orders", "2", "0", "0"])
    equal(program.well("queues", "oth", "--names").out, "others\n")
    messages = json.loads(program.well("receive", "orders", "--count", "2", "--json").out)["Messages"]
    equal([one["Body"] for one in messages], ["hello there", "from the input\n"])
    equal(messages[0]["MessageAttributes"]["kind"], {"StringValue": "7", "DataType": "Number"})
    equal(counts(program, "orders"), (0, 2, 0))
    program.well("send", "orders", "third", "--delay", "900")
    equal(counts(program, "orders"), (0, 2, 1))


def lines_become_messages_in_batches(program):
    program.serve("--queues", "orders")
    wanted = "".join(f"line {number}\n" for number in range(1234))
    equal(program.well("send", "orders", "--lines", stdin=wanted + "\n").out, "1234 messages sent\n")
    got = program.well("receive", "orders", "--count", "2000", "--bodies", "--delete").out
    equal(got, wanted)
    equal(counts(program, "orders"), (0, 0, 0))
    equal(program.well("receive", "orders").out, "")
    equal(program.well("receive", "orders", "--json").out, '{"Messages":[]}\n')


def purge_asks_or_is_told(program):
    program.serve("--queues", "orders")
    program.well("send", "orders", "x")
    equal(program.run("purge", "orders").code, 2)
    equal(counts(program, "orders"), (1, 0, 0))
    program.well("purge", "orders", "--yes")
    equal(counts(program, "orders"), (0, 0, 0))


def stats_are_of_the_server_or_of_queues(program):
    program.serve("--queues", "orders")
    holds(program.well("stats").out, "uptime_seconds")
    assert json.loads(program.well("stats", "--json").out)["cores"] >= 1
    equal(json.loads(program.well("stats", "orders", "--json").out)[0]["VisibilityTimeout"], "30")


def failures_have_words_and_exit_codes(program):
    program.serve("--queues", "orders")
    for words, code, says in [
        (["send", "missing", "x"], 1, "there is no queue missing in us-east-1"),
        (["send", "orders", ""], 1, "(MissingParameter)"),
        (["send", "orders", "a", "b"], 2, "in quotes"),
        (["send", "orders", "x", "--attribute", "nothing"], 2, "NAME=VALUE"),
        (["receive", "orders", "--wait", "21"], 2, "from 0 to 20"),
        (["receive", "orders", "--colour"], 2, "there is no --colour"),
        (["receive"], 2, "name a queue"),
        (["peek", "orders", "--state", "blue"], 2, "visible, in-flight or delayed"),
        (["queues", "--endpoint", "localhost"], 2, "is not http://HOST:PORT"),
        (["queues", "--endpoint", "http://127.0.0.1:1"], 3, "cannot reach http://127.0.0.1:1"),
        (["redrive", "orders", "--rate", "501"], 2, "from 1 to 500"),
    ]:
        done = program.run(*words)
        equal((words, done.code), (words, code))
        holds(done.err, says)


def requests_are_signed_with_the_environment(program):
    program.serve("--access-keys", "KEY:secret", "--queues", "orders")
    refused = program.run("queues")
    equal(refused.code, 1)
    holds(refused.err, "AWS_ACCESS_KEY_ID")
    known = {"AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "secret"}
    equal(program.well("queues", "--names", variables=known).out, "orders\n")
    equal(program.run("queues", variables=dict(known, AWS_SECRET_ACCESS_KEY="other")).code, 1)


def tls_is_checked(program):
    server = program.serve("--tls-self-signed", "--queues", "orders")
    secure = server.endpoint.replace("http://", "https://")
    refused = program.run("queues", "--endpoint", secure)
    equal(refused.code, 3)
    holds(refused.err, "certificate")
    certificate = next(Path(server.data).glob("**/certificate.pem"))
    for host in ("127.0.0.1", "localhost"):
        endpoint = secure.replace("127.0.0.1", host)
        equal(program.well("queues", "--names", "--endpoint", endpoint, "--ca-bundle", str(certificate)).out, "orders\n")
    equal(program.run("queues", "--endpoint", secure, variables={"AWS_CA_BUNDLE": "/nowhere"}).code, 3)


def the_shell_completes(program):
    program.serve("--queues", "orders,others")
    script = program.file("completion.bash", program.well("completion", "bash").out)

    def completed(*words):
        inner = (f"sluice() {{ {program.binary} \"$@\"; }}; source {script}; COMP_WORDS=(sluice \"$@\"); COMP_CWORD=$#; "
                 "_sluice; printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", inner, "bash", *words], capture_output=True, text=True, check=True,
                              env={"SLUICE_ENDPOINT": program.servers[-1].endpoint, "PATH": "/usr/bin:/bin"})
        equal(done.stderr, "")
        return done.stdout.split()

    equal(completed("pe"), ["peek"])
    equal(completed("peek", "o"), ["orders", "others"])
    equal(completed("peek", "--st"), ["--state"])
    equal(completed("peek", "--state", "v"), ["visible"])
    equal(completed("--durability", "m"), ["memory"])
    equal(completed("completion", "z"), ["zsh"])
    for shell in ("zsh", "fish"):
        holds(program.well("completion", shell).out, "sluice queues --names")
    equal(program.run("completion", "tcsh").code, 2)
    holds(program.well("manual").out, ".SS receive QUEUE")


def declared_queues_are_there_and_stay_as_they_are(program):
    config = program.file("sluice.toml", """
queues = ["plain"]
[[queue]]
name = "orders"
attributes = { VisibilityTimeout = 60, Policy = "" }
dead_letter_queue = "orders-dead"
receives_max = 3
tags = { team = "shop" }
[[queue]]
name = "orders-dead"
""")
    data = str(program.folder / "data")
    for _ in range(2):
        program.serve("--config", config, "--data", data)
        equal(program.well("queues", "--names").lines(), ["orders", "orders-dead", "plain"])
        about = json.loads(program.well("stats", "orders", "--json").out)[0]
        equal((about["VisibilityTimeout"], json.loads(about["RedrivePolicy"])["maxReceiveCount"]), ("60", 3))
        program.well("send", "orders", "x")
        program.servers[-1].stop()
    assert "is made" not in program.log(), "the second start makes nothing"
    bad = program.file("bad.toml", '[[queue]]\nname = "orders"\nattributes = { VisibilityTimeout = 600000 }\n')
    done = program.run("--config", bad, "--data", str(program.folder / "bad"), "--listen", ":0")
    equal(done.code, 2)
    holds(done.err, "bad.toml, line 1: queue orders: Invalid value for the parameter VisibilityTimeout.")


def missing_queues_are_made_when_told_so(program):
    program.serve("--sqs-auto-create")
    program.well("send", "orders", "x")
    equal(program.well("receive", "orders", "--bodies").out, "x\n")
    equal(program.well("receive", "others").out, "")
    program.well("send", "steps.fifo", "x", "--group", "a", "--deduplication-id", "1")
    equal(json.loads(program.well("stats", "steps.fifo", "--json").out)[0]["FifoQueue"], "true")
    equal(program.well("queues", "--names").lines(), ["orders", "others", "steps.fifo"])


def only_who_may_make_queues_makes_missing_ones(program):
    program.serve("--sqs-auto-create", "--config", program.file("users.toml", """
[[user]]
name = "ann"
access_keys = ["ANN:secret"]
[[user]]
name = "bob"
access_keys = ["BOB:secret"]
policies = ['{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sqs:SendMessage","sqs:ListQueues"],"Resource":"*"}}']
"""))
    server = program.servers[-1]
    bob = {"AWS_ACCESS_KEY_ID": "BOB", "AWS_SECRET_ACCESS_KEY": "secret"}
    ann = dict(bob, AWS_ACCESS_KEY_ID="ANN")
    url = f"{server.endpoint}/000000000000/orders"
    equal(program.run("send", url, "x", variables=bob).code, 1)
    equal(program.well("queues", "--names", variables=ann).out, "")
    program.well("send", url, "x", variables=ann)
    program.well("send", url, "x", variables=bob)
    equal(program.well("queues", variables=bob).lines()[1].split(), ["orders", "?", "?", "?"])
    equal(json.loads(program.well("queues", "--json", variables=bob).out)[0]["visible"], None)


def replies_of_any_http_are_read_or_refused(program):
    """The client against a server that says what it is told to."""
    queues = b'{"QueueUrls":["http://x/000000000000/orders"]}'
    well = [
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(queues) + queues,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n5;x=y\r\n" + queues[:5] + b"\r\n%x\r\n" % len(queues[5:])
        + queues[5:] + b"\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n" + queues,
    ]
    broken = [
        (3, b""), (3, b"garbage\r\n\r\n"), (3, b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + queues),
        (3, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), (3, b"HTTP/1.1 "),
        (3, b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        (1, b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>"),
        (1, b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"),
    ]
    for code, reply in [(0, one) for one in well] + broken:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def answer():
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(reply)
            thread = threading.Thread(target=answer)
            thread.start()
            done = program.run("queues", "--names", "--endpoint", f"http://127.0.0.1:{listener.getsockname()[1]}")
            thread.join()
            equal((reply, done.code), (reply, code))
            equal(done.out, "orders\n" if code == 0 else "")


def health_is_asked(program):
    server = program.serve()
    program.well("health", server.endpoint)
    equal(program.run("health", "http://127.0.0.1:1").code, 1)
    equal(program.run("health", "nothing").code, 2)


def it_listens_on_several_ports(program):
    server = program.serve("--listen", "127.0.0.1:0,127.0.0.1:0,:0")
    equal(len(server.endpoints), 3)
    for endpoint in server.endpoints:
        program.well("queues", "--endpoint", endpoint)


def peek_shows_and_leaves_everything_as_it_is(program):
    program.serve("--queues", "orders")
    for body in ("first", "second"):
        program.well("send", "orders", body)
    program.well("send", "orders", "later", "--delay", "900")
    program.well("receive", "orders")
    for _ in range(2):
        seen = json.loads(program.well("peek", "orders", "--json").out)
        equal([(one["state"], one["body"]) for one in seen],
              [("visible", "second"), ("in_flight", "first"), ("delayed", "later")])
    equal(json.loads(program.well("peek", "orders", "--json", "--state", "in-flight").out)[0]["receive_count"], 1)
    equal(len(program.well("peek", "orders", "--limit", "1").lines()), 2)
    equal(counts(program, "orders"), (1, 1, 1))
    program.well("send", "orders", "--lines", stdin="".join(f"line {number}\n" for number in range(250)))
    equal(len(json.loads(program.well("peek", "orders", "--json", "--state", "visible", "--limit", "1000").out)), 251)


def dead_letters_are_moved_back(program):
    program.serve("--config", program.file("sluice.toml", """
[[queue]]
name = "orders"
dead_letter_queue = "orders-dead"
receives_max = 1
[[queue]]
name = "orders-dead"
"""))
    program.well("send", "orders", "--lines", stdin="a\nb\nc\n")
    for _ in range(2):
        program.well("receive", "orders", "--count", "10", "--visibility", "0")
    equal(counts(program, "orders-dead"), (3, 0, 0))
    holds(program.well("redrive", "orders-dead", "--wait").out, "COMPLETED")
    equal((counts(program, "orders-dead"), counts(program, "orders")), ((0, 0, 0), (3, 0, 0)))
    tasks = json.loads(program.well("redrive", "orders-dead", "--status", "--json").out)["Results"]
    equal((tasks[0]["Status"], tasks[0]["ApproximateNumberOfMessagesMoved"]), ("COMPLETED", 3))
    equal(program.run("redrive", "orders-dead", "--cancel").code, 1)
    equal(program.run("redrive", "orders").code, 1)  # nobody's dead-letter queue


def get(program, target, accept="*/*"):
    request = urllib.request.Request(program.servers[-1].endpoint + target, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return reply.read().decode()


def pages_of_localstack_answer(program):
    server = program.serve("--queues", "orders,empty")
    equal(json.loads(get(program, "/_localstack/health"))["services"]["sqs"], "running")
    equal(json.loads(get(program, "/_localstack/init"))["completed"]["READY"], True)
    equal(json.loads(get(program, "/_localstack/init/ready")), {"completed": True, "scripts": []})

    def result(query):
        page = json.loads(get(program, "/_aws/sqs/messages" + query, "application/json"))
        return page["ReceiveMessageResponse"]["ReceiveMessageResult"]

    equal(result("/us-east-1/000000000000/empty"), None)
    program.well("send", "orders", "one", "--attribute", "kind=good")
    url = f"?QueueUrl={server.endpoint}/000000000000/orders"
    only = result(url)["Message"]
    equal((only["Body"], only["MessageAttribute"][0]["Name"]), ("one", "kind"))
    holds(str(only["Attribute"]), "ApproximateReceiveCount")
    holds(get(program, "/_aws/sqs/messages" + url), "<Body>one</Body>")
    program.well("receive", "orders")
    program.well("send", "orders", "two", "--delay", "900")
    equal(result(url), None)
    both = result(url + "&ShowInvisible=true&ShowDelayed=true")["Message"]
    equal([one["Body"] for one in both], ["one", "two"])
    # As an SDK asks whose endpoint is this page.
    sdk = urllib.request.Request(
        server.endpoint + "/_aws/sqs/messages?ShowInvisible=true", method="POST",
        data=json.dumps({"QueueUrl": f"{server.endpoint}/000000000000/orders"}).encode(),
        headers={"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.ReceiveMessage"})
    with urllib.request.urlopen(sdk, timeout=30) as reply:
        equal([one["Body"] for one in json.load(reply)["Messages"]], ["one"])


ELASTICMQ = """
include classpath("application.conf")
node-address { protocol = http, host = "*", port = 9324, context-path = "" }
rest-sqs { enabled = true, bind-port = 0, bind-hostname = "127.0.0.1", sqs-limits = strict }
aws { region = eu-west-1, accountId = 123456789012 }
queues {
  orders { defaultVisibilityTimeout = 10 seconds, deadLettersQueue { name = "orders-dead", maxReceiveCount = 3 } }
  orders-dead { tags { team = "shop" } }
  steps { fifo = true, contentBasedDeduplication = true }
}
"""

GOAWS = """
Local:
  Host: localhost
  Port: 0
  Region: us-east-1
  AccountId: "100010001000"
  QueueAttributeDefaults:
    VisibilityTimeout: 10
  Queues:
    - Name: orders
      RedrivePolicy: '{"maxReceiveCount": 3, "deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dead"}'
    - Name: orders-dead
    - Name: steps.fifo
"""


def plays_the_other_server(program, file, account, region):
    """Started from the other's file: its queues, whatever region the client signs for, on its URLs."""
    program.serve("--listen", "127.0.0.1:0", "--config", file)
    for signed_for in ("us-east-1", "elasticmq"):
        about = json.loads(program.well("stats", "orders", "--json", "--region", signed_for).out)[0]
        equal(about["VisibilityTimeout"], "10")
        equal(about["QueueArn"], f"arn:aws:sqs:{region}:{account}:orders")
        equal(json.loads(about["RedrivePolicy"])["maxReceiveCount"], 3)
    program.well("send", "orders", "x")
    endpoint = program.servers[-1].endpoint
    for url in (f"{endpoint}/{account}/orders", f"{endpoint}/queue/orders", f"http://us-east-1.goaws:4100/{account}/orders"):
        equal(json.loads(program.well("stats", url, "--json").out)[0]["ApproximateNumberOfMessages"], "1")
    equal(program.well("queues", "--names").lines(), ["orders", "orders-dead", "steps.fifo"])
    program.well("send", "steps.fifo", "x", "--group", "a", "--deduplication-id", "1")
    equal(program.well("receive", "steps.fifo", "--bodies").out, "x\n")


def an_elasticmq_file_is_read_directly(program):
    plays_the_other_server(program, program.file("elasticmq.conf", ELASTICMQ), "123456789012", "eu-west-1")
    holds(program.log(), "kept in memory only")


def a_goaws_file_is_read_directly(program):
    plays_the_other_server(program, program.file("goaws.yaml", GOAWS), "100010001000", "us-east-1")


def a_file_is_imported_into_our_own(program):
    for name, text, account, region in (("elasticmq.conf", ELASTICMQ, "123456789012", "eu-west-1"),
                                        ("goaws.yaml", GOAWS, "100010001000", "us-east-1")):
        ours = program.well("import", program.file(name, text)).out
        holds(ours, "[[queue]]")
        plays_the_other_server(program, program.file(name + ".toml", ours), account, region)
    equal(program.run("import", program.file("ours.toml", "strict = true\n")).code, 2)
    bad = program.run("import", program.file("bad.conf", "a = ${b}\n"))
    equal(bad.code, 2)
    holds(bad.err, "bad.conf, line 1: ${b}: there is nothing of that name here")


def variables_of_localstack_are_taken(program):
    program.serve("--queues", "orders",
                  variables={"LOCALSTACK_HOST": "aws.test", "SQS_ENDPOINT_STRATEGY": "standard", "PERSISTENCE": "0"})
    url = json.loads(program.well("queues", "--json").out)[0]["url"]
    equal(url, "http://sqs.us-east-1.aws.test:4566/000000000000/orders")
    program.well("send", url, "x")  # the CLI asks the endpoint, with this as the queue's URL
    holds(program.log(), "PERSISTENCE is taken as durability = memory")


ALL = [value for value in list(globals().values()) if callable(value) and value.__module__ == __name__
       and value.__code__.co_varnames[:1] == ("program",) and value.__name__ not in ("counts", "get", "plays_the_other_server")]
