"""Shows that the kill -9 harness can fail: a sound toy server passes, each planted defect is caught."""

import pathlib
import sys
import tempfile

import client
from kill import Trial

defects = ("lose", "resurrect", "double", "body", "count", "recount", "lease")
toy = str(pathlib.Path(__file__).with_name("toy.py"))
rounds_max = 40  # a slow machine does little in a round; the first breach ends them


def trial(defect, seed):
    with tempfile.TemporaryDirectory(prefix="sluice-toy-") as directory:
        data = f"{directory}/data"
        command = [sys.executable, toy, data, defect]
        run = Trial(lambda: client.Server(data, command=command), seed)
        run.dice.random = lambda: 0.5  # a Python server needs longer to start than an early kill waits, and stops rudely
        run.run(4 if not defect else rounds_max)
        return run


def test(options):
    seed = options.seed or 1
    sound = trial("", seed)
    assert not sound.verdict(), f"a sound server was found guilty: {sound.verdict()}"
    for defect in defects:
        run = trial(defect, seed)
        assert run.ledger.violations, f"the planted defect '{defect}' was not caught in {run.kills} rounds: {run.faults}"
        print(f"  {defect}: caught after {run.kills} kills: {run.ledger.violations[0].split(';')[0]}")
