"""Rules that only read. Each takes a tree {path: text} and gives findings, `path:line: what, and what instead`."""

import ast
import re

# Who may include whom, by room of src/ (nothing points back). ARCHITECTURE.md draws the same arrows, and the rule
# `picture` compares. A room always may use itself; what is generated from the API models belongs to the doors.
DIRECTION = {
    "base": [],
    "io": ["base"],
    "wire": ["base"],
    "machines": ["base"],
    "journal": ["io", "base"],
    "node": ["machines", "journal", "io", "base"],
    "doors": ["node", "wire", "machines", "io", "base"],
    "cli": ["doors", "wire", "base"],
    "server": ["cli", "doors", "node", "journal", "io", "wire", "machines", "base"],
}
GENERATED = "shapes"

LINE_COLUMNS_MAX = 120
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70

# Names that say nothing: pattern, what instead. In the paths of everything and the code (not the comments) of src/;
# "common" in paths only, since X.509 and others have a use for the word.
EMPTY_PATHS = [(r"common", "move it to base/, or to the room that owns it")]
EMPTY_NAMES = [
    (r"utils?", "name the noun it is about"),
    (r"helpers?", "name what it does"),
    (r"managers?", "name what it keeps: a table, a pool, a list"),
    (r"misc", "each piece to its own noun"),
]

# Words that must not stand in any text file: pattern, what instead.
BANNED_TEXT = [
    (r"\b(pypi|pythonhosted|npmjs|yarnpkg|repo1?[.]maven|repo[.]maven[.]apache|(proxy|sum)[.]golang|crates"
     r"|(deb|security|snapshot|packages)[.]debian)[.](org|com|io)\b", "ask the registry's own client"),
    (r"(?<![\w.])/(work|root)/\w", "a path of one machine: take it from the tree, a flag or the environment"),
    (r"(?<![\w.])/home/[a-z]", "a path of one machine: take it from the tree, a flag or the environment"),
    (r"/tmp/(?=build-)", "a path of one machine: take it from the tree, a flag or the environment"),
]

# In one room only: room, pattern, what instead.
BANNED_IN_ROOM = [
    ("machines", r"_clock::now\b", "time is handed in"),
    ("machines", r"\b(random_device|random_seed|std::rand)\b", "randomness is handed in"),
    ("machines", r"\breceipt_?handle\b|\bdelivery_?tag\b", "the domain's word is lease; doors name it"),
    ("machines", r"#include <(thread|mutex|atomic|fstream|filesystem|condition_variable)>", "a machine only computes"),
    ("wire", r"\bco_(await|return|yield)\b", "nothing in wire waits: a plain function"),
    ("machines", r"\bco_(await|return|yield)\b", "nothing in a machine waits: a plain function"),
]

CODE = (".cc", ".h")
SCRIPTS = (".py", ".sh")


def code_of(tree):
    return {path: text for path, text in tree.items() if path.endswith(CODE)}


def room_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


def blanked(text, strings=True):
    """C++ with comments (and what stands in strings) as blanks of the same size, so that lines still count."""
    def blank(match):
        whole = match.group(0)
        if not whole.startswith("/") and not strings:
            return whole
        return re.sub(r"[^\n]", " ", whole)
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'(?!\w)', blank, text,
                  flags=re.DOTALL)


def matches(path, text, pattern, instead):
    for match in re.finditer(pattern, text, re.IGNORECASE):
        yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group(0).strip()}: {instead}"


def direction(tree):
    """An include only points down."""
    findings = []
    for path, text in code_of(tree).items():
        room = room_of(path)
        if room is None:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            included = re.match(r'#include "([^"]+)"', line)
            why = wrong_include(path, room, included.group(1)) if included else None
            if why:
                findings.append(f'{path}:{number}: {line}: {why}')
    return findings


