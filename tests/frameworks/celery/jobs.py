"""Celery over its SQS transport: a worker with two processes does the jobs, this program sends them.

A FIFO queue is one of the predefined queues, as the transport's manual has it. Celery takes messages of a group ahead, so
one process keeps their order."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

from celery import Celery

address = urlsplit(os.environ["JOBS_ENDPOINT"])
queue = os.environ["JOBS_QUEUE"]
fifo = queue.endswith(".fifo")
predefined = {queue: {"url": os.environ["JOBS_QUEUE_URL"], "access_key_id": "any", "secret_access_key": "any"}}
app = Celery("jobs", broker=f"sqs://any:any@{address.hostname}:{address.port}//")
app.conf.update(
    task_default_queue=queue, task_acks_late=True, task_ignore_result=True,
    worker_prefetch_multiplier=4, broker_connection_retry_on_startup=True,
    broker_transport_options={
        "region": "us-east-1", "visibility_timeout": 5, "wait_time_seconds": 2, "polling_interval": 0.1,
        **({"predefined_queues": predefined} if fifo else {}),
        # A delete that fails for good blocks one of the worker's places for ever: it is tried until the server is back.
        "client-config": {"retries": {"mode": "standard", "total_max_attempts": 20}}})


@app.task(name="jobs.work")
def work(number, value):
    os.write(1, f"done {number} {value * value}\n".encode())  # one write, so that lines of two processes do not mix


def send_all(count):
    for number in range(count):
        place = {"MessageGroupId": f"group-{number % 4}", "MessageDeduplicationId": f"job-{number}"} if fifo else {}
        while True:  # as a producer must: whatever was not answered is sent again
            try:
                work.apply_async((number, number + 7), retry=False, **place)
                break
            except Exception as unanswered:
                print("send", unanswered, file=sys.stderr)
                time.sleep(0.2)
    print("sent", flush=True)


def main():
    command = [sys.executable, "-m", "celery", "-A", "jobs", "worker", "--concurrency", "1" if fifo else "2", "--loglevel", "WARNING",
               "--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = subprocess.Popen(command, cwd=os.path.dirname(os.path.abspath(__file__)))
    signal.signal(signal.SIGTERM, lambda *_: worker.terminate())
    send_all(int(os.environ["JOBS_COUNT"]))
    worker.wait()


if __name__ == "__main__":
    main()
