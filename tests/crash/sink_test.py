#!/usr/bin/env python3
"""Kills a job with sinks of all three kinds at random moments until it has come to its end, and
compares what they hold with a run that nobody touched.

Usage: sink_test.py SINK_JOB [--kills N] [--rows N] [--seed N]

Each start has another parallelism. The files of the two-phase sink and of the write-ahead sink must
hold each line once and never change; of the idempotent one each key must have its last value.
"""

import argparse
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import crash_test

LOGS = ("parts", "batches")


def shown(folder, output):
    """Returns {file: bytes} of what a reader may take."""
    return {path.name: path.read_bytes() for path in (folder / output).glob("*")
            if not path.name.startswith(".")}


def check_unchanged(before, after):
    for output in LOGS:
        for name, content in before[output].items():
            if after[output].get(name) != content:
                sys.exit(f"{output}/{name} was committed and then changed")


def run_killed(command, folder, chance, kills, seconds):
    """Returns how many kills hit a running process until one came to the end."""
    hits = 0
    before = {output: {} for output in LOGS}
    for attempt in range(100 * kills):
        child = subprocess.Popen([command[0], folder, str(1 + attempt % 3), command[1]],
                                 stderr=subprocess.PIPE)
        was_killed = False
        try:
            child.wait(timeout=chance.uniform(0.005, seconds) if hits < kills else 300)
        except subprocess.TimeoutExpired:
            child.kill()
            was_killed = True
        said = child.stderr.read().decode()
        code = child.wait()
        after = {output: shown(folder, output) for output in LOGS}
        check_unchanged(before, after)
        before = after
        if code == 0:
            return hits
        if not was_killed:
            sys.exit(f"start {attempt + 1} ended with {code}: {said}")
        hits += 1
    sys.exit("it does not come to its end")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sink_job")
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lymer-sinks-"))
    chance = random.Random(options.seed)
    command = (options.sink_job, str(options.rows))
    try:
        (folder / "straight").mkdir()
        begun = time.monotonic()
        subprocess.run([command[0], folder / "straight", "1", command[1]], check=True)
        seconds = time.monotonic() - begun
        expected = {output: crash_test.lines(shown(folder / "straight", output))
                    for output in LOGS}
        table = shown(folder / "straight", "table")
        if expected["parts"] != expected["batches"] or len(table) < 10:
            sys.exit("the straight run is not what it should be")
        crash_test.check_comparison(expected["batches"])
        hits = 0
        while hits < options.kills:
            killed = folder / "killed"
            killed.mkdir()
            hits += run_killed(command, killed, chance, options.kills - hits, seconds / 2)
            for output in LOGS:
                wrong = crash_test.difference(expected[output],
                                              crash_test.lines(shown(killed, output)))
                if wrong:
                    sys.exit(f"{output}: {wrong} (seed {options.seed})")
            if shown(killed, "table") != table:
                sys.exit(f"table: other values than in the straight run (seed {options.seed})")
            shutil.rmtree(killed)
        print(f"{hits} kills: {sum(expected['parts'].values()):,} lines in two sinks, each once; "
              f"{len(table)} keys with their last value (seed {options.seed})")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
