#!/usr/bin/env python3
"""Asks the real Flink about fresh random cases of windows and joins, and compares with ours.

Cases come from make_cases.py; Flink answers some 200 a second in its own operators (run.sh). A
difference is printed with its case, and the case kept in --keep with Flink's answer. README.md says
what is equal, and which differences are meant.

Examples:
  widen.py --cases 10000 --seed 7
  widen.py --cases 3000 --kinds session,dynamic --keep found.jsonl
  widen.py --cases 500 --events 200 --kinds join,interval
  widen.py --answered ../cases/windows.jsonl    compare with answers that Flink gave before
  widen.py --cases 200 --job                    in whole jobs of a MiniCluster, about one a second
  widen.py --cases 616 --seed 2026 --write ../cases/windows.jsonl

With --job it is Flink's jobs that are compared with Flink's operators, so that there is no doubt
about the way of asking. Java and Maven are needed, but for --answered. Ends with 0 if nothing
differs, 1 if something does.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

import make_cases

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BATCH = 5000


def say(text):
    print(text, file=sys.stderr, flush=True)


def read_cases(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def write_cases(path, cases):
    path.write_text("".join(make_cases.line_of(case) + "\n" for case in cases), "utf-8")


# --- asking

def ask_flink(cases, folder, as_job=False):
    """Returns the cases with Flink's answers."""
    asked, answered = folder / "asked.jsonl", folder / "answered.jsonl"
    write_cases(asked, cases)
    subprocess.run([HERE / "run.sh", *(["--job"] if as_job else []), asked, answered], check=True)
    return read_cases(answered)


def ask_ours(cases, replay, folder):
    """Returns {id: what differs}. A case in which our program dies differs by that."""
    found, left = {}, list(cases)
    while left:
        file = folder / "replay.jsonl"
        write_cases(file, left)
        done = subprocess.run([replay, file], stdout=subprocess.PIPE, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        found.update((each["id"], each["difference"]) for each in lines)
        left = left[len(lines):]
        if left:
            found[left[0]["id"]] = f"{replay.name} ended with {done.returncode}"
            left = left[1:]
    return found


# --- comparing jobs with operators

def by_key(answer):
    """Of a job it is not known at which element a result came, nor how its keys take turns."""
    split = collections.defaultdict(list)
    for _, *rest in answer.get("results", []):
        split[rest[1]].append(rest)
    return split


def job_difference(of_operator, of_job):
    if ("error" in of_operator) != ("error" in of_job):
        return f"operator {of_operator}, job {of_job}"
    if by_key(of_operator) != by_key(of_job) or of_operator.get("late") != of_job.get("late"):
        return f"operator {of_operator}\njob {of_job}"
    return ""


def is_sorted_in_jobs(case):
    """Flink's jobs sort by time what goes into a window that fires at the end of input alone."""
    op = case["op"]
    return op.get("windows") == "global" and op.get("trigger", {}).get("kind") == "end"


def compare_jobs(cases, folder):
    """Returns {id: what differs} for the cases that can be jobs."""
    cases = [case for case in cases if not is_sorted_in_jobs(case)]
    jobs = {each["id"]: each["expect"] for each in ask_flink(cases, folder, as_job=True)}
    return {case["id"]: job_difference(case["expect"], jobs[case["id"]]) for case in cases
            if "skipped" not in jobs[case["id"]]}


# --- the whole

class Tally:
    """Counts, prints and keeps."""

    def __init__(self, keep):
        self.keep = keep
        self.counts = collections.Counter()

    def take(self, cases, found):
        for case in cases:
            if case["id"] not in found:
                continue
            answer = case["expect"]
            self.counts["compared"] += 1
            self.counts["results"] += len(answer.get("results", []))
            self.counts["late events"] += len(answer.get("late", []))
            self.counts["refused"] += "error" in answer
            if not found[case["id"]]:
                continue
            self.counts["different"] += 1
            print(f"{case['id']}: {found[case['id']]}\n  {make_cases.line_of(case)}", flush=True)
            if self.keep:
                with open(self.keep, "a", encoding="utf-8") as kept:
                    kept.write(make_cases.line_of(case) + "\n")

    def told(self):
        return ", ".join(f"{count} {name}" for name, count in self.counts.items())


def read_options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(make_cases.KINDS), metavar="K,K",
                        help="of " + ", ".join(make_cases.KINDS))
    parser.add_argument("--events", type=int, default=make_cases.MOST_EVENTS,
                        help="that a case has at most; default: %(default)s")
    parser.add_argument("--answered", type=pathlib.Path, action="append", metavar="FILE")
    parser.add_argument("--job", action="store_true", help="compare Flink's jobs with operators")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FILE", help="appended to")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE", help="all that was answered")
    parser.add_argument("--replay", type=pathlib.Path, metavar="PROGRAM",
                        default=ROOT / "build/release/tests/conformance_replay")
    parser.add_argument("--folder", type=pathlib.Path, metavar="DIR",
                        default=ROOT / "build/flink_windows", help="for what is built and asked")
    return parser.parse_args()


def batches(options):
    """Yields cases with Flink's answers."""
    if options.answered:
        yield from (read_cases(file) for file in options.answered)
        return
    cases = list(make_cases.make_cases(options.seed, options.cases, options.kinds.split(","),
                                       options.events))
    for start in range(0, len(cases), BATCH):
        yield ask_flink(cases[start:start + BATCH], options.folder)


def main():
    options = read_options()
    if not options.job and not options.replay.is_file():
        say(f"widen.py: {options.replay} is not built; build the target conformance_replay "
            "(--replay)")
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ["FLINK_WINDOWS_BUILD"] = str(options.folder)
    tally = Tally(options.keep)
    answered = []
    for cases in batches(options):
        answered += cases
        found = (compare_jobs(cases, options.folder) if options.job
                 else ask_ours(cases, options.replay, options.folder))
        tally.take(cases, found)
        say(tally.told())
    if options.write:
        write_cases(options.write, answered)
    print(tally.told())
    return 1 if tally.counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
