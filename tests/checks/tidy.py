#!/usr/bin/env python3
"""Checks the rules of the house that neither the compiler nor clang-tidy knows.

Each rule is a function `check_*` that yields (line, message) for one file, or a `tree_*` function
that yields whole violations. What a rule exempts stands in a table at the top, each entry with its
reason; the tables are meant to stay short.

Prints one line per violation and ends with 1, or the counts that may only improve and ends with 0.

Usage: tidy.py [ROOT]
"""

import pathlib
import re
import statistics
import sys

import source_text

SOURCE_DIRS = ("runtime", "nfa", "cep", "checkpoint", "kafka", "rules", "server")
ALL_DIRS = (*SOURCE_DIRS, "examples", "tests")

COLUMNS_MAX = 100
FILE_LINES_MAX = 500
TEST_FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 60
HEAD_COMMENT_LINES_MIN = 2

# Name of a ban -> (pattern over code without comments and strings, why it is banned).
BANNED = {
    "wall clock": (r"\bsystem_clock::now\b", "take time from a Clock, so that tests can move it"),
    "steady clock": (r"\bsteady_clock::now\b", "take time from a Clock, so that tests can move it"),
    "rand": (r"(?<![\w.>:])(?:std::|::)?s?rand\s*\(", "a run must repeat from its seed"),
    "sleep": (
        r"\bthis_thread::sleep_|\b(?:usleep|nanosleep)\s*\(|(?<!\w)::sleep\s*\(",
        "wait for an event, or on a Clock"),
    "stdout": (
        r"\bstd::cout\b|\bfmt::print\b|\bfprintf\s*\(\s*stdout\b"
        r"|(?<![\w.>:])(?:std::|::)?(?:printf|vprintf|puts|putchar)\s*\(",
        "stdout belongs to results"),
    "stderr": (r"\bstd::cerr\b", "use the log"),
    "exit": (r"(?<![\w.>:])(?:std::|::)?(?:_|quick_)?exit\s*\(", "return an error to main"),
    "throw": (r"\bthrow\b", "return a Result"),
    "new": (r"\bnew\b", "values or make_unique own memory"),
    "delete": (r"(?<!=)(?<!= )\bdelete\b", "values or make_unique own memory"),
    "std::regex": (r"\bstd::w?regex\b|#\s*include\s*<regex>", "it is slow and recurses; use RE2"),
}

# (place, ban, reason): a file or a directory where a ban does not hold.
ALLOWED = (
    ("runtime/base/clock.cc", "wall clock", "the one seam to the real clock"),
    ("runtime/base/clock.cc", "steady clock", "the one seam to the real clock"),
    ("runtime/base/clock.cc", "sleep", "the one seam to the real clock"),
    ("runtime/base/forked_writer.cc", "exit", "a copy of the process must not run its handlers"),
    ("server/main.cc", "stderr", "errors before the log is set up"),
    ("server/cli", "stdout", "a command's answer is its output"),
    ("server/cli", "stderr", "a command's complaint is for the terminal"),
    ("examples", "stdout", "an example shows its result"),
    ("tests/conformance/replay_main.cc", "stdout", "its answers are its output"),
    ("tests/conformance/replay_main.cc", "stderr", "a program of its own, without the log"),
    ("examples", "stderr", "an example has no log"),
    ("tests/kafka/topic_main.cc", "stdout", "what a topic holds is its output"),
    ("tests/bench", "steady clock", "a benchmark measures the machine"),
    ("tests/bench", "stdout", "a benchmark's figures are its output"),
    ("tests/bench", "stderr", "a benchmark has no log"),
    ("tests/nfa/allocation_test.cc", "new", "replaces the global functions to count their calls"),
    ("tests/nfa/allocation_test.cc", "delete", "replaces the global functions likewise"),
    ("tests/cep/counted_memory.cc", "new", "replaces the global functions to count"),
    ("tests/cep/counted_memory.cc", "delete", "replaces the global functions likewise"),
    ("tests/bench/workload_main.cc", "new", "replaces the global functions to count their calls"),
    ("tests/bench/workload_main.cc", "delete", "replaces the global functions likewise"),
    ("tests/crash/log_append.cc", "stdout", "what was answered is its output"),
    ("tests/crash", "exit", "a process that dies at once is the thing under test"),
    ("tests/fuzz/replay_main.cc", "stderr", "names the input that is about to run"),
)

