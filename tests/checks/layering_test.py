#!/usr/bin/env python3
"""Tests of layering.py, each on a small tree in a temporary directory."""

import pathlib
import tempfile
import unittest

import layering


class LayeringTest(unittest.TestCase):
    def check(self, files):
        """Writes {path: text} as a tree and returns (violations, edges)."""
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            return layering.check_tree(root)

    def violations(self, files):
        return self.check(files)[0]

    def test_includes_that_point_down_are_counted(self):
        violations, edges = self.check({
            "runtime/base/result.h": "#include <string>\n",
            "nfa/program.h": '#include "runtime/base/result.h"\n',
            "cep/pattern.h": '#include "nfa/program.h"\n#include "runtime/base/result.h"\n',
            "cep/pattern.cc": '#include "cep/pattern.h"\n',
        })
        self.assertEqual(violations, [])
        self.assertEqual(edges, {
            ("nfa", "runtime/base"): 1, ("cep", "nfa"): 1, ("cep", "runtime/base"): 1})

    def test_include_that_points_up_names_file_and_line(self):
        violations = self.violations({
            "runtime/event.h": '// Head.\n#include "cep/pattern.h"\n', "cep/pattern.h": ""})
        self.assertEqual(len(violations), 1)
        self.assertTrue(violations[0].startswith("runtime/event.h:2: runtime may not include cep"))

    def test_base_is_below_runtime(self):
        self.assertEqual(len(self.violations({
            "runtime/base/time.h": '#include "runtime/event.h"\n', "runtime/event.h": ""})), 1)

    def test_nfa_sees_the_base_but_not_the_runtime(self):
        files = {"nfa/a.h": '#include "runtime/base/b.h"\n#include "runtime/c.h"\n',
                 "runtime/base/b.h": "", "runtime/c.h": ""}
        self.assertEqual([each.split(":")[1] for each in self.violations(files)], ["2"])

    def test_neighbours_do_not_include_each_other(self):
        self.assertEqual(len(self.violations({
            "kafka/a.h": '#include "checkpoint/b.h"\n', "checkpoint/b.h": ""})), 1)

    def test_tests_include_anything_but_are_included_by_nobody(self):
        self.assertEqual(self.violations({
            "tests/server/a_test.cc":
                '#include <gtest/gtest.h>\n#include <spdlog/spdlog.h>\n#include "server/a.h"\n',
            "server/a.h": ""}), [])
        self.assertEqual(len(self.violations({
            "server/a.cc": '#include "tests/support/b.h"\n', "tests/support/b.h": ""})), 1)

    def test_missing_and_relative_includes_are_refused(self):
        violations = self.violations({"cep/a.cc": '#include "b.h"\n', "cep/b.h": ""})
        self.assertIn("no such file", violations[0])

    def test_own_header_in_angle_brackets_is_refused(self):
        violations = self.violations({"cep/a.cc": "#include <cep/b.h>\n", "cep/b.h": ""})
        self.assertIn("is ours", violations[0])

    def test_fences_hold(self):
        allowed = {
            "runtime/base/log.cc": "spdlog/spdlog.h",
            "runtime/base/text.h": "fmt/format.h",
            "runtime/format/json.cc": "simdjson.h",
            "rules/json.cc": "nlohmann/json.hpp",
            "server/http/session.cc": "boost/asio.hpp",
            "nfa/matcher.cc": "boost/unordered/unordered_flat_map.hpp",
            "kafka/source.cc": "librdkafka/rdkafka.h",
            "runtime/base/file_system.cc": "sys/stat.h",
        }
        refused = {
            "runtime/base/text.cc": "spdlog/spdlog.h",
            "runtime/base/logger.cc": "spdlog/spdlog.h",
            "cep/pattern.cc": "fmt/format.h",
            "runtime/event.cc": "simdjson.h",
            "cep/json.cc": "nlohmann/json.hpp",
            "runtime/channel.cc": "boost/asio/io_context.hpp",
            "server/main.cc": "boost/unordered/unordered_flat_map.hpp",
            "nfa/program.cc": "re2/re2.h",
            "rules/parser.cc": "boost/spirit.hpp",
            "server/a.cc": "gtest/gtest.h",
        }
        for path, header in allowed.items():
            self.assertEqual(self.violations({path: f"#include <{header}>\n"}), [], path)
        for path, header in refused.items():
            violations = self.violations({path: f"#include <{header}>\n"})
            self.assertEqual(len(violations), 1, path)
            self.assertIn("is fenced", violations[0])

    def test_library_without_a_fence_is_refused(self):
        for header in ("absl/strings/str_cat.h", "lzma.h"):
            self.assertIn("in no table", self.violations({"cep/a.cc": f"#include <{header}>\n"})[0])

    def test_cycle_is_reported_once_with_its_path(self):
        violations = self.violations({
            "cep/a.h": '#include "cep/b.h"\n',
            "cep/b.h": '#include "cep/c.h"\n',
            "cep/c.h": '#include "cep/a.h"\n',
            "cep/d.h": '#include "cep/a.h"\n',
        })
        self.assertEqual(violations, [
            "cep/c.h:1: cycle of includes: cep/a.h -> cep/b.h -> cep/c.h -> cep/a.h"])

    def test_diamond_is_no_cycle(self):
        self.assertEqual(self.violations({
            "cep/a.h": '#include "cep/b.h"\n#include "cep/c.h"\n',
            "cep/b.h": '#include "cep/d.h"\n', "cep/c.h": '#include "cep/d.h"\n',
            "cep/d.h": ""}), [])

    def test_every_fence_names_known_layers(self):
        for places in layering.FENCES.values():
            for place in places:
                self.assertIsNotNone(layering.layer_of(place), place)


if __name__ == "__main__":
    unittest.main()
