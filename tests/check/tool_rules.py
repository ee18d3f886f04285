"""Rules that ask a tool: clang-format, the compiler, clang-tidy, the generator. Each gives findings."""

import hashlib
import json
import os
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("SLUICE_BUILD", HOUSE / "build"))
CORES = os.cpu_count() or 1
NOT_CLANGS = "--extra-arg=-Wno-unknown-warning-option"  # the compile commands are g++'s
ONLY_GCCS = " -fno-lifetime-dse"  # which clang refuses to know


def said(command, cwd=HOUSE):
    """(succeeded, what it printed)"""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, errors="replace")
    return done.returncode == 0, done.stdout + done.stderr


def layout(tree, house=HOUSE):
    """clang-format has nothing to change."""
    sources = sorted(path for path in tree if path.endswith((".cc", ".h")))
    fine, text = said(["clang-format-19", "--dry-run", "-Werror", *sources], house) if sources else (True, "")
    files = sorted({line.split(":")[0] for line in text.splitlines() if ": error" in line})
    return [f"{file}: ./dev format lays it out" for file in files] or ([] if fine else [text])


def scripts(tree, house=HOUSE):
    """Every shell script parses."""
    findings = []
    for path, text in tree.items():
        if text.startswith("#!/usr/bin/env bash") or path.endswith(".sh"):
            fine, words = said(["bash", "-n", path], house)
            findings += [] if fine else [words.strip()]
    return findings


def warnings(_tree, build=BUILD):
    """Everything compiles with -Werror, the tests too, and each header by itself."""
    fine, text = said(["ninja", "-C", build, "-t", "targets", "all"])
    if not fine:
        return ["there is no build to look at: ./dev build makes it"]
    programs = [row.split(":")[0] for row in text.splitlines() if ": CXX_EXECUTABLE_LINKER" in row]
    headers = [name for name in ("all_verify_interface_header_sets",) if f"{name}: phony" in text]
    fine, text = said(["ninja", "-C", build, "-k", "20", "all", *programs, *headers])
    return [] if fine else [line for line in text.splitlines() if "error:" in line or line.startswith("FAILED")]


def shapes(_tree):
    """What is generated is what the pinned models and the overlays give."""
    runner = HOUSE / "shapes/check"
    if not runner.exists():
        return []
    fine, text = said([runner])
    return [] if fine else text.splitlines()[-20:]


def tidy(tree, build=BUILD):
    """clang-tidy's short list (.clang-tidy). A file whose inputs did not change is not read again."""
    database = json.loads((build / "compile_commands.json").read_text().replace(ONLY_GCCS, ""))
    for_clang = build / "tidy"
    for_clang.mkdir(exist_ok=True)
    (for_clang / "compile_commands.json").write_text(json.dumps(database))
    units = {os.path.relpath(entry["file"], HOUSE): shlex.split(entry["command"]) for entry in database}
    objects = {path: words[words.index("-o") + 1] for path, words in units.items() if path in tree}
    inputs = inputs_by_object(build)
    done = Path(os.environ.get("SLUICE_CACHE", build)) / "tidy"
    done.mkdir(parents=True, exist_ok=True)

    def look(path):
        stamp = done / fingerprint(inputs.get(objects[path], []), path)
        if stamp.exists():
            return []
        fine, text = said(["clang-tidy-19", "--quiet", NOT_CLANGS, "-p", for_clang, path])
        if fine:
            stamp.touch()
            return []
        told = sorted({line.replace(f"{HOUSE}/", "") for line in text.splitlines() if ": error:" in line})
        return told or [f"{path}: clang-tidy ended badly: {text[-500:]}"]

    with ThreadPoolExecutor(CORES) as pool:
        return sorted({finding for findings in pool.map(look, sorted(objects)) for finding in findings})


def inputs_by_object(build):
    """Object → the files it was made from (our own and generated ones), as ninja noted them."""
    _, text = said(["ninja", "-C", build, "-t", "deps"])
    inputs, current = {}, None
    for line in text.splitlines():
        if line and not line.startswith(" "):
            current = inputs.setdefault(line.split(":")[0], [])
        elif line.strip() and not line.strip().startswith(("/usr/", "/lib/")):
            current.append(build / line.strip())
    return inputs


def fingerprint(files, path):
    """Of everything the verdict depends on."""
    digest = hashlib.sha256((HOUSE / ".clang-tidy").read_bytes() + path.encode())
    for file in sorted({os.path.realpath(file) for file in [*files, HOUSE / path]}):
        digest.update(Path(file).read_bytes() if os.path.exists(file) else b"")
    return digest.hexdigest()


RULES = [layout, scripts, shapes, warnings, tidy]
