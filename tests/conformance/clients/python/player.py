"""Plays cases: data in, a line per case out. The client hands in `call(operation, input)`, which returns the output as
plain data or raises Refused. The players in Go, JavaScript and Java do the same; README.md tells the language of the steps."""

import json
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor


class Refused(Exception):
    """What the client saw of an error. What it cannot see stays None."""

    def __init__(self, code, message, status=None, kind=None, expected_kind=None):
        super().__init__(f"{kind or ''} {code} ({status}): {message}")
        self.code, self.message, self.status = code, message, status
        self.kind, self.expected_kind = kind, expected_kind


class Mismatch(Exception):
    pass


def fill(value, variables):
    """Puts the variables in: `${name}`."""
    if isinstance(value, str):
        return re.sub(r"\$\{([A-Za-z0-9_]+)\}", lambda found: variables[found[1]], value) if "${" in value else value
    if isinstance(value, dict):
        return {key: fill(item, variables) for key, item in value.items()}
    return [fill(item, variables) for item in value] if isinstance(value, list) else value


def short(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 300 else text[:300] + "…"


def need(holds, path, expected, actual):
    if not holds:
        raise Mismatch(f"{path or 'output'}: expected {short(expected)}, got {short(actual)}")


def match(expected, actual, path=""):
    """Raises Mismatch. Objects match in part, lists as a whole; an empty text, list or object is not absent."""
    if isinstance(expected, dict) and next(iter(expected), "").startswith("$"):
        [(matcher, wanted)] = expected.items()
        return MATCHERS[matcher](wanted, actual, path)
    if isinstance(expected, dict):
        need(isinstance(actual, dict), path, expected, actual)
        for key, item in expected.items():
            match(item, actual.get(key), f"{path}.{key}")
    elif isinstance(expected, list):
        need(isinstance(actual, list) and len(actual) == len(expected), path, expected, actual)
        for n, item in enumerate(expected):
            match(item, actual[n], f"{path}.{n}")
    else:
        need(expected == actual, path, expected, actual)


def match_unordered(wanted, actual, path):
    need(isinstance(actual, list) and len(actual) == len(wanted), path, wanted, actual)
    left = list(actual)
    for item in wanted:
        found = next((one for one in left if matching(item, one)), None)
        need(found is not None, path, item, left)
        left.remove(found)


def matching(expected, actual):
    try:
        match(expected, actual)
        return True
    except Mismatch:
        return False


MATCHERS = {
    "$absent": lambda wanted, actual, path: need(actual is None or actual in ([], {}), path, "nothing", actual),
    "$matches": lambda wanted, actual, path: need(
        isinstance(actual, str) and re.search(wanted, actual, re.DOTALL), path, wanted, actual),
    "$unordered": match_unordered,
    "$length": lambda wanted, actual, path: need(
        isinstance(actual, (list, dict, str)) and len(actual) == wanted, path, f"{wanted} items", actual),
    "$between": lambda wanted, actual, path: need(
        actual is not None and wanted[0] <= float(actual) <= wanted[1], path, wanted, actual),
    "$not": lambda wanted, actual, path: need(wanted != actual, path, f"not {wanted}", actual),
}


def look_up(output, path):
    for key in path.split("."):
        output = output[int(key) if isinstance(output, list) else key]
    return output


def check_refusal(expected, refused, protocol):
    """An error must show its code, text, status and class as far as the client can see them."""
    message = expected["query_message" if protocol == "query" else "message"]
    need(refused.code == expected["code"], "code", expected["code"], f"{refused.code}: {refused.message}")
    if message is not None:
        need(refused.message == message, "message", message, refused.message)
    need(bool(refused.message), "message", "some text", refused.message)
    if refused.status is not None:
        need(refused.status == expected["status"], "status", expected["status"], refused.status)
    if refused.kind is not None:
        wanted = refused.expected_kind(expected)
        need(refused.kind == wanted, "class", wanted, refused.kind)


def run_call(step, variables, call, protocol):
    started = time.monotonic()
    try:
        output = call(step["call"], fill(step["input"], variables))
    except Refused as refused:
        need("refused" in step, step["call"], "an answer", str(refused))
        return check_refusal(fill(step["refused"], variables), refused, protocol)
    took = time.monotonic() - started
    need("refused" not in step, step["call"], step.get("refused"), output)
    match(fill(step.get("expect", {}), variables), output)
    low, high = step.get("took_seconds", (0, 1e9))
    need(low <= took <= high, "seconds taken", [low, high], took)
    for name, path in step.get("save", {}).items():
        variables[name] = look_up(output, path)


def run_patiently(step, variables, call, protocol):
    """`within_seconds`: the answer may become right; asks again until then."""
    deadline = time.monotonic() + step.get("within_seconds", 0)
    while True:
        try:
            return run_call(step, variables, call, protocol)
        except Mismatch:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.2)


def run_lane(steps, variables, call, protocol, where=""):
    for number, step in enumerate(steps, 1):
        at = f"{where}{number}"
        try:
            if "sleep_seconds" in step:
                time.sleep(step["sleep_seconds"])
            elif "together" in step:
                with ThreadPoolExecutor(len(step["together"])) as lanes:
                    list(lanes.map(lambda lane: run_lane(lane, variables, call, protocol, f"{at}."), step["together"]))
            else:
                run_patiently(step, variables, call, protocol)
        except Mismatch as wrong:
            raise wrong if str(wrong).startswith("step") else Mismatch(f"step {at} {step.get('call', '')}: {wrong}")


def play(program, call, protocol="json"):
    """Plays all cases, several at a time, and prints a line for each. Returns the number that failed."""
    failures, printing = [], threading.Lock()

    def run(case):
        why = None
        try:
            run_lane(case["steps"], dict(case["variables"]), call, protocol)
        except Exception as wrong:  # whatever a client throws is this case's failure, no other's
            why = f"{'' if isinstance(wrong, Mismatch) else type(wrong).__name__ + ': '}{wrong}".replace("\n", " ")[:900]
        with printing:
            failures.extend([case["name"]] if why else [])
            print(f"not ok {case['name']} - {why}" if why else f"ok {case['name']}", flush=True)

    with ThreadPoolExecutor(program["workers"]) as pool:
        list(pool.map(run, program["cases"]))
    return len(failures)


def load():
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)
