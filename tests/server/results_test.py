#!/usr/bin/env python3
"""Asks `lymer serve` for its results: pages, a cursor across restarts and a kill, CSV, and events
as they come, with a client that comes again.

Usage: results_test.py LYMER
"""

import csv
import http.client
import io
import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
from serve_test import Server, check  # noqa: E402

RULES = """
stream logins {
  from file "FILE" follow
  format json
  field ts: time  field user: string  field ok: bool
  time ts
}
rule guessing {
  severity high  tags ["attack.t1110"]
  on logins by user
  begin fails where not ok times 2
  next entry where ok
  within 10m
  emit { n: count(fails) }
}
rule entry {
  on logins by user
  begin first where ok
  within 1m
}
"""


def event(minute, second, user, ok):
    return json.dumps({"ts": f"2026-01-01T00:{minute:02}:{second:02}Z", "user": user,
                       "ok": ok}) + "\n"


def guesses(minutes):
    """Two failures and an entry in each of the minutes; each is a match of both rules."""
    return "".join(event(minute, second, f"user{minute % 3}", second == 3)
                   for minute in minutes for second in (1, 2, 3))


class Follower:
    """A client of server-sent events."""

    def __init__(self, server, path, last=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.connection.request("GET", path, headers={"Last-Event-ID": last} if last else {})
        self.answer = self.connection.getresponse()
        check(self.answer.headers["Content-Type"] == "text/event-stream", self.answer.headers)

    def next(self):
        """Returns the next event as a dictionary of its fields, without signs of life."""
        fields = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif not line and "event" in fields:
                return fields

    def close(self):
        self.connection.close()


def page(server, query):
    status, _, text = server.ask("GET", f"/api/v1/matches?{query}")
    check(status == 200, text)
    return json.loads(text)


def wait_for(server, query, count):
    """Follows from the beginning until so many are there."""
    follower = Follower(server, f"/api/v1/matches/stream?after=0&{query}")
    found = [json.loads(follower.next()["data"]) for _ in range(count)]
    follower.close()
    return found


def start(lymer, folder):
    return Server(lymer, "--data", folder / "data", "--rules", folder / "rules.cep", "-c",
                  folder / "lymer.toml")


def check_pages(lymer, folder, events):
    """Filters, a cursor that outlives a restart and a kill, lines and CSV."""
    server = start(lymer, folder)
    found = wait_for(server, "rule=guessing", 9)
    check(len({each["id"] for each in found}) == 9, "each has an id of its own")
    check(len(page(server, "rule=guessing&key=user1")["items"]) == 3, "those of a key")
    check(len(page(server, "tag=attack.t1110&severity=high")["items"]) == 9, "those of a tag")
    check(page(server, "rule=entry&severity=high")["items"] == [], "no rule has both")
    within = page(server, "rule=guessing&from=2026-01-01T00:02:00Z&to=2026-01-01T00:04:00Z")
    check(len(within["items"]) == 2, within)
    first = page(server, "rule=guessing&order=oldest&limit=4")
    check(server.end()[0] == 0, "it ends")

    server = start(lymer, folder)
    second = page(server, f"rule=guessing&order=oldest&limit=4&cursor={first['next']}")
    server.process.kill()
    server.process.communicate()

    server = start(lymer, folder)
    with events.open("a") as file:
        file.write(guesses(range(9, 12)) + event(30, 0, "x", False))
    check(len(wait_for(server, "rule=guessing", 12)) == 12, "what is new is found")
    third = page(server, f"rule=guessing&order=oldest&limit=4&cursor={second['next']}")
    together = [each["id"] for one in (first, second, third) for each in one["items"]]
    everything = page(server, "rule=guessing&order=oldest")["items"]
    check(together == [each["id"] for each in everything], "pages put together are the whole")
    check(len(everything) == 12, "nothing is doubled")

    status, _, text = server.ask("GET", f"/api/v1/matches/{together[0]}")
    one = json.loads(text)
    check(status == 200 and [each["ok"] for each in one["match"]["fails"]] == [False, False], text)
    _, headers, text = server.ask("GET", "/api/v1/matches?rule=guessing&limit=2",
                                  headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(text)))
    check(len(rows) == 2 and json.loads(rows[0]["emit"]) == {"n": 2}, text)
    check('rel="next"' in headers["Link"], headers)
    _, _, text = server.ask("GET", "/api/v1/matches?format=ndjson&rule=guessing")
    check(len([json.loads(line) for line in text.splitlines()]) == 12, text)
    check(server.end()[0] == 0, "it ends")


def check_following(lymer, folder, events):
    """Events as they come; who comes again misses nothing and gets nothing twice."""
    server = start(lymer, folder)
    path = "/api/v1/matches/stream?rule=guessing"
    wait_for(server, "rule=guessing", 12)
    follower = Follower(server, path)
    with events.open("a") as file:
        file.write(guesses((31,)) + event(32, 0, "x", False))
    seen = follower.next()
    check(seen["event"] == "match" and json.loads(seen["data"])["rule"] == "guessing", seen)
    follower.close()
    with events.open("a") as file:
        file.write(guesses((33, 34)) + event(35, 0, "x", False))
    follower = Follower(server, path, seen["id"])
    later = [follower.next() for _ in range(2)]
    minutes = [json.loads(each["data"])["time"][14:16] for each in [seen, *later]]
    check(minutes == ["31", "33", "34"], minutes)
    check(server.end()[0] == 0, "it ends with a client that follows")
    check(follower.next()["event"] == "bye", "who follows is told")


def main(arguments):
    lymer = pathlib.Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory(prefix="lymer-results-") as name:
        folder = pathlib.Path(name)
        events = folder / "logins.ndjson"
        events.write_text(guesses(range(9)) + event(9, 0, "x", False))
        (folder / "rules.cep").write_text(RULES.replace("FILE", str(events)))
        (folder / "lymer.toml").write_text(f'[results]\noutput = "{folder}/matches"\n')
        for run in (check_pages, check_following):
            run(lymer, folder, events)
            print(f"results_test: {run.__name__} passed")


if __name__ == "__main__":
    main(sys.argv[1:])
