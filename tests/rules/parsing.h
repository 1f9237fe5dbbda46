// Short ways to parse and to look at the result, for the tests of the rule language.
// Not here: checks of meaning (the tests of the binder).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/parser.h"
#include "rules/source_file.h"

namespace lymer::rules {

// What parse() made of a text.
struct Parsed {
  explicit Parsed(std::string text)
      : file("rules.cep", std::move(text)), ast(parse(file, diagnostics)) {}

  SourceFile file;
  Diagnostics diagnostics;
  FileAst ast;

  template <typename T>
  [[nodiscard]] const T& at(std::size_t index) const {
    return std::get<T>(ast.declarations.at(index));
  }
};

// The codes of all diagnostics of `text`, in the order of the text: "R0101 R0105".
std::string codes_of(const std::string& text);

// As codes_of(), each with the underlined piece of the text: "R0109 `=`".
std::vector<std::string> marks_of(const std::string& text);

// The first message, its label and its help lines, joined by " | ".
std::string advice_of(const std::string& text);

// A stream or rule around some clauses; the stream reads a file and the rule has a stage.
std::string in_stream(std::string_view clauses);
std::string in_rule(std::string_view clauses);
// `stream x = QUERY`.
std::string in_query(std::string_view query);
// A rule with one stage whose condition is `condition`.
std::string with_condition(std::string_view condition);

// The tree of an expression with all brackets: "(or a (and b c))". Parses it as a condition;
// where that fails, the codes.
std::string tree_of(const std::string& expression);
std::string shape(const Expr& expr);

// The whole tree as text without positions, for comparing two of them.
std::string shape(const FileAst& ast);

}  // namespace lymer::rules
