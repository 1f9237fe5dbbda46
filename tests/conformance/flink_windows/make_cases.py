#!/usr/bin/env python3
"""Makes cases of windows and joins by chance, without answers, in the form that README.md has.

Streams are short: events of one to three keys, some out of order, watermarks in between that leave
some of them late, the last watermark at the end. Times lie on both sides of zero, but where only
later ones are comparable (README.md). Kinds of cases:

  tumbling, sliding, session, dynamic, global, count   windows, with lateness, triggers, evictors
  slices                                               what our operator with slices can do
  join, group                                          inner and outer window joins, groups
  interval                                             interval joins with open and closed bounds
  careless                                             with a number that makes no sense

Examples:
  make_cases.py 7 100                 100 cases of all kinds in turns, from seed 7
  make_cases.py 7 100 session,count   of these alone
"""

import json
import random
import sys

KINDS = ("tumbling", "sliding", "slices", "session", "dynamic", "global", "count", "join", "group",
         "interval", "careless")
MOST_EVENTS = 24
LONGEST = 2**63 - 1  # That many milliseconds are for ever.


class Chance:
    """Numbers that follow from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def between(self, low, high):
        return self.random.randint(low, high)

    def one_in(self, count):
        return self.random.randrange(count) == 0

    def one_of(self, *choices):
        return self.random.choice(choices)


# --- operators

def windows(kind, chance):
    if kind == "dynamic":
        return {"windows": "session by event"}
    if kind == "session":
        return {"windows": "session", "gap": chance.between(1, 12)}
    if kind == "global":
        return {"windows": "global"}
    made = {"windows": kind, "size": chance.between(1, 30 if chance.one_in(3) else 15)}
    step = made["size"]
    if kind == "sliding":
        step = made["slide"] = chance.between(1, 12)
    if chance.one_in(2):
        made["offset"] = chance.between(1 - step, step - 1)
    return made


def add_lateness(op, chance):
    if chance.one_in(2):
        op["lateness"] = chance.between(1, 20)
    # Elsewhere Flink's sums of times run over.
    elif op["windows"] in ("tumbling", "sliding") and op.get("slide", 0) <= op["size"]:
        if chance.one_in(10):
            op["lateness"] = LONGEST


def trigger(op, chance):
    kinds = ["end", "count", "count", "count"]
    if op["windows"] != "global":
        kinds += ["interval"] * 3  # It would fire for ever at the end of a global window.
    made = {"kind": "never" if chance.one_in(15) else chance.one_of(*kinds)}
    if made["kind"] in ("count", "interval"):
        made["each"] = chance.between(1, 5)
    if chance.one_in(3):
        made["purging"] = True
    return made


def evictor(op, chance):
    kinds = ["count", "time"] if op["kind"] == "join" else ["count", "time", "delta"]
    return {"kind": chance.one_of(*kinds), "kept": chance.between(1, 4),
            "when": chance.one_of("before", "after")}


def add_trigger_and_evictor(op, chance):
    if not chance.one_in(4) or op["windows"] == "global":
        op["trigger"] = trigger(op, chance)
    if chance.one_in(2):
        op["evictor"] = evictor(op, chance)


def window_op(kind, chance):
    op = {"kind": "window"}
    if kind == "count":
        op |= {"windows": "count", "size": chance.between(1, 6)}
        if chance.one_in(2):
            op["slide"] = chance.between(1, 6)
    elif kind == "slices":
        op |= windows(chance.one_of("tumbling", "sliding", "sliding"), chance)
        add_lateness(op, chance)
        return op | {"function": chance.one_of("reduce", "aggregate")}
    else:
        op |= windows(kind, chance)
        if kind != "global":
            add_lateness(op, chance)
        if not chance.one_in(3):
            add_trigger_and_evictor(op, chance)
    op["function"] = chance.one_of("process", "reduce", "aggregate")
    return op


def join_op(kind, chance):
    join = "group" if kind == "group" else chance.one_of("inner", "inner", "left", "right", "full")
    op = {"kind": "join", "join": join}
    op |= windows(chance.one_of("tumbling", "sliding", "session", "dynamic"), chance)
    add_lateness(op, chance)
    if chance.one_in(3):
        add_trigger_and_evictor(op, chance)
    return op


def interval_op(chance):
    lower = chance.between(-12, 12)
    op = {"kind": "interval", "lower": lower,
          "upper": lower if chance.one_in(5) else chance.between(lower, 14)}
    # What both bounds leave out at once is refused by us and empty for Flink.
    for name in ("lower_open", "upper_open"):
        if op["upper"] > lower + 1 and chance.one_in(2):
            op[name] = True
    return op


def careless_op(chance):
    kind = chance.one_of("tumbling", "sliding", "session", "interval")
    if kind == "interval":
        lower = chance.between(-5, 5)
        return {"kind": kind, "lower": lower, "upper": lower - chance.between(1, 5)}
    op = {"kind": "window", **windows(kind, chance), "function": "process"}
    names = [each for each in ("size", "slide", "offset", "gap") if each in op]
    name = chance.one_of("lateness", *names)
    op[name] = chance.one_of(-op.get("size", 5), 0, -3, op.get("slide", op.get("size", 5)))
    return op


# --- streams

def stream(op, chance, most_events):
    """Watermarks are up to `disorder` behind the latest event, events up to twice that."""
    sides = 1 if op["kind"] == "window" else 2
    disorder = chance.between(0, 15)
    keys = "abc"[:chance.one_of(1, 1, 2, 3)]
    # Below zero Flink's trigger of intervals rounds to the other side.
    first = 40 if op.get("trigger", {}).get("kind") == "interval" else -30
    now = chance.between(first, first + 70)
    watermark = None
    elements = []
    for _ in range(chance.between(6, most_events)):
        now += 30 if chance.one_in(15) else chance.between(0, 4)
        time = now - chance.between(0, 2 * disorder)
        if watermark is not None and chance.one_in(6):
            time = watermark + chance.between(0, 1)  # Just about late, or not.
        event = [time, chance.one_of(*keys), chance.between(1, 9)]
        if sides == 2 and chance.one_in(2):
            event.append(1)
        elements.append(event)
        coming = now - chance.between(0, disorder)
        if chance.one_in(3) and (watermark is None or coming > watermark):
            watermark = coming
            elements.append(watermark)
    return elements + ["max"]


def gap_of(op, event):
    return op["gap"] if op["windows"] == "session" else event[2]


def bridges(op, elements):
    """Says whether an event makes one session of others. Never no where it does."""
    sessions = {}
    for event in elements:
        if not isinstance(event, list):
            continue
        start, end = event[0], event[0] + gap_of(op, event)
        before = sessions.setdefault(event[1], [])
        touched = [each for each in before if each[0] <= end and start <= each[1]]
        if len(touched) > 1:
            return True
        rest = [each for each in before if each not in touched]
        for each in touched:
            start, end = min(start, each[0]), max(end, each[1])
        sessions[event[1]] = [*rest, (start, end)]
    return False


def repeats_a_merged_session(op, elements):
    """Says whether an event's own window is what others have made together. Never no where it is.
    """
    seen = {}
    for event in elements:
        if not isinstance(event, list):
            continue
        own = event[0], event[0] + gap_of(op, event)
        before = seen.setdefault(event[1], set())
        within = {each for each in before if own[0] <= each[0] and each[1] <= own[1]}
        if (len(within) > 1 and any(each[0] == own[0] for each in within)
                and any(each[1] == own[1] for each in within)):
            return True
        before.add(own)
    return False


def is_comparable(op, elements):
    """README.md: in which order the parts of a session come, and what Flink loses."""
    if not op.get("windows", "").startswith("session") or op.get("gap", 1) < 1:
        return True
    by_order = op.get("evictor", {}).get("kind") in ("count", "delta")
    if by_order and bridges(op, elements):
        return False
    return not (op["windows"] == "session by event" and repeats_a_merged_session(op, elements))


def make_case(seed, kind, most_events):
    """Returns a case; the same whenever it is asked for."""
    chance = Chance(f"{seed} {kind}")
    while True:
        if kind in ("join", "group"):
            op = join_op(kind, chance)
        elif kind == "interval":
            op = interval_op(chance)
        elif kind == "careless":
            op = careless_op(chance)
        else:
            op = window_op(kind, chance)
        elements = stream(op, chance, most_events)
        if is_comparable(op, elements):
            return {"id": f"{kind}-{seed}", "op": op, "input": elements}


def make_cases(seed, count, kinds=KINDS, most_events=MOST_EVENTS):
    """Yields `count` cases, of each kind in turns."""
    for number in range(count):
        yield make_case(f"{seed}-{number}", kinds[number % len(kinds)], most_events)


def line_of(case):
    return json.dumps(case, separators=(",", ":"))


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[1] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 0 if "--help" in sys.argv else 2
    kinds = sys.argv[3].split(",") if len(sys.argv) == 4 else KINDS
    for case in make_cases(int(sys.argv[1]), int(sys.argv[2]), kinds):
        print(line_of(case))
    return 0


if __name__ == "__main__":
    sys.exit(main())
