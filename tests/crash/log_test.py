#!/usr/bin/env python3
"""Kills a process that appends to an embedded log, again and again, and looks what is there.

Usage: log_test.py LOG_APPEND [--kills N] [--seed N]

All that was answered must be there, at the offsets that the answers named; offsets are dense; of
each batch there are all records or none, one behind the other, and no batch is there twice.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile


def run_killed(program, directory, start, answers):
    """Returns what was answered in whole lines before the kill, which comes after some answers."""
    command = [program, str(directory), "append", str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        lines = [process.stdout.readline() for _ in range(answers)]
        process.kill()
        lines += process.stdout.readlines()
    whole = [line.split() for line in lines if line.endswith(b"\n")]
    if len(whole) < answers:
        sys.exit(f"start {start} ended by itself")
    return [(int(first), int(count), int(seed), int(number))
            for first, count, seed, number in whole]


def check(there, answered):
    """Returns how many records are there."""
    records = [tuple(int(part) for part in line.split()) for line in there.splitlines()]
    batches = {}
    for place, (offset, seed, number, index) in enumerate(records):
        if offset != place:
            sys.exit(f"offset {offset} stands where {place} should")
        if index == 0:
            if (seed, number) in batches:
                sys.exit(f"batch {number} of start {seed} is there twice")
            batches[seed, number] = (offset, 0)
        first, count = batches.get((seed, number), (-1, -1))
        if (first + count, count) != (offset, index):
            sys.exit(f"record {index} of batch {number} of start {seed} is out of its place")
        batches[seed, number] = (first, count + 1)
    for (seed, number), (first, count) in batches.items():
        if count != number % 10 + 1:
            sys.exit(f"batch {number} of start {seed} is torn: {count} records")
    for first, count, seed, number in answered:
        if batches.get((seed, number)) != (first, count):
            sys.exit(f"batch {number} of start {seed} was answered with {first} and is not there")
    return len(records)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}")
    answered = []
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder) / "log"
        for start in range(options.kills):
            answered += run_killed(options.program, directory, start, chance.randrange(1, 60))
            there = subprocess.run([options.program, str(directory), "read"], check=True,
                                   stdout=subprocess.PIPE, text=True).stdout
            records = check(there, answered)
    print(f"{len(answered)} answers and {records} records over {options.kills} kills")


if __name__ == "__main__":
    main()
