"""Plays the cases with a client in another language: bridge.py PROTOCOL COMMAND… PROGRAM.

COMMAND ENDPOINT REGION ACCESS_KEY SECRET_KEY makes one call at a time. It reads a line `{"call", "input"}` and answers with a
line: `{"output"}`; `{"refused": {"code", "message", "status"}}`, also "kind", the shape's name, where the client has a class
for the error; or `{"broken": text}` for what is neither."""

import json
import queue
import subprocess
import sys

from player import Refused, play


class Bridge:
    """Processes of the other language, each with one call at a time; so many are ready before the cases begin that starting
    one is seldom part of a call."""

    def __init__(self, command, program):
        self.command = [*command, *(program[key] for key in ("endpoint", "region", "access_key", "secret_key"))]
        self.all, self.idle = [], queue.SimpleQueue()
        for process in [self.start() for _ in range(2 * program["workers"])]:
            self.exchange(process, {"call": "Nothing", "input": {}})
            self.idle.put(process)

    def start(self):
        self.all.append(subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                         encoding="utf-8"))
        return self.all[-1]

    @staticmethod
    def exchange(process, step):
        process.stdin.write(json.dumps(step) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the client ended at {step['call']}, with {process.wait()}")
        return json.loads(line)

    def __call__(self, operation, given):
        try:
            process = self.idle.get_nowait()
        except queue.Empty:
            process = self.start()
        answer = self.exchange(process, {"call": operation, "input": given})
        self.idle.put(process)
        if "refused" in answer:
            raise Refused(**answer["refused"], expected_kind=lambda expected: expected["shape"])
        if "broken" in answer:
            raise RuntimeError(answer["broken"])
        return answer["output"]

    def close(self):
        for process in self.all:
            process.stdin.close()
            process.wait()


def main():
    protocol, *command, program_path = sys.argv[1:]
    with open(program_path, encoding="utf-8") as file:
        program = json.load(file)
    bridge = Bridge(command, program)
    failed = play(program, bridge, protocol)
    bridge.close()
    sys.exit(1 if failed else 0)


main()
