"""Message move tasks: what moves, at which rate, how a task ends, what it says of itself."""

import base64
import json

from sqs.refusals import *
from sqs.words import *

# Debian's boto3 1.26 and the older command line do not know these operations.
OLD = ("boto3-query", "aws-cli-2")

NO_SOURCE = "The resource that you specified for the SourceArn parameter doesn't exist."
NO_DESTINATION = "The resource that you specified for the DestinationArn parameter doesn't exist."
FORMAT = "You must use this format to specify the {}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>"


def move_case(name, claim, *steps, **options):
    case(name, claim, *steps, not_for=OLD, **options)


def dead_letters(*bodies, q="q", dead="dead"):
    """A queue whose messages go to the other after one receive, and these messages, which have gone there."""
    return [create(dead, VisibilityTimeout=LONG), create(q, RedrivePolicy=redrive_to(dead, 1), VisibilityTimeout="0"),
            die(*bodies, q=q), counts(visible=len(bodies), q=dead)]


def die(*bodies, q="q"):
    return [[send(body, q=q, MessageAttributes={"k": text_attribute("v")}) for body in bodies],
            [receive(body, q=q) for body in bodies] if len(bodies) == 1 else receive(*bodies, q=q),
            receive(MaxNumberOfMessages=10, q=q)]


def start(source="dead", destination=None, rate=None, refused=None, save=None):
    return call("StartMessageMoveTask", {"SourceArn": arn(source), "DestinationArn": destination and arn(destination),
                                         "MaxNumberOfMessagesPerSecond": rate},
                None if refused else {"TaskHandle": PRESENT}, refused, save or (None if refused else {"task": "TaskHandle"}))


def tasks(*expected, source="dead", within=10, **more):
    return call("ListMessageMoveTasks", {"SourceArn": arn(source), **more}, {"Results": list(expected) or ABSENT}, within=within)


def task(status, moved, to_move, source="dead", destination=None, rate=None, reason=None):
    return {"Status": status, "SourceArn": arn(source), "DestinationArn": arn(destination) if destination else ABSENT,
            "MaxNumberOfMessagesPerSecond": rate or ABSENT, "ApproximateNumberOfMessagesMoved": moved,
            "ApproximateNumberOfMessagesToMove": to_move, "FailureReason": reason or ABSENT,
            "TaskHandle": PRESENT if status == "RUNNING" else ABSENT}


def cancel(handle="${task}", expect=None, refused=None):
    return call("CancelMessageMoveTask", {"TaskHandle": handle}, expect, refused)


def handle_of(task_id, source_arn):
    return base64.b64encode(json.dumps({"taskId": task_id, "sourceArn": source_arn}).encode()).decode()


move_case("move_to_a_destination", "every visible message goes there, new to it, and the task completes",
     dead_letters("one", "two"), create("there"),
     start(destination="there"),
     tasks(task("COMPLETED", 2, 2, destination="there")),
     counts(q="dead"), counts(visible=2, q="there"),
     receive(*[{"Body": body, "MessageAttributes": {"k": text_attribute("v")},
                "Attributes": {"ApproximateReceiveCount": "1", "DeadLetterQueueSourceArn": ABSENT}} for body in ("one", "two")],
             q="there", AttributeNames=["All"], MessageAttributeNames=["All"]))

move_case("move_back_to_the_sources", "without a destination each message goes back to where it came from",
     dead_letters("one"), create("other", RedrivePolicy=redrive_to("dead", 1), VisibilityTimeout="0"), die("two", q="other"),
     counts(visible=2, q="dead"), set_attributes(VisibilityTimeout=LONG), set_attributes(q="other", VisibilityTimeout=LONG),
     start(), tasks(task("COMPLETED", 2, 2)),
     receive({"Body": "one", "Attributes": {"ApproximateReceiveCount": "1"}}, AttributeNames=["All"]),
     receive("two", q="other"), counts(q="dead"))

move_case("move_gives_a_new_id", "a moved message is sent anew: another id, another sent time",
     create("dead"), create("q", RedrivePolicy=redrive_to("dead", 1), VisibilityTimeout="0"),
     send("x", save={"id": "MessageId"}),
     receive("x", AttributeNames=["All"], save={"sent": "Messages.0.Attributes.SentTimestamp"}), receive(),
     counts(visible=1, q="dead"), set_attributes(RedrivePolicy=redrive_to("dead", 5)), start(), tasks(task("COMPLETED", 1, 1)),
     receive({"Body": "x", "MessageId": is_not("${id}"), "Attributes": {"SentTimestamp": is_not("${sent}")}},
             AttributeNames=["All"]))

move_case("move_wakes_a_long_poll", "who waits at the destination gets it at once",
     dead_letters("x"), create("there"),
     together(receive("x", q="there", WaitTimeSeconds=20, took=(0.5, 19)), [sleep(2), start(destination="there")]))

move_case("move_at_a_rate", "a task moves no more a second than it was told, runs meanwhile and can be cancelled once",
     dead_letters("a", "b", "c", "d"), create("there"),
     start(destination="there", rate=1),
     tasks(task("RUNNING", between(1, 3), 4, destination="there", rate=1)),
     start(destination="there", refused=invalid(
         "There is already a task running. Only one active task is allowed for a source queue arn at a given time.")),
     cancel(expect={"ApproximateNumberOfMessagesMoved": between(1, 3)}),
     tasks(task("CANCELLED", between(1, 3), 4, destination="there", rate=1)),
     cancel(refused=invalid("Only active tasks can be cancelled.")),
     start(destination="there"), tasks(task("COMPLETED", between(1, 3), between(1, 3), destination="there"),
                                       task("CANCELLED", between(1, 3), 4, destination="there", rate=1), MaxResults=2),
     counts(visible=4, q="there"))

