#!/usr/bin/env python3
"""Brings up a Kafka broker, writes logins to a topic, runs the rule over it, and prints what it
sent to two others; everything is gone in the end.

Usage: run.py [FOLDER]     FOLDER: where `lymer` and `kafka_topic` are, else build/release/bin

The rule is run twice, as if it had been stopped in between: the second run goes on from the first
one's checkpoint and sends nothing again. Ends with 77 where there can be no broker (no Java, no
Maven, no network for the first time).
"""

import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "kafka"))
import broker  # noqa: E402  (the tests' broker)

SKIPPED = 77


def show(tool, address, topic):
    """Prints the records of a topic, committed ones only, ordered by the time of the result."""
    read = subprocess.run([tool, "read", address, topic], check=True, stdout=subprocess.PIPE)
    results = [json.loads(line.split(b"\t", 1)[1]) for line in read.stdout.splitlines()]
    for result in sorted(results, key=lambda each: each["time"]):
        print(topic, result["time"], json.dumps(result["emit"]), flush=True)


def main():
    folder = pathlib.Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "release" / "bin"
    lymer, tool = folder / "lymer", folder / "kafka_topic"
    distribution = ROOT / "build" / "tools" / "kafka-broker"
    why = broker.missing(distribution)
    if why:
        print(f"skipped: {why}")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="lymer-kafka-") as name:
        work = pathlib.Path(name)
        with broker.running(work / "broker", distribution) as one:
            for topic, partitions in {"logins": 2, "guesses": 2, "unfinished": 1}.items():
                subprocess.run([tool, "make", one.address, topic, str(partitions)], check=True)
            with open(HERE / "logins.ndjson", "rb") as lines:
                subprocess.run([tool, "commit", one.address, "logins"], check=True, stdin=lines)
            for _ in range(2):
                subprocess.run(
                    [lymer, "run", HERE / "rules.cep", "--quiet", "--kafka", one.address,
                     "--bounded", "--checkpoint", work / "state"],
                    check=True, stdout=subprocess.DEVNULL)
            show(tool, one.address, "guesses")
            show(tool, one.address, "unfinished")
    return 0


if __name__ == "__main__":
    sys.exit(main())
