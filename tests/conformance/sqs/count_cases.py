"""Counts of messages."""

from sqs.refusals import *
from sqs.words import *

case("counts_are_exact", "what waits, is in flight and is delayed, at the time of the call",
     create("q", VisibilityTimeout="600"),
     send_batch([f"m{n}" for n in range(6)]), send("d", DelaySeconds=900), counts(visible=6, delayed=1, within=0),
     call("ReceiveMessage", {"QueueUrl": "${q}", "MaxNumberOfMessages": 4}, {"Messages": length(4)},
          save={"handle": "Messages.0.ReceiptHandle"}),
     counts(visible=2, in_flight=4, delayed=1, within=0), delete(), counts(visible=2, in_flight=3, delayed=1, within=0),
     receive({"ReceiptHandle": PRESENT}, VisibilityTimeout=1), counts(visible=2, in_flight=3, delayed=1, within=20))
