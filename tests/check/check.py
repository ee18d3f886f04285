"""`./dev check [RULE…]`: every rule of the house, a line each; closes with `N passed, N failed`."""

import subprocess
import sys
import time

import self_test
import text_rules
import tool_rules

FINDINGS_SHOWN = 30


def rules_can_fail(_tree):
    """Each rule finds its own bad example, and nothing in the good one."""
    return self_test.findings()


def tree():
    """Our files: tracked, or new and not ignored. Path → text; what is not text is left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=tool_rules.HOUSE, capture_output=True, check=True).stdout.decode()
    texts = {}
    for path in filter(None, listed.split("\0")):
        try:
            texts[path] = (tool_rules.HOUSE / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    return texts


def main(wanted):
    rules = [rules_can_fail, *text_rules.RULES, *tool_rules.RULES]
    if wanted:
        rules = [rule for rule in rules if rule.__name__ in wanted]
    ours = tree()
    failed = 0
    for rule in rules:
        began = time.monotonic()
        findings = rule(ours)
        failed += bool(findings)
        told = f"{rule.__name__}: {len(findings) or 'no'} findings ({time.monotonic() - began:.0f} s)"
        print("✗" if findings else "✓", told, flush=True)
        for finding in findings[:FINDINGS_SHOWN]:
            print(f"  {finding}")
        if len(findings) > FINDINGS_SHOWN:
            print(f"  … and {len(findings) - FINDINGS_SHOWN} more")
    print(f"{len(rules) - failed} passed, {failed} failed", flush=True)
    return 1 if failed or not rules else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
