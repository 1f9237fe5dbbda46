#!/usr/bin/env python3
"""Turns the matches of lymer (NDJSON on stdin) into the columns of ssh_independent.py.

Usage: lymer run rules.cep LOG | ssh_match_list.py [RULE]
Prints `address first last` per match, in the order of the input. With RULE, only that rule's.
"""

import json
import sys


def main(arguments):
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            match = json.loads(line)
            if arguments and match["rule"] != arguments[0]:
                continue
            print(match["key"]["ip"], match["first"], match["last"])
        except (ValueError, KeyError, TypeError) as error:
            print(f"line {number} is not a match: {error!r}: {line.rstrip()}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
