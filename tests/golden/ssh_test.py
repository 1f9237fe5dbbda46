#!/usr/bin/env python3
"""Runs the SSH example and compares it with an answer that was found without the engine.

Usage: ssh_test.py LYMER LOG...
For each log, `lymer run examples/ssh_brute_force/rules.cep LOG` must print the same list of
(address, first, last) as ssh_independent.py. A log that is not there is skipped with a message.
"""

import datetime
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
RULES = HERE.parent.parent / "examples" / "ssh_brute_force" / "rules.cep"


def year_of(log):
    """The latest year that puts the first event no more than a day ahead of the clock."""
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            found = re.match(r"(\w{3}) +(\d+) .*(Failed|Accepted) password for ", line)
            if found:
                break
    latest = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    for year in range(latest.year, latest.year - 8, -1):
        day = datetime.datetime.strptime(f"{year} {found[1]} {found[2]}", "%Y %b %d")
        if day.replace(tzinfo=datetime.timezone.utc) <= latest:
            return year
    raise ValueError(f"no year fits {log}")


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def main():
    lymer, *logs = sys.argv[1:]
    for log in logs:
        if not pathlib.Path(log).exists():
            print(f"skipped: {log} is not here")
            continue
        matches = run(lymer, "run", "--quiet", str(RULES), log)
        found = run(sys.executable, str(HERE / "ssh_match_list.py"), input=matches)
        independent = run(sys.executable, str(HERE / "ssh_independent.py"),
                          "--year", str(year_of(log)), log)
        if found != independent or not found:
            print(f"{log}: the engine and the script disagree")
            print("engine:", found, "script:", independent, sep="\n")
            return 1
        print(f"{log}: {len(found.splitlines())} matches, equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
