#!/usr/bin/env python3
"""Lets `lymer run --checkpoint` die at each failpoint, and compares what it committed
in the end with a run that nobody touched.

Usage: failpoint_test.py LYMER [NAME...]

LYMER must have been built with LYMER_FAILPOINTS (the presets dev, asan and tsan). For each name:
1. a start that leaves something to recover: it dies between a checkpoint and its first commit;
2. one that goes on and dies at the failpoint: a name that is never passed is an error;
3. one that goes on to the end.
After each death what is committed must be as it was before, and in the end every line there once.

Usage: failpoint_test.py --none LYMER

Checks that no name is in the program: a release has no failpoints.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import crash_test

ROOT = pathlib.Path(__file__).resolve().parents[2]
USE = re.compile(r'LYMER_FAILPOINT\("([^"]*)"\)')
EVENTS = 60_000
INTERVAL = 0.003  # Seconds; so many that old checkpoints are removed.
# What goes before, so that there is something to do at the failpoint at whatever speed: a
# checkpoint whose first output waits to be committed; one that has not got its name; or a part that
# no checkpoint holds, of the second barrier at which one of the two sinks had written.
LEAVES_COMMITS = "sink.before_commit=crash"
BEFORE = {"checkpoint.before_removal_of_remainder": "checkpoint.before_rename=crash@2",
          "part_file.before_removal": "part_file.before_sync=crash@3"}


def names_in_sources():
    """Returns the names of all failpoints; each must stand in one place."""
    names = []
    for layer in ("runtime", "nfa", "cep", "checkpoint", "kafka", "rules", "server"):
        for path in sorted((ROOT / layer).rglob("*.cc")):
            names += USE.findall(path.read_text())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        sys.exit(f"failpoints in two places: {', '.join(twice)}")
    if not names:
        sys.exit("no failpoints in the sources")
    return sorted(names)


def start(lymer, folder, failpoints, threads):
    """Runs once and returns its code, -9 if it died."""
    command = crash_test.command(lymer, folder / "events", folder / "killed", threads,
                                 interval=INTERVAL)
    child = subprocess.run(
        ["env", f"LYMER_FAILPOINTS={failpoints}"] + command,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=120)
    if child.returncode not in (0, -9):
        sys.exit(f"{failpoints}: ended with {child.returncode}: {child.stderr.decode()}")
    return child.returncode


def die_at(lymer, folder, name, straight):
    """Dies there once, goes on to the end and holds what was committed against the straight run."""
    killed = folder / "killed"
    shutil.rmtree(killed, ignore_errors=True)
    killed.mkdir()
    before = crash_test.committed(killed)
    starts = (BEFORE.get(name, LEAVES_COMMITS), f"{name}=crash", "")
    for number, failpoints in enumerate(starts):
        code = start(lymer, folder, failpoints, 1 + number % 3)
        after = crash_test.committed(killed)
        crash_test.check_unchanged(before, after)
        before = after
        if number < 2 and code == 0:
            sys.exit(f"{failpoints}: it came to its end without passing there")
    if code != 0:
        sys.exit("a process without failpoints died")
    for output, files in before.items():
        wrong = crash_test.difference(straight[output], crash_test.lines(files))
        if wrong:
            sys.exit(f"{name}: {output}: {wrong}")


def check_none(lymer):
    program = pathlib.Path(lymer).read_bytes()
    found = [name for name in names_in_sources() if name.encode() in program]
    if found:
        sys.exit(f"failpoints in {lymer}: {', '.join(found)}")
    print(f"none of {len(names_in_sources())} failpoints is in {lymer}")


def main():
    if sys.argv[1:2] == ["--none"]:
        check_none(sys.argv[2])
        return 0
    # Those of Kafka are passed where a broker is (tests/kafka/kill_test.py).
    lymer = sys.argv[1]
    names = sys.argv[2:] or [name for name in names_in_sources() if not name.startswith("kafka.")]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lymer-failpoint-"))
    try:
        events = folder / "events"
        events.mkdir()
        crash_test.generate(events / "logins.ndjson", EVENTS)
        crash_test.generate(events / "transfers.ndjson", EVENTS // 3)
        (folder / "straight").mkdir()
        subprocess.run(crash_test.command(lymer, events, folder / "straight", 1), check=True,
                       stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        straight = {output: crash_test.lines(files)
                    for output, files in crash_test.committed(folder / "straight").items()}
        for expected in straight.values():
            crash_test.check_comparison(expected)
        for name in names:
            die_at(lymer, folder, name, straight)
        print(f"died at {len(names)} failpoints, each line once:", ", ".join(names))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