def wrong_include(path, room, included):
    if "/" not in included or included.startswith("."):
        return "say the path from src/"
    target = included.split("/")[0]
    if target == GENERATED:
        return None if room in ("doors", "cli", "server") else "only doors, cli and server know the API shapes"
    if room not in DIRECTION:
        return f"{room} is no room: a row in DIRECTION (tests/check/text_rules.py) makes it one"
    if target != room and target not in DIRECTION[room]:
        return f"{room} may include {', '.join(DIRECTION[room]) or 'nothing'}"
    if room == target == "machines" and included.count("/") > 1 and path.count("/") > 2:
        if included.split("/")[1] != path.split("/")[2]:
            return "a machine knows no other machine"
    if room == "doors" and target == "machines" and not re.search(r"/(commands|message|machine)\.h$", included):
        return "of a machine a door knows only commands.h"
    return None


def lengths(tree):
    """A line fits a screen, a file tells one thing, a function fits a screen or says why not (`// long: why`)."""
    findings = []
    for path, text in tree.items():
        if not path.endswith(CODE + SCRIPTS):
            continue
        lines = text.splitlines()
        if len(lines) > FILE_LINES_MAX:
            findings.append(f"{path}: {len(lines)} lines, at most {FILE_LINES_MAX}: look for the second noun")
        if path.endswith(CODE):
            findings += [f"{path}:{number}: {len(line)} columns, at most {LINE_COLUMNS_MAX}"
                         for number, line in enumerate(lines, 1)
                         if len(line) > LINE_COLUMNS_MAX and 'R"' not in line]  # a raw string stays as it is
        for name, first, last in functions(path, text):
            told = any("// long:" in line or "# long:" in line for line in lines[max(0, first - 3):last])
            if last - first + 1 > FUNCTION_LINES_MAX and not told:
                findings.append(f"{path}:{first}: {name} has {last - first + 1} lines, at most {FUNCTION_LINES_MAX}: "
                                "split it, or say `// long: why`")
    return findings


