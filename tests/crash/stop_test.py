#!/usr/bin/env python3
"""Tells `lymer run --savepoint-on-stop` at random moments to stop, by SIGTERM or SIGINT, goes on
from each savepoint with another number of threads and a new directory of checkpoints, and compares
what was committed in all with a run that nobody touched.

Usage: stop_test.py LYMER [--stops N] [--events N] [--seed N] [--folder DIR]

Also: what was damaged, what is not there, and a directory that holds checkpoints are refused with a
reason, a status and no change to what is committed.
"""

import argparse
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import crash_test


def command(lymer, events, folder, threads, start, came_from):
    """The same outputs each time; checkpoints and savepoints of their own."""
    words = crash_test.command(lymer, events, folder, threads)
    words[words.index("--checkpoint") + 1] = folder / f"state-{start}"
    words += ["--savepoint-on-stop", folder / f"saved-{start}"]
    return words + (["--from-savepoint", came_from] if came_from else [])


def run_stopped(lymer, events, folder, chance, stops):
    """Runs to the end; returns how often it left a savepoint, and the last one."""
    came_from, stopped = None, 0
    for start in range(50 * stops):
        child = subprocess.Popen(command(lymer, events, folder, 1 + start % 3, start, came_from),
                                 stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            child.wait(timeout=chance.uniform(0.02, 0.3) if stopped < stops else 300)
        except subprocess.TimeoutExpired:
            child.send_signal(chance.choice((signal.SIGTERM, signal.SIGINT)))
        said = child.stderr.read().decode()
        code = child.wait()
        saved = folder / f"saved-{start}"
        if code < 0 and not saved.exists():
            # It had no handler yet; what it may have begun is gone with its checkpoints.
            shutil.rmtree(folder / f"state-{start}", ignore_errors=True)
            continue
        if code != 0:
            sys.exit(f"start {start + 1} ended with {code}: {said}")
        if not saved.exists():
            return stopped, came_from
        stopped += 1
        came_from = saved
    sys.exit("it does not come to its end")


def check_refused(words, status, reason):
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    if told.returncode != status or reason not in told.stderr:
        sys.exit(f"expected {status} and `{reason}`: {told.returncode}, {told.stderr}")


def check_refusals(lymer, events, folder, savepoint):
    before = crash_test.committed(folder)
    # The last state directory holds checkpoints.
    held = max(folder.glob("state-*"), key=lambda path: int(path.name.split("-")[1]))
    start = int(held.name.split("-")[1])
    check_refused(command(lymer, events, folder, 1, start, savepoint), 2,
                  "holds checkpoints already")
    check_refused(command(lymer, events, folder, 1, "new", folder / "nowhere"), 3, "nowhere")
    damaged = folder / "damaged"
    shutil.copytree(savepoint, damaged)
    state = max(damaged.iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(state.read_bytes())
    content[len(content) // 2] ^= 1
    state.write_bytes(content)
    check_refused(command(lymer, events, folder, 1, "new", damaged), 3, state.name)
    if crash_test.committed(folder) != before:
        sys.exit("a start that was refused has changed what is committed")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lymer")
    parser.add_argument("--stops", type=int, default=8)
    parser.add_argument("--events", type=int, default=600_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--folder", type=pathlib.Path)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lymer-stop-", dir=options.folder))
    try:
        events = folder / "events"
        events.mkdir()
        crash_test.generate(events / "logins.ndjson", options.events)
        crash_test.generate(events / "transfers.ndjson", options.events // 3)
        for name in ("straight", "stopped"):
            (folder / name).mkdir()
        subprocess.run(crash_test.command(options.lymer, events, folder / "straight", 1),
                       check=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        stopped, savepoint = run_stopped(options.lymer, events, folder / "stopped",
                                         random.Random(options.seed), options.stops)
        if savepoint is None:
            sys.exit(f"it was over before it could be stopped (seed {options.seed})")
        straight = crash_test.committed(folder / "straight")
        for output, files in crash_test.committed(folder / "stopped").items():
            expected = crash_test.lines(straight[output])
            crash_test.check_comparison(expected)
            wrong = crash_test.difference(expected, crash_test.lines(files))
            if wrong:
                sys.exit(f"{output}: {wrong} (seed {options.seed})")
        check_refusals(options.lymer, events, folder / "stopped", savepoint)
        print(f"{stopped} stops with savepoint, each line once (seed {options.seed})")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
