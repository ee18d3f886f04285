"""`./dev test [KIND] [NAME]`: builds what the tests need, runs them, and closes with one line `N passed, N failed`.

A test of any kind is a Step: a command that closes with such a line itself, or GoogleTest. Details go to build/logs/.
"""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("SLUICE_BUILD", HOUSE / "build"))
LOGS = BUILD / "logs"

BUILDS = ["plain", "asan", "tsan"]  # the ways of compiling of house.sh that hold tests
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=0:exitcode=66:second_deadlock_stack=1",
}
SIMULATION_SEEDS = {"plain": "1..2000", "asan": "2001..2060"}
# A report ends the server, and with it every case that follows; what leaked is told at its end, by its exit code.
SANITIZED_CLIENTS = ["boto3", "raw-http"]
STEP_SECONDS_MAX = 1200
CLOSING_LINE = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


@dataclass
class Step:
    kind: str
    name: str
    command: list
    build: str = "plain"
    targets: list = field(default_factory=list)

    @property
    def label(self):
        return f"{self.kind} {self.name}".strip() + ("" if self.build == "plain" else f" ({self.build})")


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    skips: list = field(default_factory=list)

    def line(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def directory(build):
    return BUILD if build == "plain" else BUILD / build


def shell(function, *arguments):
    """Calls a function of house.sh, which also reports."""
    script = f'set -euo pipefail; source "{HOUSE}/dev.d/house.sh"; "$@"'
    return subprocess.run(["bash", "-c", script, "bash", function, *map(str, arguments)]).returncode == 0


def targets_of(build):
    """Name → path of each executable that ninja knows in this build."""
    listed = subprocess.run(["ninja", "-C", directory(build), "-t", "targets", "all"], capture_output=True, text=True)
    rows = re.findall(r"^([^:\s]+): CXX_EXECUTABLE_LINKER", listed.stdout, re.MULTILINE)
    return {Path(row).name: directory(build) / row for row in rows}


def built_steps(build):
    """The tests that are programs of ours: units, the simulation, the corpora through each reader."""
    steps = []
    programs = targets_of(build)
    for name in sorted(programs):
        program = programs[name]
        if name.startswith("unit_"):
            steps.append(Step("unit", name.removeprefix("unit_"), [program], build, [name]))
        elif name == "simulate" and build in SIMULATION_SEEDS:
            steps.append(Step("simulation", "", [program, "--seeds", SIMULATION_SEEDS[build]], build, [name]))
            if build == "plain":
                steps.append(Step("simulation", "mutations", [HOUSE / "dev.d/mutations", program], build, [name]))
        elif name.startswith("fuzz_") and build == "asan":
            corpus = HOUSE / "tests/fuzz/corpus" / name.removeprefix("fuzz_")
            inputs = sorted(path for path in corpus.rglob("*") if path.is_file())
            steps.append(Step("fuzz", name.removeprefix("fuzz_"), [program, *inputs], build, [name]))
        elif name == "sluice" and build == "tsan":
            steps.append(Step("load", "", [sys.executable, HOUSE / "tests/load/run.py", program], build, [name]))
        elif name == "sluice" and build == "asan":
            steps.append(Step("conformance", "", [HOUSE / "tests/conformance/run", *SANITIZED_CLIENTS], build, [name]))
    return steps


# What runs against the real server: kind → its runner.
RUNNERS = {
    "conformance": "tests/conformance/run",
    "cli": "tests/cli/run",
    "frameworks": "tests/frameworks/run",
    "crash": "tests/crash/run",
    "example": "examples/run",
    "package": "packaging/test",
}


def runner_steps(name):
    steps = []
    for kind, runner in RUNNERS.items():
        if (HOUSE / runner).exists():
            arguments = [name] if name and kind in ("conformance", "frameworks", "cli", "crash") else []
            steps.append(Step(kind, name if arguments else "", [HOUSE / runner, *arguments], "plain", ["sluice"]))
    return steps


def wanted(step, kind, name):
    if kind is None:
        return True
    if kind == "sanitizers":
        return step.build != "plain" and (not name or name in step.label)
    if step.kind != kind or (step.build != "plain" and kind not in ("fuzz", "load")):
        return False
    return not name or name == step.name or kind == "unit"


def narrowed(steps, name):
    """`./dev test unit NAME`: a room, else a part of a test's name."""
    if name and not any(step.name == name for step in steps):
        for step in steps:
            step.command = [*step.command, f"--gtest_filter=*{name}*"]
        return steps
    return [step for step in steps if not name or step.name == name]


def run(step):
    """Runs one step in its own process group, so that nothing it started outlives it."""
    log = LOGS / ("test-" + re.sub(r"\W+", "-", step.label).strip("-") + ".log")
    ours = {"SLUICE_BINARY": str(directory(step.build) / "sluice"), "SLUICE_BUILD": str(BUILD)}
    command = [str(part) for part in step.command]
    if step.build == "tsan":
        command = ["setarch", "-R", *command]  # g++ 12's run time does not know today's wider address randomization
    with open(log, "w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   cwd=HOUSE, env={**os.environ, **SANITIZER_OPTIONS, **ours}, start_new_session=True)
        try:
            status = process.wait(STEP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            status = f"no end after {STEP_SECONDS_MAX} s"
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        output.seek(0)
        text = output.read()
    outcome = counted(step, text)
    if status != 0 and outcome.failed == 0:
        outcome.failed += 1
    if outcome.failed:
        print(f"✗ {step.label}: {outcome.line()}, status {status}; all of it is in {log}")
        print("\n".join("  " + line for line in text.splitlines()[-30:]))
    return outcome


def counted(step, text):
    outcome = Outcome()
    outcome.skips = [f"{step.label}: {row}" for row in re.findall(r"^skipped:? (.*)$", text, re.MULTILINE)]
    if step.kind == "unit":
        outcome.passed = len(re.findall(r"^\[       OK \]", text, re.MULTILINE))
        outcome.failed = len(re.findall(r"^\[  FAILED  \] .*\(\d+ ms\)$", text, re.MULTILINE))
        outcome.skipped = len(re.findall(r"^\[  SKIPPED \] .*\(\d+ ms\)$", text, re.MULTILINE))
        return outcome
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    closing = CLOSING_LINE.match(lines[-1]) if lines else None
    if closing:
        outcome.passed, outcome.failed, outcome.skipped = (int(count or 0) for count in closing.groups())
    else:
        outcome.failed = 1
    return outcome


def prepare(kind):
    """Installs, configures and compiles; gives the steps, or None where something did not build."""
    builds = {None: BUILDS, "fuzz": ["asan"], "load": ["tsan"], "sanitizers": ["asan", "tsan"]}.get(kind, ["plain"])
    steps = []
    for build in builds:
        if not shell("ready", build):
            return None
        steps += built_steps(build)
    return steps


def compile_all(steps):
    for build in BUILDS:
        targets = sorted({target for step in steps if step.build == build for target in step.targets})
        if targets and not shell("compile", build, *targets):
            return False
    return True


def main(kind=None, name=None):
    LOGS.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    steps = prepare(kind)
    if steps is None:
        return finish(Outcome(failed=1), began)
    if "sluice" in targets_of("plain"):
        steps += runner_steps(name)
    steps = [step for step in steps if wanted(step, kind, name)]
    if kind == "unit":
        steps = narrowed(steps, name)
    if not steps:
        print(f"there is no test of kind {kind} {name or ''}".rstrip())
        return finish(Outcome(failed=1), began)
    if not compile_all(steps):
        return finish(Outcome(failed=1), began)
    total = Outcome()
    for step in steps:
        since = time.monotonic()
        outcome = run(step)
        if not outcome.failed and outcome.passed + outcome.skipped:
            print(f"✓ {step.label}: {outcome.line()} ({time.monotonic() - since:.0f} s)", flush=True)
        total.passed += outcome.passed
        total.failed += outcome.failed
        total.skipped += outcome.skipped
        total.skips += outcome.skips
    if total.passed + total.failed + total.skipped == 0:
        print(f"no {kind} test is called {name}" if name else "no test was run")
        total.failed = 1
    return finish(total, began)


def finish(total, began):
    print(f"{time.monotonic() - began:.0f} s in all")
    for skip in total.skips:
        print(f"skipped: {skip}")
    print(total.line(), flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