# Words that say nothing about the thing they name. Checked in file names and in names of types and
# namespaces.
BANNED_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "impl", "misc"}

# Functions longer than the limit: (file, start of the head) -> reason.
LONG_FUNCTIONS = {}

# Sources without a test file of their own -> reason.
UNTESTED = {
    "server/main.cc": "flags to calls only; the golden runs and the examples start it",
}

TYPE_NAME = re.compile(r"\b(?:class|struct|union|enum|namespace)\s+(?:class\s+|struct\s+)?([\w:]+)")


def is_under(path, place):
    return path == place or path.startswith(place + "/")


def is_test(path):
    return is_under(path, "tests")


# --- rules on one file: (path, text, code) -> (line, message); code is text with literals blanked.

def check_banned_calls(path, text, code):
    for name, (pattern, why) in BANNED.items():
        if any(ban == name and is_under(path, place) for place, ban, _ in ALLOWED):
            continue
        for number, line in enumerate(code.splitlines(), 1):
            is_directive = line.lstrip().startswith("#") and name != "std::regex"
            if not is_directive and re.search(pattern, line):
                yield number, f"banned: {name} ({why})"


def check_using_namespace(path, text, code):
    if path.endswith(".h"):
        for number, line in enumerate(code.splitlines(), 1):
            if re.search(r"\busing\s+namespace\b", line):
                yield number, "using namespace in a header reaches every includer"


def check_names(path, text, code):
    for part in pathlib.PurePath(path).parts:
        for word in BANNED_WORDS.intersection(re.split(r"[_.]", part)):
            yield 1, f'"{word}" in a file name says nothing; name the idea'
    for number, line in enumerate(code.splitlines(), 1):
        for match in TYPE_NAME.finditer(line):
            words = re.findall(r"[A-Z]?[a-z0-9]+", match[1])
            for word in BANNED_WORDS.intersection(each.lower() for each in words):
                yield number, f'"{word}" in the name {match[1]} says nothing; name the idea'


def check_file_length(path, text, code):
    limit = TEST_FILE_LINES_MAX if is_test(path) else FILE_LINES_MAX
    count = len(text.splitlines())
    if count > limit:
        yield 1, f"{count} lines; the limit is {limit}: split by idea"


def check_function_length(path, text, code):
    if is_test(path):
        return
    for line, count, head in source_text.find_functions(code):
        exempt = any(path == file and head.startswith(start) for file, start in LONG_FUNCTIONS)
        if count > FUNCTION_LINES_MAX and not exempt:
            limit = FUNCTION_LINES_MAX
            yield line, f"function of {count} lines; the limit is {limit}: {head[:60]}"


def check_head_comment(path, text, code):
    lines = text.splitlines()
    comment = 0
    while comment < len(lines) and lines[comment].startswith("//"):
        comment += 1
    if comment < HEAD_COMMENT_LINES_MIN:
        yield 1, f"begin with at least {HEAD_COMMENT_LINES_MIN} lines of //: what, and why"
    rest = [line for line in lines[comment:] if line.strip()]
    if path.endswith(".h") and (not rest or rest[0] != "#pragma once"):
        yield comment + 1, "#pragma once follows the head comment"


def check_todo(path, text, code):
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\b(?:TODO|FIXME)\b(?!\([^)]+\))", line):
            yield number, "a TODO names its context: TODO(what it waits for)"


CPP_RULES = (check_banned_calls, check_using_namespace, check_names, check_file_length,
             check_function_length, check_head_comment, check_todo)


