#!/usr/bin/env python3
"""Tests what widen.py calls a difference, and that cases follow from their seed. Asks no Flink."""

import json
import unittest

import make_cases
import widen

CASE = {"input": [{"id": 1, "key": "x"}, {"id": 2, "key": "y"}, {"id": 3, "key": "x"},
                  {"watermark": 9}]}


def match(*events, at=3, **more):
    return {"at": at, "match": {"a": list(events)}, **more}


def answer(matches=(), timeouts=(), late=(), **error):
    return {"matches": list(matches), "timeouts": list(timeouts), "late": list(late), **error}


class Difference(unittest.TestCase):
    def same(self, ours, flinks):
        self.assertEqual(widen.difference(CASE, ours, flinks), "")

    def differs(self, ours, flinks, why):
        self.assertIn(why, widen.difference(CASE, ours, flinks))

    def test_keys_may_take_turns_differently_but_a_key_keeps_its_order(self):
        self.same(answer([match(1), match(2), match(3)]), answer([match(2), match(1), match(3)]))
        self.differs(answer([match(1), match(3)]), answer([match(3), match(1)]), "order")
        self.differs(answer([match(1)]), answer([match(1), match(3)]), "matches")
        self.differs(answer([match(1)]), answer([match(1, at=2)]), "matches")

    def test_timeouts_have_no_order_but_times(self):
        self.same(answer(timeouts=[match(1, ts=5), match(3, ts=6)]),
                  answer(timeouts=[match(3, ts=6), match(1, ts=5)]))
        self.differs(answer(timeouts=[match(1, ts=5)]), answer(timeouts=[match(1, ts=6)]),
                     "timeouts")

    def test_late_events_come_in_the_order_of_arrival(self):
        self.differs(answer(late=[1, 2]), answer(late=[2, 1]), "late")

    def test_a_refusal_has_a_phase_and_a_failure_a_step(self):
        refusal = {"error": "MalformedPatternException", "message": "m", "phase": "build"}
        self.same(refusal, dict(refusal, message="other"))
        self.differs(refusal, dict(refusal, phase="compile"), "phase")
        self.differs(answer(), refusal, "phase")
        failure = {"error": "FlinkRuntimeException", "message": "m", "phase": "runtime", "at": 3}
        self.same(answer([match(1)], **failure), answer([match(1)], **failure))
        self.differs(answer(**failure), answer(**dict(failure, at=2)), "fails at")
        self.differs(answer(**failure), answer([match(1)], **failure), "matches")

    def test_flinks_own_exceptions_are_no_answers(self):
        self.same(answer(), {"error": "NullPointerException", "message": "", "phase": "runtime"})

    def test_a_replay_that_dies_is_a_difference(self):
        self.differs({"phase": "died", "message": "ended with -6"}, answer(), "died")


class MakeCases(unittest.TestCase):
    def test_cases_follow_from_the_seed_and_not_from_their_number(self):
        some = list(make_cases.make_cases(5, 20, "deep"))
        self.assertEqual(list(make_cases.make_cases(5, 30, "deep"))[:20], some)
        self.assertNotEqual(list(make_cases.make_cases(6, 20, "deep")), some)

    def test_cases_hold_what_they_are_made_for(self):
        text = "".join(make_cases.make_cases(1, 400, "deep"))
        for word in ('"group"', '"until"', '"greedy":true', '"windowMs"', "PREVIOUS_AND_CURRENT",
                     "FIRST_AND_LAST", '"throwIfMissing":true', "notFollowedBy", "cmpLast",
                     *make_cases.SKIPS):
            self.assertIn(word, text)
        odd = "".join(make_cases.make_cases(1, 400, "odd"))
        for word in ('"order"', ':a"', '"ms":0'):
            self.assertIn(word, odd)
            self.assertNotIn(word, text)
        for line in make_cases.make_cases(2, 50, "long"):
            case = json.loads(line)
            self.assertEqual(case["pattern"]["stages"][0]["contiguity"], "begin")
            self.assertIn("watermark", case["input"][-1])


if __name__ == "__main__":
    unittest.main()
