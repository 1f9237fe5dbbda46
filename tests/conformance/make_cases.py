#!/usr/bin/env python3
"""Makes conformance cases by chance, in the corners where Flink's compiler is hardest to follow.

Groups in groups, counted, optional and with `until`; greedy loops; windows of all kinds (of the
whole, between events, of a count, of a stage); negations, also closing ones; conditions on earlier
events; all five skip strategies, also failing ones. Most patterns are sound, a few are careless.
Kinds: `deep` as said; `odd` is all careless, calls come in another order or twice, names have
colons and windows no length; `long` has more events, so that more partial matches are alive.
The same seed gives the same bytes. Not here: Flink's answers (widen.py).

Usage: make_cases.py SEED COUNT KIND > cases.jsonl
"""

import json
import random
import sys

NAMES = "pqrstuvwyzmnlkjihgo"
KINDS = ("deep", "odd", "long")
LOOPS = ("oneOrMore", "timesOrMore")
SKIPS = ("NO_SKIP", "SKIP_TO_NEXT", "SKIP_PAST_LAST_EVENT", "SKIP_TO_FIRST", "SKIP_TO_LAST")


def quantifier_of(stage):
    return stage.get("quantifier") or {"kind": "one"}


def is_loop(stage):
    return quantifier_of(stage)["kind"] in LOOPS


def is_optional(stage):
    quantifier = quantifier_of(stage)
    return quantifier.get("optional", False) or quantifier.get("min") == 0


def is_negated(stage):
    return stage["contiguity"].startswith("not")


def can_be_empty(stage):
    if is_optional(stage) or is_negated(stage):
        return True
    return "group" in stage and all(can_be_empty(each) for each in stage["group"])


def canonical_calls(stage):
    """Lists the builder calls that the fields of a stage stand for, in their usual order."""
    quantifier = quantifier_of(stage)
    calls = {"kind": quantifier["kind"] != "one", "until": "until" in stage,
             "inner": quantifier.get("inner", "relaxed") != "relaxed",
             "greedy": quantifier.get("greedy", False),
             "optional": quantifier.get("optional", False)}
    return [call for call, is_made in calls.items() if is_made]


def elements(stages):
    """Lists all elements, groups before their members."""
    for stage in stages:
        yield stage
        yield from elements(stage.get("group", []))


