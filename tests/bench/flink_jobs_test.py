#!/usr/bin/env python3
"""Tests what flink_jobs.py makes of the figures of its runs. Runs no engine."""

import os
import pathlib
import tempfile
import unittest

import flink_jobs


def run(rate, results=7, checksum="ab"):
    return {"events_per_cpu_s": rate, "results": results, "checksum": checksum,
            "peak_kib": rate * 1024}


class Summary(unittest.TestCase):
    def test_takes_medians_and_their_ratio(self):
        row = flink_jobs.summarize({"lymer": [run(30), run(10), run(20)], "flink": [run(8)]})
        self.assertEqual(row["lymer"]["events_per_cpu_second"], 20)
        self.assertEqual(row["lymer"]["peak_mib"], 30)
        self.assertEqual(row["ratio"], 2.5)

    def test_wants_one_answer_of_all_runs(self):
        for other, equal in ((run(1), True), (run(1, results=8), False),
                             (run(1, checksum="cd"), False)):
            row = flink_jobs.summarize({"lymer": [run(1), run(1)], "flink": [run(2), other]})
            self.assertIs(row["equal"], equal)

    def test_has_no_ratio_to_an_engine_that_failed(self):
        row = flink_jobs.summarize({"lymer": [run(1)], "flink": [{"error": "it failed"}]})
        self.assertIsNone(row["ratio"])
        self.assertIsNone(row["equal"])


class Table(unittest.TestCase):
    def test_has_a_line_for_each_workload(self):
        summary = {
            "a": flink_jobs.summarize({"lymer": [run(3_000_000)], "flink": [run(1_500)]}),
            "b": flink_jobs.summarize({"lymer": [run(10)], "flink": [{"error": "it failed"}]}),
            "c": flink_jobs.summarize({"lymer": [run(10)], "flink": [run(10, 8)]})}
        self.assertEqual(flink_jobs.table(summary)[2:], [
            "| a | 3 M | 1.5 k | 2000 | 7 | yes | 3000000 | 1500 |",
            "| b | 10 | - |  | 7 |  | 10 | - |",
            "| c | 10 | 10 | 1 | 7 | NO | 10 | 10 |"])


class Build(unittest.TestCase):
    def test_is_up_to_date_if_it_is_not_older(self):
        with tempfile.TemporaryDirectory() as folder:
            source, built = pathlib.Path(folder, "a.java"), pathlib.Path(folder, "a.class")
            source.touch()
            self.assertTrue(flink_jobs.is_newer(source, built))
            built.touch()
            os.utime(source, (1000, 1000))
            self.assertFalse(flink_jobs.is_newer(source, built))
            os.utime(built, (500, 500))
            self.assertTrue(flink_jobs.is_newer(source, built))


if __name__ == "__main__":
    unittest.main()
