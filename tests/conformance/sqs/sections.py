"""All cases of SQS, by section: a file `*_cases.py` or `raw_*.py` beside this one is a section, named by its first words."""

from importlib import import_module
from pathlib import Path

from sqs import raw, words

CASES, RAW_CASES = words.CASES, raw.CASES
RAW_SECTIONS = {}  # name of a raw case: its section

for file in sorted(Path(__file__).parent.glob("*_cases.py")):
    import_module(f"sqs.{file.stem}")
    for one in CASES:
        one.setdefault("section", file.stem.removesuffix("_cases"))

for file in sorted(Path(__file__).parent.glob("raw_*.py")):
    import_module(f"sqs.{file.stem}")
    for name in RAW_CASES:
        RAW_SECTIONS.setdefault(name, file.stem.removeprefix("raw_"))