move_case("move_takes_its_time", "four messages at one a second take three seconds",
     dead_letters("a", "b", "c", "d"), create("there"), start(destination="there", rate=1), sleep(1.2),
     tasks(task("RUNNING", between(1, 3), 4, destination="there", rate=1), within=0),
     tasks(task("COMPLETED", 4, 4, destination="there", rate=1)))

move_case("move_leaves_what_is_in_flight", "only visible messages move; the task does not wait for the others",
     dead_letters("a"), take("a", q="dead"), create("there"), start(destination="there"),
     tasks(task("COMPLETED", 0, 0, destination="there")), counts(in_flight=1, q="dead"), delete(q="dead"))

move_case("move_takes_what_comes_back", "what was in flight moves when it becomes visible during the run",
     dead_letters("a", "b", "c"), create("there"),
     call("ReceiveMessage", {"QueueUrl": "${dead}", "VisibilityTimeout": 1}, {"Messages": length(1)}),
     start(destination="there", rate=1), tasks(task("COMPLETED", 3, 2, destination="there", rate=1)), counts(visible=3, q="there"))

move_case("move_to_a_queue_that_vanishes", "the task fails, and what has not moved is where it was",
     dead_letters("a", "b", "c"), create("there"),
     start(destination="there", rate=1), call("DeleteQueue", {"QueueUrl": "${there}"}),
     tasks(task("FAILED", between(0, 1), 3, destination="there", rate=1, reason="AWS.SimpleQueueService.NonExistentQueue")),
     cancel(refused=invalid("Only active tasks can be cancelled.")), create("there"),
     start(destination="there"), tasks(task("COMPLETED", between(2, 3), between(2, 3), destination="there")))

move_case("move_of_what_came_from_nowhere", "a message sent to the dead-letter queue itself has no source to go back to",
     dead_letters("a"), send("direct", q="dead"), start(),
     tasks(task("FAILED", 1, 2, reason="CouldNotDetermineMessageSource")), counts(visible=1, q="dead"))

move_case("move_refuses", "who is no dead-letter queue, what is not there, what is no ARN",
     create("plain"), start("plain", refused=invalid("Source queue must be configured as a Dead Letter Queue.")),
     dead_letters("x"),
     start("none", refused=refusal("ResourceNotFoundException", NO_SOURCE)),
     start(destination="none", refused=refusal("ResourceNotFoundException", NO_DESTINATION)),
     call("StartMessageMoveTask", {"SourceArn": "no arn"}, refused=invalid(FORMAT.format("SourceArn"))),
     call("StartMessageMoveTask", {"SourceArn": arn("dead"), "DestinationArn": "arn:aws:sqs"},
          refused=invalid(FORMAT.format("DestinationArn"))),
     start(rate=501, refused=invalid()), start(rate=-1, refused=invalid()),
     call("ListMessageMoveTasks", {"SourceArn": "no arn"}, refused=invalid(FORMAT.format("SourceArn"))),
     call("ListMessageMoveTasks", {"SourceArn": arn("none")}, refused=refusal("ResourceNotFoundException", NO_SOURCE)),
     call("ListMessageMoveTasks", {"SourceArn": arn("dead"), "MaxResults": 11}, refused=invalid()),
     tasks(), counts(visible=1, q="dead"))

move_case("cancel_refuses", "what is no handle, a queue that is not there, a task that never was",
     dead_letters("x"),
     cancel("foobared", refused=invalid("Value for parameter TaskHandle is invalid.")),
     cancel(base64.b64encode(b"{}").decode(), refused=invalid("Value for parameter TaskHandle is invalid.")),
     cancel(handle_of("10f57157-fc38-4da9-a113-4de7e12d05dd", f"arn:aws:sqs:{REGION}:{ACCOUNT}:not-there-123456"),
            refused=refusal("ResourceNotFoundException", NO_SOURCE)),
     start(), tasks(task("COMPLETED", 1, 1)),
     create("same", RedrivePolicy=redrive_to("dead", 1)))

move_case("move_of_a_fifo_queue", "groups move in their order, each message anew",
     create("fifo_dead", VisibilityTimeout=LONG), create("fifo_there", VisibilityTimeout=LONG),
     create("fifo", VisibilityTimeout="0", RedrivePolicy=redrive_to("fifo_dead", 1)),
     [send(body, q="fifo", MessageGroupId=body[0], MessageDeduplicationId=body) for body in ("a1", "a2", "b1")],
     receive("a1", "a2", "b1", q="fifo"), receive(q="fifo", MaxNumberOfMessages=10), counts(visible=3, q="fifo_dead"),
     start("fifo_dead", destination="fifo_there"),
     tasks(task("COMPLETED", 3, 3, source="fifo_dead", destination="fifo_there"), source="fifo_dead"),
     call("ReceiveMessage", {"QueueUrl": "${fifo_there}", "MaxNumberOfMessages": 2, "AttributeNames": ["All"]},
          {"Messages": [{"Body": "a1", "Attributes": {"MessageGroupId": "a", "ApproximateReceiveCount": "1"}}, {"Body": "a2"}]}),
     receive("b1", q="fifo_there"))
