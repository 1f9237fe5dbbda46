#!/usr/bin/env python3
"""Kills `lymer serve` while clients post events, again and again, and compares what its rules put
into the log with the log of a server that nobody killed.

Usage: serve_test.py LYMER [--kills N] [--batches N] [--seed N]

Each client posts batches with an Idempotency-Key each, and posts a batch again, with the same key,
until it is answered, and sometimes once more behind that. Every event must be in the log once,
where the answer said, and every match must be there once, whatever was killed when. By turns the
server is started again, or a second one that waited for the data directory takes over.

First the comparison itself is tested: with a match planted twice and with one taken away.
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

RULES = """
stream logins {
  from log "logins"
  format json
  field at: int  field user: string  field ok: bool
  time at unit ms
  out_of_order 6m
}
rule guessing {
  on logins by user
  begin fails where not ok times 2
  next entry where ok
  within 10m
  emit { user: entry.user, at: entry.at } to log "alerts"
}
"""
CLIENTS = 3
EVENTS = 30  # A batch.
# Batches of a client that are over before any client begins the next ones, so that none is late.
ROUND = 10
START = 1_700_000_000_000
DAY = 86_400_000


class Server:
    """A server, perhaps one that waits; `port` is there once it listens."""

    def __init__(self, lymer, folder):
        environment = dict(os.environ, XDG_STATE_HOME=str(folder / "state"),
                           LYMER_CHECKPOINT__INTERVAL="50ms")
        environment.pop("STATE_DIRECTORY", None)
        self.process = subprocess.Popen(
            [lymer, "serve", "--listen", "127.0.0.1:0", "--rules", folder / "rules.cep"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.port = None
        self.told = ""

    def read_until(self, pattern):
        while True:
            line = self.process.stderr.readline()
            if not line:
                sys.exit(f"the server ended: {self.told}")
            self.told += line
            found = re.search(pattern, line)
            if found:
                return found

    def listen(self):
        self.port = int(self.read_until(r"listens on http://127\.0\.0\.1:(\d+)")[1])
        # So that it never waits for somebody to read what it tells.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.terminate()
        if self.process.wait(timeout=120) != 0:
            sys.exit("SIGTERM does not end it in good order")


def ask(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def batch_of(client, number):
    """Returns a body; users are of one client, so their order is that of its batches."""
    chance = random.Random(f"{client}/{number}")
    lines = []
    for index in range(EVENTS):
        at = START + (number * EVENTS + index) * 1000
        lines.append(json.dumps({"at": at, "user": f"{client}-{chance.randrange(5)}",
                                 "ok": chance.random() < 0.3}))
    return lines


class Client:
    """Posts batches in their order, whatever happens to the server."""

    def __init__(self, number, servers, rounds):
        self.number = number
        self.servers = servers  # The last is the one to ask.
        self.rounds = rounds
        self.answers = {}
        self.repetitions = 0
        self.wrong = None

    def post(self, batch, lines):
        body = "\n".join(lines)
        headers = {"Content-Type": "application/x-ndjson",
                   "Idempotency-Key": f"c{self.number}-b{batch}"}
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                status, answer = ask(self.servers[-1].port, "POST",
                                     "/api/v1/streams/logins/events", body, headers)
            except (OSError, http.client.HTTPException, ValueError):
                self.repetitions += 1
                time.sleep(0.01)
                continue
            if status != 200:
                sys.exit(f"batch {batch} of client {self.number}: {status} {answer}")
            return answer
        sys.exit("no server answers any more")

    def run(self, batches):
        try:
            self.post_all(batches)
        except (SystemExit, threading.BrokenBarrierError) as wrong:
            self.wrong = wrong
            self.rounds.abort()

    def post_all(self, batches):
        chance = random.Random(self.number)
        for batch in batches:
            if batch % ROUND == 0:
                self.rounds.wait()
            lines = batch_of(self.number, batch)
            answer = self.post(batch, lines)
            if answer["accepted"] != EVENTS or answer["rejected"] != 0:
                sys.exit(f"a batch was answered with {answer}")
            if chance.random() < 0.2 and self.post(batch, lines) != answer:
                sys.exit("a repetition got another answer")
            self.answers[batch] = answer["offsets"]["first"]


def read_all(port, stream):
    """Returns all events of a stream of the log in their order."""
    events = []
    while True:
        _, page = ask(port, "GET",
                      f"/api/v1/streams/{stream}/events?offset={len(events)}&limit=1000")
        for item in page.get("items", []):
            if item["offset"] != len(events):
                sys.exit(f"offset {item['offset']} stands where {len(events)} should")
            events.append(item["event"])
        if page.get("next", 0) == 0 or not page["items"]:
            return events


def matches_of(alerts):
    return collections.Counter(json.dumps(alert["emit"], sort_keys=True) for alert in alerts)


def difference(expected, found):
    """Says what is wrong, or nothing."""
    lost, doubled = expected - found, found - expected
    if not lost and not doubled:
        return ""
    return (f"{sum(lost.values())} matches lost, such as {list(lost)[:2]}; "
            f"{sum(doubled.values())} too many, such as {list(doubled)[:2]}")


def check_comparison(expected):
    match = next(iter(expected))
    planted = expected + collections.Counter([match])
    taken = expected - collections.Counter([match])
    if not difference(expected, planted) or not difference(expected, taken):
        sys.exit("the comparison does not see a planted fault")


def check_events(events, clients, batches):
    """Each batch must stand once, whole, where its answer said."""
    wanted = collections.Counter()
    for client in clients:
        for batch in range(batches):
            lines = [json.loads(line) for line in batch_of(client.number, batch)]
            first = client.answers[batch]
            if events[first:first + EVENTS] != lines:
                sys.exit(f"batch {batch} of client {client.number} is not at {first}")
            wanted.update(json.dumps(line, sort_keys=True) for line in lines)
    wanted.update(json.dumps(json.loads(line), sort_keys=True) for line in the_end())
    if wanted != collections.Counter(json.dumps(event, sort_keys=True) for event in events):
        sys.exit("the log holds what nobody was told of")


def the_end():
    """Returns events of a match that is the last of all, and one that brings time on behind it."""
    events = [(1, False), (1.001, False), (1.002, True), (2, True)]
    return [json.dumps({"at": START + int(days * DAY), "user": "end", "ok": ok})
            for days, ok in events]


def wait_for_the_end(port):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if any(alert["emit"]["user"] == "end" for alert in read_all(port, "alerts")):
            return
        time.sleep(0.05)
    sys.exit("the last match does not come")


def kill_and_start(lymer, folder, chance, servers, hands_over):
    waits = None
    if hands_over:
        waits = Server(lymer, folder)
        owner = waits.read_until(r"is in use by process (\d+); waits")[1]
        if int(owner) != servers[-1].process.pid:
            sys.exit(f"the owner is said to be {owner}")
    time.sleep(chance.uniform(0.0, 0.4))
    servers[-1].kill()
    servers.append((waits or Server(lymer, folder)).listen())


def run(*arguments):
    """As run_with(), and leaves no server behind."""
    servers = []
    try:
        return run_with(servers, *arguments)
    finally:
        for server in servers:
            server.kill()


def run_with(servers, lymer, folder, chance, kills, batches):
    """Returns the matches, after so many kills, and how often clients had to ask again."""
    (folder / "rules.cep").write_text(RULES)
    servers.append(Server(lymer, folder).listen())
    rounds = threading.Barrier(CLIENTS)
    clients = [Client(number, servers, rounds) for number in range(CLIENTS)]
    threads = [threading.Thread(target=client.run, args=(range(batches),), daemon=True)
               for client in clients]
    for thread in threads:
        thread.start()
    hits = 0
    for kill in range(kills):
        kill_and_start(lymer, folder, chance, servers, kill % 3 == 1)
        hits += all(thread.is_alive() for thread in threads)
    if hits < kills / 2:
        sys.exit(f"{hits} of {kills} kills came while events did: there are too few batches")
    for client, thread in zip(clients, threads):
        thread.join(timeout=200)
        if thread.is_alive() or client.wrong:
            sys.exit(f"client {client.number} does not come to its end: {client.wrong}")
    clients[0].post("end", the_end())
    wait_for_the_end(servers[-1].port)
    if kills:  # And where it is over, so that what was committed last is committed again.
        kill_and_start(lymer, folder, chance, servers, False)
    servers[-1].end()
    servers.append(Server(lymer, folder).listen())
    alerts = read_all(servers[-1].port, "alerts")
    events = read_all(servers[-1].port, "logins")
    servers[-1].end()
    check_events(events, clients, batches)
    return matches_of(alerts), sum(client.repetitions for client in clients)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lymer")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--batches", type=int, default=700)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="lymer-serve-") as name:
        folder = pathlib.Path(name)
        for part in ("straight", "killed"):
            (folder / part).mkdir()
        straight, _ = run(options.lymer, folder / "straight", chance, 0, options.batches)
        check_comparison(straight)
        killed, repetitions = run(options.lymer, folder / "killed", chance, options.kills,
                                  options.batches)
    wrong = difference(straight, killed)
    if wrong:
        sys.exit(wrong)
    print(f"{options.kills} kills, {CLIENTS * options.batches} batches, asked again "
          f"{repetitions} times: {sum(killed.values())} matches, each once")


if __name__ == "__main__":
    main()
