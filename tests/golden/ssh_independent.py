#!/usr/bin/env python3
"""Finds SSH guessing bursts in a log of sshd without the engine, as an answer to compare with.

The rule: five failed passwords from one address, the last less than 60 s after the first; a failure
belongs to one burst at most, and of several possible bursts the one that began first wins. This
script shares no code and no idea with the engine: a queue of times per address is all it needs.

Usage: ssh_independent.py [--year YEAR] LOG
Prints `address first last` per burst, ordered by the last time, then by the order of the log.
"""

import argparse
import collections
import datetime
import re

FAILURES = 5
SPAN = datetime.timedelta(seconds=60)  # the last failure comes strictly before first + SPAN

# "message repeated 5 times: [ Failed password ..." does not fit: the text follows "sshd[pid]: ".
# The address is the last one of the line, since a user name is the attacker's to choose.
FAILED = re.compile(
    r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ sshd\[\d+\]: "
    r"Failed password for .* from (?P<address>\S+) port \d+ ssh2")


def read_failures(path, year):
    """Returns [(time, address)] in the order of the log, which has no year of its own."""
    failures = []
    with open(path, encoding="utf-8", errors="replace", newline="") as log:
        for line in log.read().split("\n"):
            match = FAILED.fullmatch(line.removesuffix("\r"))
            if match:
                time = datetime.datetime.strptime(f"{year} {match['time']}", "%Y %b %d %H:%M:%S")
                failures.append((time, match["address"]))
    return failures


def find_bursts(failures):
    """Returns [(address, first, last)] for failures in any order."""
    recent = collections.defaultdict(collections.deque)
    bursts = []
    # The sort is stable: failures of one second keep the order of the log.
    for time, address in sorted(failures, key=lambda failure: failure[0]):
        queue = recent[address]
        queue.append(time)
        while time - queue[0] >= SPAN:
            queue.popleft()
        if len(queue) == FAILURES:
            bursts.append((address, queue[0], time))
            queue.clear()
    return bursts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--year", type=int, default=datetime.date.today().year)
    parser.add_argument("log")
    arguments = parser.parse_args()
    for address, first, last in find_bursts(read_failures(arguments.log, arguments.year)):
        print(address, *(f"{time:%Y-%m-%dT%H:%M:%S}.000Z" for time in (first, last)))


if __name__ == "__main__":
    main()
