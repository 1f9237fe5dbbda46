#!/usr/bin/env python3
"""Asks the real Flink CEP about fresh random cases and compares its answers with ours.

Cases come from make_cases.py (deep, odd, long) and from SHARED/oracle/gen_random.py (valid, wild),
in equal parts unless --makers says otherwise. Flink answers some 50 a second. A difference is
printed and kept in --keep as a case with Flink's answer, to be looked at with conformance_replay
and to be put under tests/conformance/cases once it is understood.

Equal means: of each key the same matches in the same order at the same step; the same timeouts with
their times, in any order within a step; the same late events; a refusal in the same phase; a
failure at the same step, after the same findings. Counted, but no differences: cases that Flink
cannot answer (it takes too long, or for ever, or finds too much), and those in which it dies of an
exception of its own.

Examples:
  widen.py --cases 3000 --seed 7
  widen.py --cases 20000 --makers deep --keep found.jsonl
  widen.py --answered cases.jsonl          compare with answers that Flink gave before

The oracle is copied to build/oracle and built there at the first use (Java 17, Maven). Ends with 0
if nothing differs, 1 if something does, 77 where SHARED/oracle is absent.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys

import make_cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
BATCH = 2500
FLINK_SECONDS_PER_CASE = 20
# Exceptions that are Flink's own mistakes; what it says with the others is meant.
FLINK_BUGS = ("NullPointerException", "StackOverflowError")


def say(text):
    print(text, file=sys.stderr, flush=True)


# --- comparing

def by_key(case, findings):
    """Splits findings by the key of their events, each with its step and events."""
    key_of = {each["id"]: each["key"] for each in case["input"] if "id" in each}
    split = collections.defaultdict(list)
    for each in findings:
        events = each["match"]
        first = next((ids[0] for ids in events.values() if ids), None)
        split[key_of.get(first)].append((each["at"], sorted(events.items()), each.get("ts")))
    return split


def sorted_by_key(case, findings):
    return {key: sorted(found) for key, found in by_key(case, findings).items()}


def difference(case, ours, flinks):
    """Says in what our `expect` differs from Flink's; empty if it does not."""
    if "error" in flinks and flinks["error"] in FLINK_BUGS:
        return ""
    our_phase, phase = ours.get("phase"), flinks.get("phase")
    if our_phase != phase:
        return f"phase: ours {our_phase or 'answers'}, Flink's {phase or 'answers'}" \
               f" ({ours.get('message') or flinks.get('message')})"
    if phase in ("build", "compile"):
        return ""
    if phase == "runtime" and ours["at"] != flinks["at"]:
        return f"fails at {ours['at']}, Flink at {flinks['at']}"
    if by_key(case, ours["matches"]) != by_key(case, flinks["matches"]):
        same = sorted_by_key(case, ours["matches"]) == sorted_by_key(case, flinks["matches"])
        return "order of matches" if same else "matches"
    if sorted_by_key(case, ours["timeouts"]) != sorted_by_key(case, flinks["timeouts"]):
        return "timeouts"
    return "" if ours["late"] == flinks["late"] else "late events"


# --- asking

def copy_oracle(source, target):
    """The oracle builds beside its sources, which may be read-only."""
    if target.exists():
        return
    say(f"copying the oracle to {target}")
    for path in sorted(each for each in source.rglob("*") if each.is_file()):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        copy.chmod(0o755 if os.access(path, os.X_OK) else 0o644)


