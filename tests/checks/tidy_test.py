#!/usr/bin/env python3
"""Tests of tidy.py and source_text.py: each rule by what it refuses and what it lets pass."""

import pathlib
import tempfile
import unittest

import source_text
import tidy

HEAD = "// What this is.\n// Why it is so.\n"


def rule(check, path, text):
    """Returns [(line, message)] of one rule on one file."""
    return list(check(path, text, source_text.blank(text)))


class SourceTextTest(unittest.TestCase):
    def test_blanks_comments_and_literals_but_keeps_lines(self):
        text = 'a; // new\n/* throw\n */ b("new \\" x", \'"\'); R"(new\n")" 1\'000 new\n'
        code = source_text.blank(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertEqual(code.count("new"), 1)
        self.assertNotIn("throw", code)

    def lengths(self, text):
        found = source_text.find_functions(source_text.blank(text))
        return [(line, count) for line, count, _ in found]

    def test_finds_functions_in_namespaces_and_classes(self):
        self.assertEqual(self.lengths(
            "namespace lymer {\n"
            "class A final : public B {\n"
            " public:\n"
            "  int f() const {\n    if (x) {\n    }\n    return 1;\n  }\n"
            " private:\n  int a_{0};\n};\n"
            "template <typename T>\nResult<T> g(T t,\n            int i) {\n  return t;\n}\n"
            "}  // namespace lymer\n"), [(4, 5), (12, 5)])

    def test_constructor_initializers_are_a_part_of_the_head(self):
        self.assertEqual(self.lengths(
            "A::A(int i, Options o = {})\n    : a_{i}, b_(i), c_{} {\n  f();\n}\nvoid g() {\n}\n"),
            [(1, 4), (5, 2)])

    def test_tables_and_enums_are_no_functions(self):
        self.assertEqual(self.lengths(
            "enum class E : int { kA, kB };\nconstexpr int kTable[] = {\n    f(1),\n};\n"
            "constexpr auto kLess = [](int a) {\n  return a;\n};\n"), [(5, 3)])

    def test_directives_do_not_count(self):
        self.assertEqual(self.lengths("#define X(a) \\\n  if (a) {\n\nvoid f() {\n}\n"), [(4, 2)])


class FileRulesTest(unittest.TestCase):
    def banned(self, line, path="cep/a.cc"):
        return rule(tidy.check_banned_calls, path, line + "\n")

    def test_banned_calls_are_found(self):
        for line in (
            "auto t = std::chrono::system_clock::now();", "auto t = steady_clock::now();",
            "int i = rand();", "int i = std::rand();", "std::this_thread::sleep_for(1s);",
            "std::cout << 1;", "std::cerr << 1;", 'printf("x");', 'std::printf("x");',
            'fprintf(stdout, "x");', "exit(1);", "std::exit(1);", "::_exit(1);", "throw x;",
            "auto* p = new int;", "delete p;", "std::regex r;", "#include <regex>",
        ):
            self.assertEqual(len(self.banned(line)), 1, line)

    def test_look_alikes_pass(self):
        for line in (
            "// throw new delete", 'f("throw");', "A(const A&) = delete;", "int renew = 1;",
            "operand(1);", "snprintf(a, 1);", "app.exit(e);", "Gate::exit();", "on_exit();",
            "#include <new>", "co_await timer;", "std::fprintf(stderr, 1);", "newest(1);",
            "virtual void sleep(Duration length) = 0;", "clock.sleep(1s);",
        ):
            self.assertEqual(self.banned(line), [], line)

    def test_bans_are_lifted_where_the_table_says(self):
        self.assertEqual(self.banned("std::cout << 1;", "server/cli/run.cc"), [])
        self.assertEqual(len(self.banned("std::cout << 1;", "server/client.cc")), 1)

    def test_using_namespace_is_for_sources(self):
        text = HEAD + "using namespace std::chrono_literals;\n"
        self.assertEqual(len(rule(tidy.check_using_namespace, "cep/a.h", text)), 1)
        self.assertEqual(rule(tidy.check_using_namespace, "cep/a.cc", text), [])

    def test_names_that_say_nothing(self):
        for path, text in (("cep/string_util.h", ""), ("cep/common/a.h", ""),
                           ("cep/a.h", "class RuleManager {\n"), ("cep/a.h", "struct Impl;\n"),
                           ("cep/a.h", "namespace lymer::helpers {\n")):
            self.assertEqual(len(rule(tidy.check_names, path, text)), 1, (path, text))
        self.assertEqual(rule(tidy.check_names, "cep/simple.h", "class Implication {\n"), [])

    def test_file_length(self):
        self.assertEqual(rule(tidy.check_file_length, "cep/a.cc", "\n" * 500), [])
        self.assertEqual(len(rule(tidy.check_file_length, "cep/a.cc", "\n" * 501)), 1)
        self.assertEqual(rule(tidy.check_file_length, "tests/a.cc", "\n" * 800), [])

    def test_function_length(self):
        body = "void f() {\n" + "  g();\n" * 59 + "}\n"
        self.assertEqual(len(rule(tidy.check_function_length, "cep/a.cc", body)), 1)
        self.assertEqual(rule(tidy.check_function_length, "tests/a.cc", body), [])
        shorter = body.replace("  g();\n", "", 1)
        self.assertEqual(rule(tidy.check_function_length, "cep/a.cc", shorter), [])

    def test_head_comment(self):
        check = tidy.check_head_comment
        self.assertEqual(rule(check, "cep/a.h", HEAD + "\n#pragma once\n"), [])
        self.assertEqual(rule(check, "cep/a.cc", HEAD + '#include "cep/a.h"\n'), [])
        self.assertEqual(len(rule(check, "cep/a.h", "// One.\n#pragma once\n")), 1)
        self.assertEqual(len(rule(check, "cep/a.h", HEAD + "int a;\n#pragma once\n")), 1)
        self.assertEqual(len(rule(check, "cep/a.cc", "int a;\n")), 1)

    def test_todo_needs_a_context(self):
        self.assertEqual(len(rule(tidy.check_todo, "cep/a.cc", "// TODO: later\n")), 1)
        self.assertEqual(rule(tidy.check_todo, "cep/a.cc", "// TODO(kafka): later\n"), [])

    def test_layout(self):
        for text in ("x" * 101 + "\n", "a\tb\n", "a \n", "a\r\n", "a"):
            self.assertEqual(len(list(tidy.check_layout(text))), 1, text)
        self.assertEqual(list(tidy.check_layout("\u00e9" * 100 + "\n")), [])


class TreeRulesTest(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            return tidy.check_tree(root)

    def test_sound_tree_is_clean(self):
        self.assertEqual(self.check({
            "cep/CMakeLists.txt": "lymer_library(NAME cep SOURCES a.cc HEADERS a.h)\n",
            "cep/a.h": HEAD + "#pragma once\n",
            "cep/a.cc": HEAD + '#include "cep/a.h"\n',
            "tests/CMakeLists.txt": "lymer_test(NAME cep SOURCES cep/a_test.cc DEPS cep)\n",
            "tests/cep/a_test.cc": HEAD,
        }), [])

    def test_file_without_a_target(self):
        self.assertEqual(self.check({
            "cep/CMakeLists.txt": "# a.h is only in a comment\n",
            "cep/a.h": HEAD + "#pragma once\n"}), ["cep/a.h:1: in no CMakeLists.txt"])

    def test_file_named_from_the_root(self):
        self.assertEqual(self.check({
            "CMakeLists.txt": "add_library(a ${PROJECT_SOURCE_DIR}/tests/fuzz/a.cc)\n",
            "tests/fuzz/a.cc": HEAD}), [])

    def test_source_without_a_test(self):
        violations = self.check({
            "rules/CMakeLists.txt": "lymer_library(NAME rules SOURCES a.cc)\n",
            "rules/a.cc": HEAD})
        self.assertEqual(len(violations), 1)
        self.assertIn("write tests/rules/a_test.cc", violations[0])

    def test_foreign_suffix(self):
        self.assertEqual(len(self.check({"cep/a.hpp": HEAD})), 1)


if __name__ == "__main__":
    unittest.main()