def functions(path, text):
    """(name, first line, last line) of each function; what is nested in one belongs to it."""
    if path.endswith(".py"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name, node.lineno, node.end_lineno
    elif path.endswith(CODE):
        yield from cpp_functions(blanked(re.sub(r"^#.*$", "", text, flags=re.MULTILINE)))


def cpp_functions(text):
    opened = []  # for each open brace: (name, start) where it opens a function, else None
    head = 0
    # A body stands off by a blank; a brace that does not (`b{c}`, `f({1})`, `{}`) only initializes.
    text = re.sub(r"(?<=[^\s{};])\{[^{};]*\}|\{\}", lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for match in re.finditer(r"[{};]", text):
        at = match.start()
        if match.group() == "{":
            before = text[head:at]
            start = head + len(before) - len(before.lstrip())
            inside = any(opened)
            name = None if inside else function_name(before)
            opened.append((name, start) if name else None)
        elif match.group() == "}" and opened:
            function = opened.pop()
            if function:
                name, start = function
                yield name, text.count("\n", 0, start) + 1, text.count("\n", 0, at) + 1
        # Inside parentheses (a `for`, an initializer in an argument) nothing begins anew.
        if match.group() != ";" or text.count("(", head, at) == text.count(")", head, at):
            head = at + 1


def function_name(before):
    plain = re.sub(r"template\s*<.*?>\s*(?=\w)", "", before, flags=re.DOTALL)
    if re.match(r"\s*(namespace|class|struct|enum|union|extern)\b", plain):
        return None
    if re.search(r"[=,(]\s*$", before):
        return None
    name = re.search(r"(~?[\w:]+|operator\s*\S+)\s*\(", before)
    return name.group(1) if name else None


def words(tree):
    """No name that says nothing, no registry's host, no machine's path."""
    findings = []
    for path, text in tree.items():
        for word, instead in EMPTY_PATHS + EMPTY_NAMES:
            if re.search(rf"(^|[/_]){word}([/_.]|$)", path):
                findings.append(f"{path}: {word}: {instead}")
        for word, instead in EMPTY_NAMES:
            if room_of(path) and path.endswith(CODE):
                findings += matches(path, blanked(text), rf"(?<![:\w])(?:\w+_)?{word}(?:_\w+)?\b", instead)
                findings += matches(path, blanked(text), rf"(?-i:\b\w*[a-z]{word.capitalize()}\b)", instead)
        for pattern, instead in BANNED_TEXT:
            findings += matches(path, text, pattern, instead)
        for room, pattern, instead in BANNED_IN_ROOM:
            if room_of(path) == room and path.endswith(CODE):
                findings += matches(path, blanked(text, strings=False), pattern, instead)
    return findings


# What g++ 12 gets wrong in an expression that waits: it destroys such temporaries twice, or at another time.
UNSAFE_WHILE_WAITING = [
    (r"(?<=[\w(>{])\{|(?<=[,=] )\{", "a temporary in braces"),
    (r"\?", "'?:'"),
    (r"&&|\|\|", "'&&' or '||'"),
    (r"(?<![\w)\]])\[", "a lambda"),
    (r"\b(switch|while) \(", "a condition of 'switch' or 'while'"),
]


def waits(tree):
    """An expression with co_await holds nothing that the compiler destroys twice: it is named before, or asked in a line
    of its own."""
    findings = []
    for path, text in code_of(tree).items():
        bare = blanked(re.sub(r"^#.*$", lambda match: " " * len(match.group()), text, flags=re.MULTILINE))
        for match in re.finditer(r"\bco_await\b", bare):
            begin, end = statement_around(bare, match.start())
            for pattern, what in UNSAFE_WHILE_WAITING:
                if re.search(pattern, bare[begin:end]):
                    number = bare.count("\n", 0, match.start()) + 1
                    findings.append(f"{path}:{number}: {what} beside co_await: g++ 12 destroys its temporaries twice; give "
                                    "what it makes a name in the line before")
    return findings


def statement_around(bare, at):
    """From the end of the statement or block before to the `;`, or to the brace that opens a block (it stands off)."""
    begin = at
    while begin > 0 and bare[begin - 1] != ";" and not re.match(r"[)\w]? ?\{\s|\}\s*[^\s,);]", bare[begin - 1:begin + 80]):
        begin -= 1
    end = re.compile(r";|\) \{").search(bare, at)
    return begin, end.start() if end else len(bare)


def readmes(tree):
    """Each room tells in ten lines or so what it is."""
    rooms = sorted({room_of(path) for path in code_of(tree)} - {None})
    return [f"src/{room}: no README.md" for room in rooms if f"src/{room}/README.md" not in tree]


def picture(tree):
    """ARCHITECTURE.md draws exactly the arrows of DIRECTION: lines such as `doors → node wire`."""
    text = tree.get("ARCHITECTURE.md", "")
    rows = re.findall(r"^ *(\w+) +→ *([\w ]*?) *$", text, re.MULTILINE)
    drawn = {room: sorted(below.split()) for room, below in rows}
    findings = []
    for room, below in DIRECTION.items():
        if drawn.get(room) != sorted(below):
            findings.append(f"ARCHITECTURE.md: the arrows of {room} are drawn {drawn.get(room)}, and are {sorted(below)}")
    findings += [f"ARCHITECTURE.md: {room} is no room" for room in drawn if room not in DIRECTION]
    return findings


def dependencies(tree):
    """Every package that ./dev installs has its reason in docs/dependencies.md, and the other way round."""
    rows = [line.split() for line in tree.get("dev.d/packages", "").splitlines()]
    installed = {row[1] for row in rows if row and row[0] != "#"}
    told = set(re.findall(r"^\| `([\w.+-]+)` \|", tree.get("docs/dependencies.md", ""), re.MULTILINE))
    return ([f"docs/dependencies.md: {name} has no row" for name in sorted(installed - told)]
            + [f"docs/dependencies.md: {name} is not in dev.d/packages" for name in sorted(told - installed)])


def links(tree):
    """A link in our pages leads somewhere."""
    findings = []
    folders = {"/".join(path.split("/")[:depth]) for path in tree for depth in range(1, path.count("/") + 1)}
    for path, text in tree.items():
        if not path.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            parts = [] if target.startswith("/") else path.split("/")[:-1]
            for part in target.rstrip("/").split("/"):
                parts = parts[:-1] if part == ".." else parts if part == "." else [*parts, part]
            if "/".join(parts) not in tree and "/".join(parts) not in folders:
                findings.append(f"{path}: the link to {target} leads nowhere")
    return findings


RULES = [direction, lengths, words, waits, readmes, picture, dependencies, links]