class Maker:
    def __init__(self, seed, kind):
        self.random = random.Random(seed)
        self.kind = kind
        self.names = []
        self.letters = "abcd"[:self.random.choice((2, 3, 3, 4))]
        self.careless = self.chance(0.1) or kind == "odd"
        # What a case is rich in differs from case to case, so that not all is rich in everything.
        self.group_share = self.random.choice((0, 0.2, 0.4, 0.6))
        self.history_share = self.random.choice((0, 0, 0.3))
        self.until_share = self.random.choice((0, 0.3, 0.8))
        self.greedy_share = self.random.choice((0, 0.3, 0.6))
        self.gap_share = self.random.choice((0, 0, 0.3))
        self.negated_share = self.random.choice((0, 0.15, 0.3))

    def chance(self, share):
        return self.random.random() < share

    def pick(self, **weights):
        return self.random.choices(list(weights), list(weights.values()))[0]

    # --- conditions

    def plain(self):
        def letter():
            return {"type": self.random.choice(self.letters)}

        def value():
            word = self.random.choice(("gt", "ge", "lt", "le"))
            return {"v": {word: self.random.randint(2, 7)}}
        return {"letter": letter, "or": lambda: {"or": [letter(), letter()]},
                "and": lambda: {"and": [letter(), value()]}, "not": lambda: {"not": letter()},
                "value": value, "true": lambda: {"true": True}
                }[self.pick(letter=70, **{"or": 9, "and": 8, "not": 4, "value": 5, "true": 4})]()

    def history(self):
        of = self.random.choice(self.names)
        if self.chance(0.5):
            return {"cmpLast": {"of": of, "cmp": self.random.choice(("gt", "ge", "lt", "le"))}}
        function = self.random.choice(("sum", "count", "avg", "min", "max"))
        value = {"sum": 12, "count": 2}.get(function, 4) + self.random.randint(-1, 2)
        made = {"fn": function, "of": of, "cmp": self.random.choice(("lt", "le", "le", "ge")),
                "value": value}
        if self.chance(0.4):
            made["withCurrent"] = True
        return {"agg": made}

    def condition(self):
        if self.names and self.chance(self.history_share):
            return {"and": [self.plain(), self.history()]}
        return self.plain()

    # --- the pattern

    def quantifier(self, group, may_be_optional):
        kind = self.pick(one=40, times=10, range=14, oneOrMore=26, timesOrMore=10)
        made = {"kind": kind}
        if kind in ("times", "timesOrMore"):
            made["min"] = self.random.randint(1, 3)
        if kind == "range":
            made["min"] = self.random.randint(0 if may_be_optional else 1, 2)
            made["max"] = max(1, made["min"] + self.random.randint(0, 2))
        if kind != "one":
            made["inner"] = self.pick(relaxed=50, consecutive=22, combinations=28)
            if not group and (made["inner"] != "combinations" or self.careless):
                made["greedy"] = self.chance(self.greedy_share)
            if (not group or self.chance(0.2)) and self.chance(self.gap_share):
                made["windowMs"] = self.random.randint(1, 6)
        if may_be_optional and made.get("min") != 0:
            made["optional"] = self.chance(0.28)
        return made

    def contiguity(self, stages, is_last, depth):
        if not stages:
            return "begin"
        may_be_negated = not is_optional(stages[-1]) or self.careless
        if may_be_negated and is_last and depth == 0 and self.chance(self.negated_share):
            return "notFollowedBy"
        if may_be_negated and self.chance(self.negated_share):
            return self.random.choice(("notNext", "notFollowedBy", "notFollowedBy"))
        return self.pick(next=25, followedBy=45, followedByAny=20)

    def element(self, stages, is_last, depth):
        made = {"contiguity": self.contiguity(stages, is_last, depth)}
        group = not is_negated(made) and depth < 3 and self.chance(self.group_share / (depth + 1))
        if group:
            made["group"] = self.chain(self.random.choice((1, 2, 2, 3)), depth + 1)
        else:
            made["name"] = NAMES[len(self.names) % len(NAMES)]
            self.names.append(made["name"])
            if self.chance(0.97):
                made["where"] = self.condition()
        if is_negated(made):
            return made
        after_greedy = bool(stages) and quantifier_of(stages[-1]).get("greedy", False)
        quantifier = self.quantifier(group, not after_greedy or self.careless)
        if quantifier["kind"] != "one" or quantifier.get("optional"):
            made["quantifier"] = quantifier
        if is_loop(made):
            # Flink never returns from a loop of which an iteration may be empty.
            if group and all(can_be_empty(each) for each in made["group"]):
                quantifier.update(kind="times", min=2)
            elif self.chance(self.until_share):
                made["until"] = self.condition()
        return made

    def chain(self, length, depth):
        stages = []
        for i in range(length):
            stages.append(self.element(stages, i == length - 1, depth))
        return stages

    def skip(self, stages):
        made = {"strategy": self.random.choice(SKIPS)}
        if made["strategy"] in SKIPS[3:]:
            targets = [each["name"] for each in stages if "name" in each]
            if self.careless:
                targets = self.names
            if not targets:
                return {"strategy": "SKIP_TO_NEXT"}
            made["pattern"] = self.random.choice(targets)
            made["throwIfMissing"] = self.chance(0.3)
        return made

    def pattern(self):
        stages = self.chain(self.random.choices((1, 2, 3, 4), (1, 4, 5, 2))[0], 0)
        made = {"skip": self.skip(stages)}
        closes = is_negated(stages[-1]) and not self.careless
        word = "whole" if closes else self.pick(none=30, whole=40, between=12, stage=18)
        if word == "whole":
            made["within"] = {"ms": self.random.randint(3, 25), "type": "FIRST_AND_LAST"}
        elif word == "between":
            made["within"] = {"ms": self.random.randint(2, 8), "type": "PREVIOUS_AND_CURRENT"}
        elif word == "stage":
            kind = self.random.choice(("FIRST_AND_LAST", "PREVIOUS_AND_CURRENT"))
            chosen = self.random.choice(list(elements(stages)))
            chosen["within"] = {"ms": self.random.randint(2, 20), "type": kind}
        if made.get("within", {}).get("type") == "FIRST_AND_LAST":
            for each in elements(stages):  # A longer gap window is refused.
                if "windowMs" in quantifier_of(each):
                    each["quantifier"]["windowMs"] = min(made["within"]["ms"],
                                                         each["quantifier"]["windowMs"])
        if self.chance(0.1):
            made["comparator"] = "v"
        made["stages"] = stages
        return made

    # --- what a careful hand would not write

    def disturb(self, stages):
        for each in elements(stages):
            calls = canonical_calls(each)
            if calls and self.chance(0.4):
                if self.chance(0.5):
                    calls.insert(self.random.randrange(len(calls) + 1), self.random.choice(calls))
                self.random.shuffle(calls)
                each["order"] = calls
            if "name" in each and self.chance(0.06):
                each["name"] += ":" + self.random.choice(self.letters)
            quantifier = quantifier_of(each)
            if "windowMs" in quantifier and self.chance(0.2):
                quantifier["windowMs"] = self.random.choice((0, -1, 40))
            if "max" in quantifier and self.chance(0.1):
                quantifier["max"] = quantifier["min"] - 1
            if "within" not in each and self.chance(0.08):
                each["within"] = {"ms": self.random.choice((0, -1, 5)),
                                  "type": self.random.choice(("FIRST_AND_LAST",
                                                              "PREVIOUS_AND_CURRENT"))}

    # --- the input

    def letters_of(self, condition):
        if "type" in condition:
            return [condition["type"]]
        nested = condition.get("and", condition.get("or", []))
        return [letter for each in nested for letter in self.letters_of(each)]

    def walk(self, stages):
        """Gives letters that the pattern may take."""
        walked = []
        for stage in stages:
            if is_negated(stage) and not self.chance(0.12):
                continue
            if is_optional(stage) and self.chance(0.4):
                continue
            quantifier = quantifier_of(stage)
            least = max(1, quantifier.get("min", 1))
            count = least + (self.random.randint(0, 2) if is_loop(stage) else 0)
            if quantifier["kind"] == "range":
                count = self.random.randint(least, quantifier["max"])
            for _ in range(count):
                if "group" in stage:
                    walked += self.walk(stage["group"])
                else:
                    walked.append(self.random.choice(
                        self.letters_of(stage.get("where", {})) or self.letters))
                if self.chance(0.12):
                    walked.append(self.random.choice(self.letters + "x"))
            if "until" in stage and self.chance(0.4):
                walked += self.letters_of(stage["until"])[:1]
        return walked

    @staticmethod
    def explosiveness(stages):
        return sum((each["contiguity"] == "followedByAny") + 2 * is_loop(each)
                   + 2 * (quantifier_of(each).get("inner") == "combinations")
                   for each in elements(stages))

    def input(self, stages):
        heavy = self.explosiveness(stages)
        count = self.random.randint(8, 30 if heavy < 3 else 20 if heavy < 6 else 13)
        if self.kind == "long":
            count *= 4 if heavy < 3 else 2
        keys = ["k1", "k2"] if self.chance(0.2) else ["k1"]
        steps = self.random.choice(((1,), (0, 1, 1, 2), (1, 2, 3), (0, 0, 1), (1, 2, 6)))
        planted = self.chance(0.75)
        watermark_share = self.random.choice((0, 0.2, 0.5, 1))
        disorder = self.random.choice((0, 0, 0, 2))
        time = self.random.choice((1, 1, 100, 0, -5))
        waiting = {key: [] for key in keys}
        events = []
        for number in range(1, count + 1):
            key = self.random.choice(keys)
            if not waiting[key]:
                waiting[key] = self.walk(stages) if planted else []
            letter = waiting[key].pop(0) if waiting[key] else self.random.choice(self.letters + "x")
            events.append({"id": number, "ts": time - self.random.randint(0, disorder), "key": key,
                           "type": letter, "v": float(self.random.randint(0, 9))})
            time += self.random.choice(steps)
        made, latest = [], None
        for event in events:
            made.append(event)
            latest = event["ts"] if latest is None else max(latest, event["ts"])
            if self.chance(watermark_share):
                made.append({"watermark": latest - disorder})
        made.append({"watermark": latest})
        if self.chance(0.4):
            made.append({"watermark": latest + self.random.choice((4, 1000))})
        return made

    def case(self, name):
        pattern = self.pattern()
        events = self.input(pattern["stages"])
        if self.kind == "odd":
            self.disturb(pattern["stages"])
        return {"id": name, "about": "made by chance: " + self.kind, "pattern": pattern,
                "input": events}


def make_cases(seed, count, kind):
    """Gives `count` cases as lines of JSON; the first cases do not depend on `count`."""
    for number in range(count):
        case = Maker(f"{seed}-{number}", kind).case(f"{kind}-{seed}-{number:05d}")
        yield json.dumps(case, separators=(",", ":"))


def main(arguments):
    if len(arguments) != 3 or arguments[2] not in KINDS:
        print(__doc__, file=sys.stderr)
        return 2
    for line in make_cases(arguments[0], int(arguments[1]), arguments[2]):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
