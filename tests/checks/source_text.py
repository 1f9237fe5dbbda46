"""Reads C++ source far enough for tidy.py: code without comments and strings, and function lengths.

Not a parser. It relies on clang-format having run: a brace that opens a body has a space before it,
a brace that initializes a value (`count_{0}`) has none.
"""

import re

# What must be blanked, in the order in which the alternatives are tried at one position. A quote
# after a digit or letter is a digit separator (1'000), not the start of a character.
_BLANKED = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r'|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)

# White space and access labels, which no function begins with.
_LABEL = re.compile(r"(?:\s|(?:public|private|protected)\s*:)*")

_SCOPE = re.compile(
    r"^(?:(?:public|private|protected)\s*:\s*)*"
    r"(?:template\s*<[^{]*>\s*)?"
    r"(?:\[\[[^\]]*\]\]\s*|inline\s+|typedef\s+|static\s+|constexpr\s+|const\s+)*"
    r'(?:namespace|class|struct|union|enum|extern\s*"")(?![\w])'
)


def blank(text):
    """Returns `text` with comments and the insides of literals gone, every line end kept."""

    def replace(match):
        lines = "\n" * match[0].count("\n")
        if match[0].startswith("/"):
            return " " + lines
        return match[0][0].replace("R", '"') + lines + match[0][-1]

    return _BLANKED.sub(replace, text)


def blank_directives(code):
    """Returns `code` without preprocessor lines, which would confuse the count of braces."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m[0].count("\n"), code,
                  flags=re.MULTILINE)


def find_functions(code):
    """Yields (first line, line count, head) per function body in blanked `code`.

    A lambda or a local class counts as a part of the function around it. The count goes from the
    first line of the signature to the closing brace.
    """
    code = blank_directives(code)
    start = 0  # where the text that leads up to the next brace began
    position = 0
    while position < len(code):
        symbol = code[position]
        if symbol in ";}":
            start = position + 1
        elif symbol == "{":
            head = code[start:position]
            if _SCOPE.match(head.strip()):
                start = position + 1  # look inside
            else:
                end = _closing_brace(code, position)
                if _opens_body(head):
                    first = start + _LABEL.match(head).end()
                    line = code.count("\n", 0, first) + 1
                    yield line, code.count("\n", first, end) + 1, " ".join(head.split())
                    start = end + 1
                # else: an initializer inside a longer head; the head goes on behind it.
                position = end
        position += 1


def _opens_body(head):
    return "(" in head and head[-1:].isspace() and not head.rstrip().endswith(("=", ",", "("))


def _closing_brace(code, opening):
    depth = 0
    for position in range(opening, len(code)):
        if code[position] == "{":
            depth += 1
        elif code[position] == "}":
            depth -= 1
            if depth == 0:
                return position
    return len(code) - 1


def count_comment_lines(text):
    """Returns (comment lines, non-blank lines). A line with code and a comment counts as code."""
    comment = filled = 0
    for line in text.splitlines():
        bare = line.strip()
        filled += bool(bare)
        comment += bare.startswith("//")
    return comment, filled
