#!/usr/bin/env python3
"""Kills `lymer run --checkpoint --kafka` at random moments until it has come to its end, and
compares what is committed in its topics with a run that nobody touched.

Usage: kill_test.py LYMER KAFKA_TOPIC DISTRIBUTION [--kills N] [--seconds N] [--events N] [--seed N]
       [--failpoints]

Against a real broker that is new each time; ends with 77 where there can be none. By turns events
come from a file and from a topic of three partitions. Each start goes on with another number of
threads. With --failpoints (builds with LYMER_FAILPOINTS) most starts die
at one of the places around the commit; without, they are killed when a checkpoint has just been
written. Of all kills three in ten must have come between pre-commit and commit: the newest
checkpoint on disk is named by no committed record. An independent program reads the topics,
committed records only. Every record must be there once.

First the verifier itself is tested, through the broker: with a record planted twice, with one taken
away, and with a transaction that was aborted.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
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
AIMED = 0.6  # Of the kills, at the time between pre-commit and commit.
HITS = 0.3  # That must have been there, if need be after more rounds.
MOST_ROUNDS = 6
COMMITS = "_lymer_commits"
CHECKPOINT = re.compile(rb"chk-([0-9]+)-[0-9a-f]{16}")
SOURCES = ("file", "topic")
LOGINS = 3  # Partitions.
SKIPPED = 77


def command(lymer, rules, address, folder, threads, inputs):
    return [lymer, "run", rules, "--quiet", "-p", str(threads), *inputs,
            "--output", folder / "parts", "--checkpoint", folder / "state",
            "--checkpoint-interval", "0.05", "--kafka", address, "--kafka-property", "linger.ms=1"]


def inputs_of(source, events):
    return ["--input", f"logins={events}"] if source == "file" else ["--bounded"]


def make_logins(tool, address, events):
    subprocess.run([tool, "make", address, "logins", str(LOGINS)], check=True)
    with open(events, "rb") as lines:
        subprocess.run([tool, "commit", address, "logins"], check=True, stdin=lines)


def make_topics(tool, address, source, suffix, rules):
    """Makes the topics of one round and gives its rules, with topics of their own."""
    text = (HERE / "guessing.cep").read_text()
    if source == "topic":
        text = text.replace('from file "logins.ndjson"', 'from topic "logins" start earliest')
    for topic, partitions in TOPICS.items():
        subprocess.run([tool, "make", address, topic + suffix, str(partitions)], check=True)
        text = text.replace(f'topic "{topic}"', f'topic "{topic}{suffix}"')
    rules.write_text(text)
    return rules


def read(tool, address, topic):
    """Returns the committed records of a topic with how often each is there."""
    done = subprocess.run([tool, "read", address, topic], check=True, stdout=subprocess.PIPE)
    return collections.Counter(line.split(b"\t", 1)[1] for line in done.stdout.splitlines())


def decided(tool, address):
    """Returns the names of all checkpoints that a committed record names."""
    done = subprocess.run([tool, "read", address, COMMITS], check=True, stdout=subprocess.PIPE)
    return {found.group().decode() for found in CHECKPOINT.finditer(done.stdout)}


def newest_prepared(state):
    """Returns the name of the newest checkpoint on disk, decided or not, or nothing."""
    found = [CHECKPOINT.fullmatch(path.name.encode()) for path in state.glob("chk-*")]
    names = {int(each.group(1)): each.group().decode() for each in found if each}
    return names[max(names)] if names else ""


def check_verifier(tool, address, records):
    """Plants faults in topics and looks whether reader and comparison see them."""
    values = list(records.elements())
    plants = {"whole": values, "doubled": values + values[-1:], "gap": values[1:]}
    for name, planted in plants.items():
        topic = f"planted-{name}"
        subprocess.run([tool, "make", address, topic, "2"], check=True)
        for command, lines in (("commit", planted[:-2]), ("abort", values[:3]),
                               ("commit", planted[-2:])):
            subprocess.run([tool, command, address, topic], check=True,
                           input=b"".join(line + b"\n" for line in lines))
        wrong = crash_test.difference(records, read(tool, address, topic))
        if bool(wrong) != (name != "whole"):
            sys.exit(f"the verifier says of a topic that is {name}: {wrong or 'nothing'}")


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
            time.sleep(chance.uniform(0, 0.002))
            break
    child.kill()


def run_killed(options, address, folder, rules, inputs, chance):
    """Returns how many starts were killed, and which checkpoint each had written last."""
    kills, newest = 0, []
    while True:
        threads = 1 + (kills % 3)
        call = command(options.lymer, rules, address, folder, threads, inputs)
        environment = dict(os.environ)
        aims = chance.random() < AIMED
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
            return kills, newest
        if code != -9 or not (killed or aims):
            sys.exit(f"a start ended with {code}: {said}")
        kills += 1
        newest.append(newest_prepared(folder / "state"))


def run_round(options, address, folder, source, suffix, events, straight, chance):
    rules = make_topics(options.tool, address, source, suffix, folder / f"rules{suffix}.cep")
    work = folder / f"round{suffix}"
    work.mkdir()
    kills, newest = run_killed(options, address, work, rules, inputs_of(source, events), chance)
    for topic in TOPICS:
        wrong = crash_test.difference(straight[topic],
                                      read(options.tool, address, topic + suffix))
        if wrong:
            sys.exit(f"topic {topic}{suffix}, events from a {source}: {wrong} "
                     f"(seed {options.seed})")
    # One that was killed again before its first checkpoint may have left the same.
    undecided = set(newest) - decided(options.tool, address) - {""}
    return kills, len(undecided)


def run_straight(options, address, folder, source, events):
    suffix = f"-{source}"
    rules = make_topics(options.tool, address, source, suffix, folder / f"rules{suffix}.cep")
    work = folder / f"straight{suffix}"
    work.mkdir()
    call = command(options.lymer, rules, address, work, 1, inputs_of(source, events))
    subprocess.run(call, check=True, stdout=subprocess.DEVNULL)
    records = {topic: read(options.tool, address, topic + suffix) for topic in TOPICS}
    for topic, found in records.items():
        if not found or max(found.values()) != 1:
            sys.exit(f"the straight run gave {len(found)} records in {topic}, not each once")
    # The topic holds what the files of the same run hold.
    parts = [json.loads(line) for path in (work / "parts").glob("part-*")
             for line in path.read_text().splitlines()]
    if len(parts) != sum(records["matches"].values()):
        sys.exit(f"{len(parts)} lines in files, {sum(records['matches'].values())} records")
    return records


def run_both_straight(options, address, folder, events):
    make_logins(options.tool, address, events)
    straight = {source: run_straight(options, address, folder, source, events)
                for source in SOURCES}
    # Ids of matches are made of where events stood; the rest must be the same.
    for topic in TOPICS:
        counts = {len(straight[source][topic]) for source in SOURCES}
        if len(counts) != 1:
            sys.exit(f"topic {topic} has more records by one source than by the other: {counts}")
    check_verifier(options.tool, address, straight["file"]["unfinished"])
    return straight


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lymer", type=pathlib.Path)
    parser.add_argument("tool", type=pathlib.Path)
    parser.add_argument("distribution", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=8, help="of one round")
    parser.add_argument("--seconds", type=float, default=20, help="after which no round begins")
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
            straight = run_both_straight(options, one.address, folder, events)
            begun = time.monotonic()
            kills = between = rounds = 0
            while (rounds < len(SOURCES) or time.monotonic() - begun < options.seconds or
                   (between < HITS * kills and rounds < MOST_ROUNDS)):
                source = SOURCES[rounds % len(SOURCES)]
                rounds += 1
                more = run_round(options, one.address, folder, source, f"-{rounds}", events,
                                 straight[source], chance)
                kills, between = kills + more[0], between + more[1]
            if between < HITS * kills:
                sys.exit(f"{between} of {kills} kills came between pre-commit and commit, too few "
                         f"(seed {options.seed})")
            records = sum(sum(each.values()) for each in straight["file"].values())
            print(f"{kills} kills ({between} of them between pre-commit and commit) in {rounds} "
                  f"rounds: "
                  f"{records:,} records in {len(TOPICS)} topics, each once (seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
