#!/usr/bin/env python3
"""Rules together find what each finds by itself.

Usage: many_rules_test.py LYMER [FIRST_SEED [SEEDS]]
For each seed: random rules over random events, first each rule in a file of its own, then all of
them in one. Matches and timeouts of every rule must be the same lines. All rules of a file share
sorter, event store and the tests of their conditions; alone, a rule shares with nobody.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

STREAM = """stream e {
  from file "events"
  format json
  field k: int
  field t: string
  field n: int
  field x: float
  field at: int
  time at unit ms
  out_of_order 5ms
}
"""
EVENTS = 300


def condition(draw, depth=0):
    kind = draw.randrange(9)
    if kind < 3:
        return f't == "{draw.choice("abcd")}"'
    if kind == 3:
        return f"n {draw.choice(['==', '!=', '<', '<=', '>', '>='])} {draw.randrange(6)}"
    if kind == 4:
        return f"x {draw.choice(['<', '<=', '>', '>='])} {draw.random() * 5:.1f}"
    if kind == 5:
        return f't matches "{draw.choice(["^a", "b|c", "[cd]$", "^ab?", "d"])}"'
    if kind == 6:
        return f"n in [{draw.randrange(6)}, {draw.randrange(6)}]"
    if kind == 7 and depth < 2:
        return f"({condition(draw, depth + 1)} or {condition(draw, depth + 1)})"
    if kind == 8:
        return f"n + 1 > {draw.randrange(6)}"
    return f"{condition(draw, 2)} and {condition(draw, 2)}"


def stages(draw):
    words = ["next", "followedBy", "followedBy", "followedByAny", "notFollowedBy", "notNext"]
    count = draw.randrange(2, 4)
    text = f"  begin s0 where {condition(draw)}\n"
    was_negated = False
    for i in range(1, count):
        word = draw.choice(words)
        is_last = i == count - 1
        if word.startswith("not") and (is_last or was_negated):
            word = "followedBy"
        was_negated = word.startswith("not")
        text += f"  {word} s{i}"
        if was_negated or draw.random() < 0.9:
            text += f" where {condition(draw)}"
        if not was_negated and draw.random() < 0.2:
            often = ["oneOrMore", "oneOrMore consecutive", "times 2"]
            text += " " + draw.choice(often + ([] if is_last else ["optional"]))
        text += "\n"
    return text


def rule(draw, number):
    dialect = "dialect flink" if draw.random() < 0.3 else ""
    return (f"rule r{number} {{\n  on e by {draw.choice(['k', 'k', 'k', 'k, n'])} {dialect}\n"
            f"{stages(draw)}  within {draw.choice([5, 10, 30])}ms\n"
            f"  {draw.choice(['', 'skip past last', 'skip to next'])}\n}}\n")


def events(draw):
    at = 1000
    for _ in range(EVENTS):
        at += draw.choice([0, 0, 1, 1, 2])
        event = {"k": draw.randrange(3), "t": draw.choice(["a", "b", "c", "d", "ab", "zz"]),
                 "n": draw.randrange(7), "x": round(draw.random() * 6, 1),
                 "at": at - draw.choice([0, 0, 0, 3, 9])}
        if draw.random() < 0.05:
            del event["n"]
        yield json.dumps(event) + "\n"


def by_rule(lines):
    sorted_out = {}
    for line in lines.splitlines():
        sorted_out.setdefault(json.loads(line)["rule"], []).append(line)
    return sorted_out


def run(lymer, folder, rules):
    """Matches and timeouts by rule; nothing if the rules are refused."""
    path = folder / "rules.cep"
    path.write_text(STREAM + "".join(rules))
    timeouts = folder / "timeouts"
    done = subprocess.run([lymer, "run", str(path), "--quiet", "--timeouts", str(timeouts),
                           "--max-results-per-event", "0"],
                          cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        return None
    return by_rule(done.stdout), by_rule(timeouts.read_text())


def compare(lymer, folder, seed):
    """Gives the rules compared and the results of all, and prints what differs."""
    draw = random.Random(seed)
    (folder / "events").write_text("".join(events(draw)))
    alone = {}
    for number in range(draw.choice([3, 20, 90])):
        text = rule(draw, number)
        found = run(lymer, folder, [text])
        if found is not None:  # Not every random rule makes sense.
            alone[f"r{number}"] = (text, found)
    together = run(lymer, folder, [text for text, _ in alone.values()])
    if together is None:
        print(f"seed {seed}: rules that are good one by one are refused together")
        return len(alone), 0, False
    results = 0
    good = True
    for name, (text, found) in alone.items():
        for what, mine, ours in zip(("matches", "timeouts"), found, together):
            results += len(mine.get(name, []))
            if mine.get(name, []) != ours.get(name, []):
                good = False
                print(f"seed {seed}: other {what} together: {text}")
    return len(alone), results, good


def main():
    lymer = str(pathlib.Path(sys.argv[1]).resolve())
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 6
    rules = results = 0
    all_good = True
    with tempfile.TemporaryDirectory() as name:
        for seed in range(first, first + seeds):
            compared, found, good = compare(lymer, pathlib.Path(name), seed)
            rules, results, all_good = rules + compared, results + found, all_good and good
    print(f"{rules} rules, {results} results, {'equal' if all_good else 'not equal'}")
    return 0 if all_good and results > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
