#!/usr/bin/env python3
"""Tests what peers.py makes of the figures of its runs, and what it copies. Runs no engine."""

import pathlib
import tempfile
import unittest

import peers


def run(rate, matches=7, whole=True):
    return {"rate": rate, "matches": matches, "events": 100, "whole": whole, "peak_mib": rate / 10}


class Summary(unittest.TestCase):
    def test_takes_medians_and_the_better_esper(self):
        row = peers.summarize({"lymer": [run(30), run(10), run(20)], "flink-op": [run(2)],
                               "esper": [run(4)], "esper-mr": [run(5)]})
        self.assertEqual(row["engines"]["lymer"]["events_per_cpu_second"], 20)
        self.assertEqual(row["engines"]["lymer"]["peak_mib"], 3)
        self.assertEqual((row["lymer/esper"], row["lymer/flink-op"]), (4, 10))

    def test_compares_matches_of_whole_streams_only(self):
        row = peers.summarize({"lymer": [run(1)], "flink-op": [run(1, 8)], "esper": [run(1)],
                               "siddhi": [run(1, 8, whole=False)]})["engines"]
        self.assertIs(row["flink-op"]["equal"], False)
        self.assertIs(row["esper"]["equal"], True)
        self.assertNotIn("equal", row["siddhi"])

    def test_has_no_ratio_to_a_peer_that_failed(self):
        row = peers.summarize({"lymer": [run(1)], "esper": [{"error": "out of memory"}]})
        self.assertIsNone(row["lymer/esper"])
        self.assertIsNone(row["lymer/flink-op"])


class Table(unittest.TestCase):
    def test_marks_equal_and_unequal_matches(self):
        summary = {"W4": peers.summarize({"lymer": [run(3e6)], "flink-op": [run(1.5e3)],
                                          "esper-mr": [run(2, 8)], "siddhi": [{"error": "x"}]})}
        line = peers.table(summary, list(peers.PEERS))[2]
        self.assertEqual(line,
                         "| W4 | 3 M | 1.5 k = |  | 2 ! | - | 1.5e+06 | 2000 | 7 | 300000.0 |")


class Copy(unittest.TestCase):
    def test_copies_what_differs_and_can_be_repeated(self):
        with tempfile.TemporaryDirectory() as folder:
            source, target = pathlib.Path(folder, "from"), pathlib.Path(folder, "to")
            (source / "gen").mkdir(parents=True)
            (source / "gen" / "a.txt").write_text("one")
            (source / "gen" / "a.txt").chmod(0o444)
            self.assertTrue(peers.copy_peers(source, target))
            self.assertFalse(peers.copy_peers(source, target))
            (source / "gen" / "a.txt").chmod(0o644)
            (source / "gen" / "a.txt").write_text("two")
            self.assertTrue(peers.copy_peers(source, target))
            self.assertEqual((target / "gen" / "a.txt").read_text(), "two")


if __name__ == "__main__":
    unittest.main()
