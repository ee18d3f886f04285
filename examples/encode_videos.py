"""A burst of video encodings, shared by ten workers, one of which is killed half-way.

A producer drops 1000 jobs into a queue. Ten worker processes take them, encode them (a sleep stands for the work) and
delete them. Half-way one worker is killed with a job in its hands: the lease ends and another worker gets the job. The
output shows depth and rate over time; it ends with exit code 1 if a job was not done.

    python3 examples/encode_videos.py [--endpoint URL] [--jobs N] [--workers N]

Needs boto3 and a server (`./dev run`).
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time

import boto3

ENCODING_SECONDS = 0.06  # what one encoding takes here, on average
LEASE_SECONDS = 5  # longer than any encoding: for so long a dead worker's job is nobody's
SHOW_SECONDS = 1
SECONDS_MAX = 120


def connect(endpoint):
    key = os.environ.get("AWS_ACCESS_KEY_ID", "any"), os.environ.get("AWS_SECRET_ACCESS_KEY", "any")
    return boto3.client("sqs", os.environ.get("AWS_REGION", "us-east-1"), endpoint_url=endpoint,
                        aws_access_key_id=key[0], aws_secret_access_key=key[1])


def produce(sqs, queue, jobs):
    """The burst, in batches of ten: the most that one request carries."""
    for first in range(0, jobs, 10):
        entries = [{"Id": str(job), "MessageBody": json.dumps({"job": job, "video": f"clip-{job:04}.mov"})}
                   for job in range(first, min(first + 10, jobs))]
        refused = sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed")
        if refused:
            raise SystemExit(f"the queue refused: {refused}")


def work(endpoint, queue, worker, diary):
    """Takes jobs until it is stopped. A line in the diary is one short append, so a kill cannot leave half of one."""
    sqs = connect(endpoint)
    while True:
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages", []):
            job = json.loads(message["Body"])["job"]
            os.write(diary, f"took {job} {worker}\n".encode())
            time.sleep(random.uniform(0.5, 1.5) * ENCODING_SECONDS)
            # Done, then deleted: a worker that dies between the two has its job done twice, never not at all.
            os.write(diary, f"done {job} {worker}\n".encode())
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def read(diary):
    """done: job → its workers, in order; held: worker → the job in its hands, the one who took last at the end."""
    done, held = {}, {}
    with open(diary, encoding="ascii") as lines:
        for line in lines:
            what, job, worker = line.split()
            if what == "took":
                held.pop(int(worker), None)
                held[int(worker)] = int(job)
            else:
                done.setdefault(int(job), []).append(int(worker))
                held.pop(int(worker), None)
    return done, held


def depth(sqs, queue):
    """(waiting, in flight)"""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return tuple(int(attributes[name]) for name in names)


def watch(sqs, queue, jobs, workers, diary):
    """Shows depth and rate each second, kills a worker half-way; gives done and the job that was in its hands."""
    began = shown = time.monotonic()
    orphan, done_before = None, 0
    print(f"{'seconds':>8} {'waiting':>8} {'in flight':>10} {'done':>6} {'jobs/s':>7}")
    while True:
        done, held = read(diary)
        if orphan is None and len(done) >= jobs / 2 and held:
            victim, orphan = list(held.items())[-1]
            os.kill(workers[victim].pid, signal.SIGKILL)
            print(f"{time.monotonic() - began:8.1f} worker {victim} is killed with job {orphan} in its hands")
        now = time.monotonic()
        waiting, in_flight = depth(sqs, queue)
        over = (len(done) == jobs and waiting + in_flight == 0) or now - began > SECONDS_MAX
        if now - shown >= SHOW_SECONDS or over:
            rate = (len(done) - done_before) / (now - shown)
            print(f"{now - began:8.1f} {waiting:8} {in_flight:10} {len(done):6} {rate:7.0f}", flush=True)
            shown, done_before = now, len(done)
        if over:
            return done, orphan
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", default=os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"))
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=10)
    asked = parser.parse_args()

    sqs = connect(asked.endpoint)
    settings = {"VisibilityTimeout": str(LEASE_SECONDS)}
    queue = sqs.create_queue(QueueName=f"videos-{os.getpid()}", Attributes=settings)["QueueUrl"]
    began = time.monotonic()
    produce(sqs, queue, asked.jobs)
    print(f"{asked.jobs} jobs dropped into the queue in {time.monotonic() - began:.2f} s")

    with tempfile.NamedTemporaryFile(prefix="diary-") as diary:
        appending = os.open(diary.name, os.O_WRONLY | os.O_APPEND)
        fork = multiprocessing.get_context("fork")
        workers = [fork.Process(target=work, args=(asked.endpoint, queue, number, appending), daemon=True)
                   for number in range(asked.workers)]
        for worker in workers:
            worker.start()
        try:
            done, orphan = watch(sqs, queue, asked.jobs, workers, diary.name)
        finally:
            for worker in workers:
                worker.kill()
                worker.join()
    sqs.delete_queue(QueueUrl=queue)
    return report(asked.jobs, done, orphan, time.monotonic() - began)


def report(jobs, done, orphan, seconds):
    missing = sorted(set(range(jobs)) - set(done))
    again = sum(len(who) - 1 for who in done.values())
    print(f"{len(done)} of {jobs} jobs done in {seconds:.1f} s, {again} of them twice")
    if orphan in done:
        print(f"job {orphan} was done by worker {done[orphan][-1]}")
    if missing:
        print(f"not done: {missing[:20]}")
    return 1 if missing or orphan is None else 0


if __name__ == "__main__":
    sys.exit(main())
