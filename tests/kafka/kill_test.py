#!/usr/bin/env python3
"""Kills `lymer run --checkpoint --kafka` at random moments until it has come to its end, and
compares what is committed in its topics with a run that nobody touched.

Usage: kill_test.py LYMER KAFKA_TOPIC DISTRIBUTION [--kills N] [--seconds N] [--events N] [--seed N]
       [--failpoints]

Against a real broker; ends with 77 where there can be none. Each start goes on with another number
of threads. With --failpoints (builds with LYMER_FAILPOINTS) every second start dies at one of the
places around the commit; without, one start in two is killed when a checkpoint has been written
and nobody has decided it yet, as far as one can see that from outside. An independent program reads
the topics, committed records only. Every record must be there once.

First the comparison itself is tested: with a record planted twice and with one taken away.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import broker

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
import crash_test  # noqa: E402  (the folder beside this one)

TOPICS = {"matches": 3, "unfinished": 1, "fails": 2}
FAILPOINTS = ("coordinator.before_decision", "kafka.before_commit", "kafka.after_commit",
              "coordinator.before_telling")
SKIPPED = 77


def command(lymer, address, folder, threads, events):
    return [lymer, "run", HERE / "guessing.cep", "--quiet", "-p", str(threads),
            "--input", f"logins={events}", "--output", folder / "parts",
            "--checkpoint", folder / "state", "--checkpoint-interval", "0.05",
            "--kafka", address, "--kafka-property", "linger.ms=1"]


def make_topics(tool, address, suffix, rules):
    """Makes the topics of one round and gives its rules, with topics of their own."""
    text = (HERE / "guessing.cep").read_text()
    for topic, partitions in TOPICS.items():
        subprocess.run([tool, "make", address, topic + suffix, str(partitions)], check=True)
        text = text.replace(f'topic "{topic}"', f'topic "{topic}{suffix}"')
    rules.write_text(text)
    return rules


def read(tool, address, topic):
    """Returns the committed records of a topic with how often each is there."""
    done = subprocess.run([tool, "read", address, topic], check=True, capture_output=True)
    return collections.Counter(line.split(b"\t", 1)[1] for line in done.stdout.splitlines())


def prepared(state):
    """Counts the checkpoints that are on disk, decided or not."""
    return len([path for path in state.glob("chk-*") if not path.name.endswith(".partial")])


def kill_when_prepared(child, state, chance):
    """Waits until one more checkpoint has its name, and kills within the commit that follows."""
    names = {path.name for path in state.glob("chk-*")}
    until = time.monotonic() + 20
    while child.poll() is None and time.monotonic() < until:
        now = {path.name for path in state.glob("chk-*") if not path.name.endswith(".partial")}
        if now - names:
            if chance.random() < 0.3:
                names = now  # One of the next.
                continue
            time.sleep(chance.uniform(0, 0.004))
            break
    child.kill()


def run_killed(options, address, folder, rules, events, chance):
    """Returns how many starts were killed, and how many of them around a commit."""
    kills = aimed = 0
    while True:
        threads = 1 + (kills % 3)
        call = command(options.lymer, address, folder, threads, events)
        call[2] = rules
        environment = dict(os.environ)
        aims = chance.random() < 0.5
        if aims and options.failpoints and kills < options.kills:
            point = chance.choice(FAILPOINTS)
            environment["LYMER_FAILPOINTS"] = f"{point}=crash@{chance.randint(1, 6)}"
        child = subprocess.Popen(call, env=environment, stderr=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL)
        killed = False
        if kills >= options.kills:
            child.wait(timeout=300)
        elif aims and not options.failpoints:
            kill_when_prepared(child, folder / "state", chance)
            killed = True
        else:
            try:
                child.wait(timeout=300 if aims else chance.uniform(0.05, 1.5))
            except subprocess.TimeoutExpired:
                child.kill()
                killed = True
        said = child.stderr.read().decode()
        code = child.wait()
        if code == 0:
            return kills, aimed
        if code != -9 or not (killed or aims):
            sys.exit(f"a start ended with {code}: {said}")
        kills += 1
        aimed += aims


def run_round(options, address, folder, suffix, events, straight, chance):
    rules = make_topics(options.tool, address, suffix, folder / f"rules{suffix}.cep")
    work = folder / f"round{suffix}"
    work.mkdir()
    kills, aimed = run_killed(options, address, work, rules, events, chance)
    for topic in TOPICS:
        wrong = crash_test.difference(straight[topic],
                                      read(options.tool, address, topic + suffix))
        if wrong:
            sys.exit(f"topic {topic}{suffix}: {wrong} (seed {options.seed})")
    return kills, aimed


def run_straight(options, address, folder, events):
    rules = make_topics(options.tool, address, "-straight", folder / "rules-straight.cep")
    work = folder / "straight"
    work.mkdir()
    call = command(options.lymer, address, work, 1, events)
    call[2] = rules
    subprocess.run(call, check=True, stdout=subprocess.DEVNULL)
    records = {topic: read(options.tool, address, topic + "-straight") for topic in TOPICS}
    for topic, found in records.items():
        if not found or max(found.values()) != 1:
            sys.exit(f"the straight run gave {len(found)} records in {topic}, not each once")
        crash_test.check_comparison(found)
    # The topic holds what the files of the same run hold.
    parts = [json.loads(line) for path in (work / "parts").glob("part-*")
             for line in path.read_text().splitlines()]
    if len(parts) != sum(records["matches"].values()):
        sys.exit(f"{len(parts)} lines in files, {sum(records['matches'].values())} records")
    return records


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lymer", type=pathlib.Path)
    parser.add_argument("tool", type=pathlib.Path)
    parser.add_argument("distribution", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=12, help="of one round")
    parser.add_argument("--seconds", type=float, default=60, help="after which no round begins")
    parser.add_argument("--events", type=int, default=150_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--failpoints", action="store_true")
    options = parser.parse_args()
    why = broker.missing(options.distribution.resolve())
    if why:
        print(f"skipped: {why}")
        return SKIPPED
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="lymer-kafka-") as name:
        folder = pathlib.Path(name)
        events = folder / "logins.ndjson"
        crash_test.generate(events, options.events)
        with broker.running(folder / "broker", options.distribution.resolve()) as one:
            straight = run_straight(options, one.address, folder, events)
            begun = time.monotonic()
            kills = aimed = rounds = 0
            while rounds == 0 or time.monotonic() - begun < options.seconds:
                rounds += 1
                more = run_round(options, one.address, folder, f"-{rounds}", events, straight,
                                 chance)
                kills, aimed = kills + more[0], aimed + more[1]
            records = sum(sum(each.values()) for each in straight.values())
            print(f"{kills} kills ({aimed} of them around a commit) in {rounds} rounds: "
                  f"{records:,} records in {len(TOPICS)} topics, each once (seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
