#!/usr/bin/env python3
"""Tests that cases follow from their seed and keep out of what cannot be compared. Asks no Flink.
"""

import json
import unittest

import make_cases

SESSION = {"kind": "window", "windows": "session", "gap": 5}
BY_EVENT = {"kind": "window", "windows": "session by event"}


class Cases(unittest.TestCase):
    def test_follow_from_their_seed(self):
        one = list(make_cases.make_cases(3, 40))
        self.assertEqual(one, list(make_cases.make_cases(3, 40)))
        self.assertNotEqual(one, list(make_cases.make_cases(4, 40)))
        self.assertEqual(len({each["id"] for each in one}), 40)

    def test_have_rising_watermarks_and_the_last_at_the_end(self):
        for case in make_cases.make_cases(5, 200):
            *times, last = [each for each in case["input"] if not isinstance(each, list)]
            self.assertEqual(last, "max")
            self.assertEqual(times, sorted(set(times)), case["id"])

    def test_are_a_line_each(self):
        for case in make_cases.make_cases(6, 20):
            self.assertEqual(json.loads(make_cases.line_of(case)), case)


class Comparable(unittest.TestCase):
    def test_is_a_session_whose_parts_keep_their_order(self):
        apart = [[10, "a", 1], [20, "a", 1], [30, "a", 1]]
        joined = [[10, "a", 1], [20, "a", 1], [15, "a", 1]]
        self.assertFalse(make_cases.bridges(SESSION, apart))
        self.assertTrue(make_cases.bridges(SESSION, joined))
        self.assertFalse(make_cases.bridges(SESSION, [*joined[:2], 21, [15, "b", 1]]))
        counted = {**SESSION, "evictor": {"kind": "count"}}
        self.assertTrue(make_cases.is_comparable(SESSION, joined))
        self.assertFalse(make_cases.is_comparable(counted, joined))

    def test_is_no_event_with_a_session_that_others_have_made(self):
        made = [[10, "a", 5], [13, "a", 9]]
        self.assertTrue(make_cases.is_comparable(BY_EVENT, [*made, [10, "a", 11]]))
        self.assertFalse(make_cases.is_comparable(BY_EVENT, [*made, [10, "a", 12]]))
        self.assertTrue(make_cases.is_comparable(BY_EVENT, [*made, [10, "b", 12]]))


if __name__ == "__main__":
    unittest.main()
