"""Shows that each rule can fail: a bad example that it must find, a good one that it must leave alone."""

import subprocess
import tempfile
from pathlib import Path

import text_rules
import tool_rules

long_body = "  step();\n" * text_rules.FUNCTION_LINES_MAX
PICTURE = "".join(f" {room} → {' '.join(below)}\n" for room, below in text_rules.DIRECTION.items())

# rule, a tree with one thing wrong, a part of what must be said about it
BAD = [
    ("direction", {"src/base/a.h": '#include "node/node.h"\n'}, "base may include nothing"),
    ("direction", {"src/journal/a.cc": '#include "machines/queue/queue.h"\n'}, "journal may include"),
    ("direction", {"src/machines/topic/a.cc": '#include "machines/queue/queue.h"\n'}, "no other machine"),
    ("direction", {"src/doors/aws/a.cc": '#include "machines/queue/queue.h"\n'}, "only commands.h"),
    ("direction", {"src/wire/a.cc": '#include "b.h"\n'}, "say the path"),
    ("direction", {"src/cellar/a.cc": '#include "base/result.h"\n'}, "cellar is no room"),
    ("lengths", {"src/base/a.cc": "int a;\n" * (text_rules.FILE_LINES_MAX + 1)}, "second noun"),
    ("lengths", {"src/base/a.cc": "//" + "x" * text_rules.LINE_COLUMNS_MAX + "\n"}, "columns"),
    ("lengths", {"src/base/a.cc": "namespace a {\nvoid walk(int b) {\n" + long_body + "}\n}\n"}, "walk has"),
    ("lengths", {"src/base/a.cc": "struct A {\n  int b = f({1});\n  A(int c) : b{c} {\n" + long_body + "  }\n};"}, "has"),
    ("lengths", {"tests/a.py": "def walk():\n" + "    step()\n" * 80}, "walk has"),
    ("words", {"src/base/string_utils.h": ""}, "name the noun"),
    ("words", {"src/node/common/a.h": ""}, "move it to base"),
    ("words", {"src/base/a.h": "class QueueHelper;\nint helper;"}, "name what it does"),
    ("words", {"docs/a.md": "see /wor" + "k/main"}, "a path of one machine"),
    ("words", {"docs/a.md": "from registry.npm" + "js.org"}, "registry's own client"),
    ("words", {"src/machines/queue/a.cc": "auto t = steady_clock::now();"}, "time is handed in"),
    ("words", {"src/wire/a.cc": "co_await b;"}, "nothing in wire waits"),
    ("waits", {"src/doors/a.cc": "void f() {\n  co_await g(a, {.b = c});\n}\n"}, "a.cc:2: a temporary in braces"),
    ("waits", {"src/doors/a.cc": "void f() {\n  auto d = g({.b = c}, co_await e);\n}\n"}, "in braces"),
    ("waits", {"src/doors/a.cc": "void f() {\n  if (co_await g(Box{a})) {\n    h();\n  }\n}\n"}, "in braces"),
    ("waits", {"src/doors/a.cc": "void f() {\n  auto d = a ? co_await b : c;\n}\n"}, "?:"),
    ("waits", {"src/doors/a.cc": "void f() {\n  if (a &&\n      co_await b) {\n    h();\n  }\n}\n"}, "&&"),
    ("waits", {"src/doors/a.cc": "void f() {\n  while (co_await a) {\n    b();\n  }\n}\n"}, "a condition"),
    ("waits", {"src/doors/a.cc": "void f() {\n  co_await g([a] { return a; });\n}\n"}, "a lambda"),
    ("readmes", {"src/base/a.h": ""}, "no README"),
    ("picture", {"ARCHITECTURE.md": PICTURE.replace("base", "node", 2)}, "the arrows of"),
    ("picture", {"ARCHITECTURE.md": PICTURE + " cellar → base\n"}, "no room"),
    ("dependencies", {"dev.d/packages": "build cmake - why\n", "docs/dependencies.md": ""}, "has no row"),
    ("dependencies", {"dev.d/packages": "", "docs/dependencies.md": "| `cmake` | why |\n"}, "is not in"),
    ("links", {"docs/a.md": "[there](b.md)"}, "leads nowhere"),
]

