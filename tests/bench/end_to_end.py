#!/usr/bin/env python3
"""Measures `lymer run` from end to end on generated events: events per second and peak memory.

Usage: end_to_end.py LYMER [--events N] [--runs N] [--folder DIR]

Generates N JSON events of about 120 bytes (5 million unless told; the same on every machine) into
DIR, once, then runs guessing.cep over them RUNS times (3) and prints the median. Matches go to
/dev/null, so what is measured is reading, decoding, sorting, matching and writing, on one thread.
Times of one machine cannot be compared with those of another; ratios within one run can.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

RULES = pathlib.Path(__file__).resolve().parent / "guessing.cep"
KEYS = 10_000
STEP_MS = 20


def generate(path, count):
    """Writes events by a small generator of our own, so that they never change."""
    state = 1
    with open(path, "w", encoding="ascii", buffering=1 << 20) as out:
        for number in range(count):
            state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
            draw = state >> 33
            user = draw % KEYS
            ok = "true" if draw // KEYS % 4 == 0 else "false"
            out.write(f'{{"at":{1_700_000_000_000 + number * STEP_MS},"user":"user-{user:05d}",'
                      f'"ip":"10.{draw >> 8 & 255}.{draw >> 4 & 255}.7","ok":{ok},'
                      f'"note":"session {draw:010d} over ssh"}}\n')


def run(lymer, events):
    """Returns (summary line, seconds of user and system time, peak resident MiB)."""
    with tempfile.TemporaryFile() as err:
        child = subprocess.Popen([lymer, "run", RULES, events], stdout=subprocess.DEVNULL,
                                 stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        err.seek(0)
        said = err.read().decode().strip()
        assert os.waitstatus_to_exitcode(status) == 0, said
        return said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lymer")
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    events = pathlib.Path(options.folder) / f"lymer-bench-{options.events}.ndjson"
    if not events.exists():
        print(f"generating {options.events:,} events in {events}", flush=True)
        generate(events.with_suffix(".part"), options.events)
        events.with_suffix(".part").rename(events)
    seconds, memory = [], []
    for _ in range(options.runs):
        said, cpu, peak = run(options.lymer, events)
        print(said, flush=True)
        seconds.append(cpu)
        memory.append(peak)
    rate = options.events / statistics.median(seconds)
    size = events.stat().st_size / options.events
    print(json.dumps({"events": options.events, "bytes_per_event": round(size),
                      "events_per_cpu_second": round(rate),
                      "peak_mib": round(statistics.median(memory), 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