def cases_of(maker, oracle, seed, count):
    """Returns `count` lines of JSON from one maker."""
    if maker in make_cases.KINDS:
        return list(make_cases.make_cases(seed, count, maker))
    command = [sys.executable, "-B", oracle / "gen_random.py", str(seed), str(count), maker,
               f"{maker}-{seed}-"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


def ask_flink(lines, oracle, folder):
    """Returns the cases with Flink's answers, and those that it could not answer."""
    asked, answered = folder / "asked.jsonl", folder / "answered.jsonl"
    asked.write_text("".join(line + "\n" for line in lines))
    subprocess.run([oracle / "run.sh", asked, answered, "--drop", "--timeout-ms",
                    str(1000 * FLINK_SECONDS_PER_CASE)], check=True, stderr=subprocess.DEVNULL)
    dropped = pathlib.Path(f"{answered}.dropped")
    return read_cases(answered), read_cases(dropped)


def ask_ours(cases, replay, folder):
    """Returns {id: expect}. A case in which our program dies is answered by an error of its own."""
    answers, left = {}, list(cases)
    while left:
        file = folder / "replay.jsonl"
        file.write_text("".join(json.dumps(case) + "\n" for case in left))
        done = subprocess.run([replay, file], stdout=subprocess.PIPE, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        answers.update((each["id"], each["expect"]) for each in lines)
        left = left[len(lines):]
        if left:
            message = f"conformance_replay ended with {done.returncode}"
            answers[left[0]["id"]] = {"phase": "died", "message": message}
            left = left[1:]
    return answers


def read_cases(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


# --- the whole

class Tally:
    """Counts, prints and keeps."""

    def __init__(self, keep):
        self.keep = keep
        self.counts = collections.Counter()

    def compare(self, cases, replay, folder):
        answers = ask_ours(cases, replay, folder)
        for case in cases:
            flinks = case["expect"]
            self.counts["compared"] += 1
            self.counts["matches"] += len(flinks.get("matches", []))
            self.counts["timeouts"] += len(flinks.get("timeouts", []))
            if "error" in flinks:
                bug = flinks["error"] in FLINK_BUGS
                self.counts["errors of Flink itself" if bug else f"{flinks['phase']} errors"] += 1
            differs = difference(case, answers[case["id"]], flinks)
            if not differs:
                continue
            self.counts["different"] += 1
            print(f"{case['id']}: {differs}", flush=True)
            if self.keep:
                with open(self.keep, "a", encoding="utf-8") as kept:
                    kept.write(json.dumps(case, separators=(",", ":")) + "\n")

    def unanswered(self, cases):
        for case in cases:
            why = "takes too long" if "hang" in case["dropped"] else "finds too much"
            self.counts[f"Flink {why}"] += 1

    def told(self):
        return ", ".join(f"{count} {name}" for name, count in self.counts.items())


def read_options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--makers", default="deep,odd,long,valid,wild", metavar="M,M",
                        help="of deep, odd, long, valid, wild")
    parser.add_argument("--answered", type=pathlib.Path, action="append", metavar="FILE")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FILE", help="appended to")
    parser.add_argument("--replay", type=pathlib.Path, metavar="PROGRAM",
                        default=ROOT / "build/release/tests/conformance_replay")
    parser.add_argument("--shared", type=pathlib.Path, metavar="DIR",
                        default=os.environ.get("LYMER_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--folder", type=pathlib.Path, metavar="DIR", default=ROOT / "build/widen",
                        help="for what is asked and answered")
    return parser.parse_args()


def widen(options, tally):
    oracle = ROOT / "build" / "oracle"
    copy_oracle(options.shared / "oracle", oracle)
    makers = options.makers.split(",")
    lines = []
    for number, maker in enumerate(makers):
        share = options.cases // len(makers) + (number < options.cases % len(makers))
        lines += cases_of(maker, oracle, options.seed, share)
    for start in range(0, len(lines), BATCH):
        answered, dropped = ask_flink(lines[start:start + BATCH], oracle, options.folder)
        tally.compare(answered, options.replay, options.folder)
        tally.unanswered(dropped)
        say(tally.told())


def main():
    options = read_options()
    if not options.replay.is_file():
        say(f"widen.py: {options.replay} is not built; build the target conformance_replay "
            "(--replay)")
        return 1
    if not options.answered and not (options.shared / "oracle").is_dir():
        say(f"widen.py: there is no Flink to ask: {options.shared / 'oracle'} is absent (--shared)")
        return SKIPPED
    options.folder.mkdir(parents=True, exist_ok=True)
    tally = Tally(options.keep)
    for file in options.answered or []:
        tally.compare(read_cases(file), options.replay, options.folder)
    if not options.answered:
        widen(options, tally)
    print(tally.told())
    return 1 if tally.counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