def check_layout(text):
    """Yields (line, message) for what any text file must keep to."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns; the limit is {COLUMNS_MAX}"
        if "\t" in line:
            yield number, "tab"
        if line != line.rstrip():
            yield number, "white space at the end of the line"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end of the file"


# --- rules on the tree: (root, {path: text}) -> whole violations.

def tree_suffixes(root, files):
    for top in ALL_DIRS:
        for path in (root / top).rglob("*"):
            if path.suffix in (".hpp", ".hh", ".cpp", ".cxx", ".c", ".inc", ".ipp"):
                yield f"{path.relative_to(root).as_posix()}:1: C++ files end in .h or .cc"


def tree_targets(root, files):
    """Every file is named in a CMakeLists.txt, relative to it or to the root of the project."""
    named = set()
    for listing in [root / "CMakeLists.txt", *(each for top in ALL_DIRS
                                               for each in (root / top).rglob("CMakeLists.txt"))]:
        if not listing.is_file():
            continue
        text = re.sub(r"#.*", "", listing.read_text("utf-8"))
        for word in re.findall(r"[\w./${}+-]+\.(?:h|cc)\b", text):
            word = word.replace("${CMAKE_CURRENT_SOURCE_DIR}/", "")
            base = listing.parent
            if word.startswith("${PROJECT_SOURCE_DIR}/"):
                word, base = word.removeprefix("${PROJECT_SOURCE_DIR}/"), root
            named.add((base / word).resolve())
    for path in files:
        if (root / path).resolve() not in named:
            yield f"{path}:1: in no CMakeLists.txt"


def tree_tests(root, files):
    for path in files:
        if path.endswith(".cc") and path.split("/")[0] in SOURCE_DIRS:
            test = f"tests/{path.removesuffix('.cc')}_test.cc"
            if test not in files and path not in UNTESTED:
                yield f"{path}:1: no test; write {test} or give a reason in tests/checks/tidy.py"
            if test in files and path in UNTESTED:
                yield f"{path}:1: has a test; take it off the table in tests/checks/tidy.py"


TREE_RULES = (tree_suffixes, tree_targets, tree_tests)


def read_tree(root, suffixes):
    files = {}
    for top in ALL_DIRS:
        for path in sorted((root / top).rglob("*")):
            if path.is_file() and (path.suffix in suffixes or path.name in suffixes):
                files[path.relative_to(root).as_posix()] = path.read_bytes().decode("utf-8")
    return files


def check_tree(root):
    """Returns all violations of the tree at `root`."""
    files = read_tree(root, {".h", ".cc"})
    violations = []
    for path, text in files.items():
        code = source_text.blank(text)
        for rule in CPP_RULES:
            violations += [f"{path}:{line}: {message}" for line, message in rule(path, text, code)]
    plain = read_tree(root, {".h", ".cc", ".py", ".sh", "CMakeLists.txt"})
    for path in ("CMakeLists.txt", ".ci/run"):
        if (root / path).is_file():
            plain[path] = (root / path).read_text("utf-8")
    for path, text in plain.items():
        violations += [f"{path}:{line}: {message}" for line, message in check_layout(text)]
    for rule in TREE_RULES:
        violations += rule(root, files)
    return sorted(violations, key=lambda each: (each.split(":")[0], int(each.split(":")[1])))


def count(root):
    """Returns lines of text: the counts that may only improve, over the source directories."""
    files = {path: text for path, text in read_tree(root, {".h", ".cc"}).items()
             if path.split("/")[0] in SOURCE_DIRS}
    if not files:
        return ["no source files yet"]
    lengths = {path: len(text.splitlines()) for path, text in files.items()}
    functions = [(count, f"{path}:{line}") for path, text in files.items()
                 for line, count, _ in source_text.find_functions(source_text.blank(text))]
    comments = [source_text.count_comment_lines(text) for text in files.values()]
    longest_file = max(lengths, key=lengths.get)
    longest_function = max(functions, default=(0, "none"))
    share = 100 * sum(each[0] for each in comments) / max(1, sum(each[1] for each in comments))
    return [
        f"longest file: {lengths[longest_file]} lines ({longest_file})",
        f"longest function: {longest_function[0]} lines ({longest_function[1]})",
        f"comment share: {share:.1f} %",
        f"median file length: {statistics.median(lengths.values()):g} lines of {len(files)} files",
    ]


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[2])
    violations = check_tree(root)
    print("\n".join(violations or ["tidy: clean"]))
    print("\n".join(count(root)))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
