#!/usr/bin/env python3
"""Kills `lymer run --checkpoint` at random moments, by SIGKILL or now and then by SIGTERM, until it
has come to its end, and compares what it committed with a run that nobody touched.

Usage: crash_test.py LYMER [--kills N] [--events N] [--seed N] [--folder DIR]

Each start goes on from the newest checkpoint, with another number of threads than the one before,
and with state in memory or in RocksDB by turns.
The reader follows the rule of runtime/part_file_sink.h: files named part-*, and no others. Every
line must be there once: matches, timeouts and rows of a derived stream alike. What committed files
hold must never change, so each is compared with what it held after the kill before.

First the comparison itself is tested: with a line planted twice and with one taken away.
"""

import argparse
import collections
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RULES = pathlib.Path(__file__).resolve().parent / "guessing.cep"
OUTPUTS = ("matches", "timeouts")


def generate(path, count):
    state = 1
    with open(path, "w", encoding="ascii", buffering=1 << 20) as out:
        for number in range(count):
            state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
            draw = state >> 33
            user, ok = draw % 997, "true" if draw // 997 % 4 == 0 else "false"
            at = 1_700_000_000_000 + number * 20 + draw % 150
            out.write(f'{{"at":{at},"user":"user-{user:05d}","ok":{ok}}}\n')


def command(lymer, events, folder, threads, in_rocksdb=False, interval=0.02):
    state = ["--state-backend", "rocksdb", "--state-directory", folder / "work"]
    return [lymer, "run", RULES, "--quiet", "--show", "counted", "--show", "threes",
            "-p", str(threads), *(state if in_rocksdb else []),
            "--input", f"logins={events / 'logins.ndjson'}",
            "--input", f"transfers={events / 'transfers.ndjson'}",
            "--output", folder / "matches", "--timeouts", folder / "timeouts",
            "--checkpoint", folder / "state", "--checkpoint-interval", str(interval)]


def committed(folder):
    """Returns {output: {file: bytes}} of what a reader may take."""
    return {output: {path.name: path.read_bytes() for path in (folder / output).glob("part-*")}
            for output in OUTPUTS}


def lines(files):
    """Returns the lines of all files with how often each is there."""
    return collections.Counter(line for content in files.values()
                               for line in content.splitlines())


def difference(expected, found):
    """Says what is wrong, or nothing."""
    lost, doubled = expected - found, found - expected
    if not lost and not doubled:
        return ""
    return (f"{sum(lost.values())} lines lost, such as {list(lost)[:2]}; "
            f"{sum(doubled.values())} too many, such as {list(doubled)[:2]}")


def check_comparison(expected):
    line = next(iter(expected))
    planted = collections.Counter(expected)
    planted[line] += 1
    taken = collections.Counter(expected)
    taken[line] -= 1
    if not difference(expected, planted) or not difference(expected, +taken):
        sys.exit("the comparison does not see a planted fault")


def check_unchanged(before, after):
    for output in OUTPUTS:
        for name, content in before[output].items():
            if after[output].get(name) != content:
                sys.exit(f"{output}/{name} was committed and then changed")


def check_cleared(folder):
    """What a killed run leaves in its working directory the next one there takes over."""
    left = [path.name for path in (folder / "work").glob("state-*") if path.is_dir()]
    if len(left) > 1:
        sys.exit(f"working directories pile up: {left}")


def run_killed(lymer, events, folder, chance, kills):
    """Returns how many kills hit a running process until one came to the end."""
    hits = 0
    before = {output: {} for output in OUTPUTS}
    for attempt in range(100 * kills):
        child = subprocess.Popen(command(lymer, events, folder, 1 + attempt % 3, attempt % 2 == 1),
                                 stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        may_kill = hits < kills
        sent = 0
        try:
            child.wait(timeout=chance.uniform(0.005, 0.25) if may_kill else 300)
        except subprocess.TimeoutExpired:
            sent = signal.SIGTERM if chance.random() < 0.2 else signal.SIGKILL
            child.send_signal(sent)
        said = child.stderr.read().decode()
        code = child.wait()
        after = committed(folder)
        check_unchanged(before, after)
        before = after
        if code == 0 and not sent:
            check_cleared(folder)
            return hits
        # One that is asked to end does so in good order, unless it has no handler yet.
        if code != -sent and not (sent == signal.SIGTERM and code == 0):
            sys.exit(f"start {attempt + 1} ended with {code}: {said}")
        hits += 1
    sys.exit("it does not come to its end")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lymer")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--events", type=int, default=1_500_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--folder", type=pathlib.Path)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lymer-crash-", dir=options.folder))
    chance = random.Random(options.seed)
    try:
        events = folder / "events"
        events.mkdir()
        generate(events / "logins.ndjson", options.events)
        generate(events / "transfers.ndjson", options.events // 3)
        (folder / "straight").mkdir()
        subprocess.run(command(options.lymer, events, folder / "straight", 1), check=True,
                       stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        straight = {output: lines(files)
                    for output, files in committed(folder / "straight").items()}
        for expected in straight.values():
            check_comparison(expected)
        hits, rounds = 0, 0
        while hits < options.kills:
            rounds += 1
            (folder / "killed").mkdir()
            hits += run_killed(options.lymer, events, folder / "killed", chance,
                               options.kills - hits)
            for output, files in committed(folder / "killed").items():
                wrong = difference(straight[output], lines(files))
                if wrong:
                    sys.exit(f"{output}: {wrong} (seed {options.seed})")
            shutil.rmtree(folder / "killed")
        print(f"{hits} kills in {rounds} rounds: "
              + ", ".join(f"{sum(straight[output].values()):,} {output}" for output in OUTPUTS)
              + f", each line once (seed {options.seed})")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
