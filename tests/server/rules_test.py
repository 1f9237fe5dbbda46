#!/usr/bin/env python3
"""Changes the rule files of `lymer serve` while events come in, and looks at what its rules find:
rules that come, change and go, a broken file, a directory that is swapped, a kill.

Usage: rules_test.py LYMER
"""

import json
import os
import pathlib
import re
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from results_test import wait_for  # noqa: E402
from serve_test import Server, check  # noqa: E402

STREAM = """
stream letters {
  from log "letters"
  format json
  field at: time  field user: string  field letter: string
  time at
}
"""


def rule(name, first, last):
    return (f"rule {name} {{\n  tags [\"{name}\"]\n  on letters by user\n"
            f"  begin first where letter == \"{first}\"\n"
            f"  followedBy last where letter == \"{last}\"\n  within 1h\n}}\n")


class Letters:
    """Posts letters of users, a second apart, and behind them what lets time pass."""

    def __init__(self):
        self.second = 0

    def post(self, server, letters, user="u"):
        lines = []
        for letter in letters + "-":
            self.second += 1
            minute, second = divmod(self.second, 60)
            lines.append(json.dumps({"at": f"2026-01-01T00:{minute:02}:{second:02}Z",
                                     "user": user, "letter": letter}))
        status, _, text = server.ask("POST", "/api/v1/streams/letters/events",
                                     "\n".join(lines) + "\n",
                                     {"Content-Type": "application/x-ndjson"})
        check(status == 200, text)


def rule_names(server):
    return sorted(each["id"] for each in json.loads(server.ask("GET", "/api/v1/rules")[2])["items"])


def wait_until(what, holds):
    end = time.monotonic() + 60
    while not holds():
        check(time.monotonic() < end, f"waited for {what}")
        time.sleep(0.01)


def metric(server, line):
    return f"\n{line}\n" in server.ask("GET", "/metrics")[2]


def start(lymer, folder):
    return Server(lymer, "--data", folder / "data", "--rules", folder / "rules.d", "-c",
                  folder / "lymer.toml")


def versions(matches):
    return [each["version"] for each in matches]


def check_changes(lymer, folder):
    rules = folder / "rules.d"
    letters = Letters()
    server = start(lymer, folder)
    letters.post(server, "ab")
    check(versions(wait_for(server, "rule=ab", 1)) == [1], "a match of the first version")

    # A rule that comes sees what comes behind it; those that there are keep what they have.
    letters.post(server, "xa")
    (rules / "xy.cep").write_text(rule("xy", "x", "y"))
    wait_until("the rule", lambda: rule_names(server) == ["ab", "xy"])
    letters.post(server, "ybxy")
    found = wait_for(server, "tag=xy", 1)
    check([each["letter"] for each in found[0]["match"]["first"]] == ["x"], found)
    check(len(wait_for(server, "rule=ab", 2)) == 2, "a partial match outlives another rule")

    # A rule that changes keeps its partial matches.
    letters.post(server, "a")
    (rules / "ab.cep").write_text(rule("ab", "a", "c"))
    wait_until("the change", lambda: '\\"c\\"' in server.ask("GET", "/api/v1/rules/ab")[2])
    letters.post(server, "bc")
    check(versions(wait_for(server, "rule=ab", 3)) == [1, 1, 2], "a match of the second version")

    # All or nothing.
    check(metric(server, 'lymer_rules_reload_total{result="failure"} 0'), "nothing has failed")
    (rules / "new.cep").write_text(rule("new", "n", "m"))
    (rules / "broken.cep").write_text("rule broken {")
    wait_until("the failure",
               lambda: metric(server, 'lymer_rules_reload_total{result="failure"} 1'))
    check(rule_names(server) == ["ab", "xy"], "a broken file changes nothing")
    check(server.ask("GET", "/readyz")[0] == 200, "and harms nothing")
    (rules / "broken.cep").unlink()
    wait_until("the new rule", lambda: rule_names(server) == ["ab", "new", "xy"])

    # A directory that is another, as where a volume is swapped.
    other = folder / "other"
    other.mkdir()
    (other / "stream.cep").write_text(STREAM)
    (other / "ab.cep").write_text(rule("ab", "a", "c"))
    letters.post(server, "ax")
    (folder / "new").symlink_to(other)
    os.replace(folder / "new", rules)
    wait_until("the others to go", lambda: rule_names(server) == ["ab"])
    letters.post(server, "cy")
    check(len(wait_for(server, "rule=ab", 4)) == 4, "what stays keeps what it has")

    # Versions outlive a kill, and a rule that changed meanwhile goes on with what it had.
    letters.post(server, "a", "v")
    # The first of them may have begun before it.
    before = checkpoints(server)
    wait_until("a checkpoint behind it", lambda: checkpoints(server) >= before + 2)
    server.process.kill()
    server.process.communicate()
    (other / "ab.cep").write_text(rule("ab", "a", "d"))
    server = start(lymer, folder)
    letters.post(server, "d", "v")
    found = wait_for(server, "rule=ab", 5)
    check(versions(found) == [1, 1, 2, 2, 3], versions(found))
    check(len({each["id"] for each in found}) == 5, "each once")
    check(len(wait_for(server, "tag=xy", 1)) == 1, "a rule that went found nothing more")
    check(server.end()[0] == 0, "it ends")


def checkpoints(server):
    """How many are complete."""
    found = re.findall(r'^lymer_checkpoints_total\{.*result="complete.*\} (\d+)$',
                       server.ask("GET", "/metrics")[2], re.MULTILINE)
    return sum(int(each) for each in found)


def main():
    lymer = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        real = folder / "first"
        real.mkdir()
        (folder / "rules.d").symlink_to(real)
        (real / "stream.cep").write_text(STREAM)
        (real / "ab.cep").write_text(rule("ab", "a", "b"))
        (folder / "lymer.toml").write_text(
            '[rules]\nwatch = "20ms"\n[checkpoint]\ninterval = "50ms"\n')
        check_changes(lymer, folder)
    print("rules: passed")


if __name__ == "__main__":
    main()
