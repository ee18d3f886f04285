"""Plays the raw cases: run by the runner as a client of its own."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from harness.wire import Wire
from sqs.sections import RAW_CASES

def say(line):
    sys.stdout.write(line + "\n")  # one write, so that lines of several threads do not mix
    sys.stdout.flush()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        program = json.load(file)
    server, failures = Wire(program["endpoint"]), 0

    def run(one):
        try:
            RAW_CASES[one["name"]](server, one["variables"]["prefix"])
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
