#!/usr/bin/env python3
"""A line of 100 MB must not cost memory: it is counted and passed over, never kept.

Usage: long_line_test.py LYMER
Runs the SSH example over its sample with and without such a line, compares peak memory, and reads
what is said about the line.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "examples" / "ssh_brute_force" / "rules.cep"
SAMPLE = ROOT / "examples" / "ssh_brute_force" / "sample.log"
LINE_BYTES = 100_000_000
ALLOWED_KIB = 64 * 1024


def peak_memory(*command):
    """Runs a command; returns (peak resident KiB, stdout, stderr)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        out.seek(0)
        err.seek(0)
        assert os.waitstatus_to_exitcode(status) == 0, err.read()
        return usage.ru_maxrss, out.read(), err.read().decode()


def main():
    lymer = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        head, tail = SAMPLE.read_bytes().split(b"\r\n", 1)
        with open(folder / "long.log", "wb") as log:
            log.write(head + b"\r\n")
            for _ in range(100):
                log.write(b"x" * (LINE_BYTES // 100))
            log.write(b"\r\n" + tail)
        rejects = folder / "rejects.ndjson"
        plain, plain_out, _ = peak_memory(lymer, "run", RULES, SAMPLE)
        long, long_out, said = peak_memory(lymer, "run", RULES, folder / "long.log",
                                           "--rejects", rejects)
        print(f"peak memory: {plain} KiB without the line, {long} KiB with it")
        assert long - plain <= ALLOWED_KIB, "the long line was kept in memory"
        assert len(plain_out.splitlines()) == len(long_out.splitlines()), "matches were lost"
        assert ":2: rejected (oversized)" in said, said
        reject = json.loads(rejects.read_text())
        assert (reject["line"], reject["length"]) == (2, LINE_BYTES), reject
        assert reject["reason"] == "oversized" and reject["raw"] == "", reject
    return 0


if __name__ == "__main__":
    sys.exit(main())