# One tree in which no reading rule may find anything.
GOOD = {
    "src/base/a.h": "// A helper's path such as /etc/sluice, and util-linux.\nstd::common_type_t<int, long> a();\n",
    "src/base/README.md": "base: [result](../base/a.h)",
    "src/machines/queue/a.cc": '#include "machines/machine.h"\n#include "machines/queue/b.h"\n#include "base/a.h"\n',
    "src/machines/README.md": "",
    "src/doors/aws/a.cc": '#include "machines/queue/commands.h"\n#include "shapes/sqs.h"\n',
    "src/doors/README.md": "",
    "src/base/b.cc": "void table() {  // long: one row for each\n" + long_body + "}\n",
    "src/base/c.cc": "void one() {\n  for (int i = 0; i < 3; ++i) {\n    step();\n  }\n}\n" * 30,
    "src/doors/b.cc": "void f() {\n  Box a{b ? c : d};\n  if (a && b) {\n    g({1});\n  }\n  auto e = co_await h(a[0], std::move(b));\n"
                      "  if (auto i = co_await h(c)) {\n    k({2});\n  }\n  for (auto& i : {1, 2}) {\n    co_await h(i);\n  }\n"
                      "  while (a || b) {\n    co_await h(c);\n  }\n}\n",
    "ARCHITECTURE.md": PICTURE,
    "dev.d/packages": "# words\nbuild cmake - why\n",
    "docs/dependencies.md": "| `cmake` | why |\n",
}

CMAKE = """cmake_minimum_required(VERSION 3.25)
project(example LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 23)
set(SLUICE_WERROR ON)
include({house}/cmake/compiler.cmake)
include({house}/cmake/rooms.cmake)
sluice_room(base)
"""


def findings():
    return text_findings() + tool_findings()


def text_findings():
    wrong = []
    for name, tree, said in BAD:
        found = getattr(text_rules, name)(tree)
        if not any(said in finding for finding in found):
            wrong.append(f"{name} does not find its bad example {sorted(tree)} ({said}): {found}")
    for rule in text_rules.RULES:
        wrong += [f"{rule.__name__} finds in the good example: {finding}" for finding in rule(GOOD)]
    shown = {row[0] for row in BAD}
    return wrong + [f"{rule.__name__} has no bad example" for rule in text_rules.RULES if rule.__name__ not in shown]


def tool_findings():
    """A house of one room, where layout, a script, a header, a warning and a moved-from string are wrong in turn."""
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        house = Path(name)
        room = house / "src/base"
        room.mkdir(parents=True)
        (house / "CMakeLists.txt").write_text(CMAKE.format(house=tool_rules.HOUSE))
        (house / ".clang-format").write_text((tool_rules.HOUSE / ".clang-format").read_text())
        (room / "a.h").write_text("int a();\n")
        (room / "a.cc").write_text("int a() { return 1; }\n")
        (house / "bad.sh").write_text("if true; then\n")
        (house / "ugly.cc").write_text("int  a;\n")
        if not tool_rules.layout({"ugly.cc": ""}, house) or tool_rules.layout({"src/base/a.cc": ""}, house):
            wrong.append("layout cannot tell two blanks from one")
        if not tool_rules.scripts({"bad.sh": ""}, house):
            wrong.append("scripts does not find an `if` without its `fi`")
        subprocess.run(["cmake", "-S", house, "-B", house / "build", "-G", "Ninja"], capture_output=True, check=True)
        build = house / "build"
        if tool_rules.warnings({}, build):
            wrong.append("warnings finds something in a clean room")
        for file, text, what in [("b.h", "inline std::string b();\n", "a header that needs another"),
                                 ("c.cc", "int c(int unused) { return 1; }\n", "a warning")]:
            (room / file).write_text(text)
            if not tool_rules.warnings({}, build):
                wrong.append(f"warnings does not find {what}")
            (room / file).unlink()
        wrong += tidy_findings(house)
    return wrong


def tidy_findings(house):
    moved = house / "moved.cc"
    moved.write_text("#include <string>\n#include <utility>\nstd::string keep(std::string text) {\n"
                     "  std::string kept = std::move(text);\n  return kept + text;\n}\n")
    config = f"--config-file={tool_rules.HOUSE / '.clang-tidy'}"
    fine, text = tool_rules.said(["clang-tidy-19", "--quiet", config, moved, "--", "-std=c++23"])
    return [] if not fine and "use-after-move" in text else ["tidy does not find a use after a move"]
