// A strict reader of Prometheus's text format 0.0.4, made from its description and not from our
// writer: a stand-in for `promtool check metrics`.
//
// Refuses a line that is not of the grammar, a name whose samples do not stand together, HELP or
// TYPE twice or too late, series twice, histograms that are not cumulative or lack +Inf, _sum or
// _count, and, as promtool's linter, counters without `_total`.
//
// Not here: what the samples should be (tests/runtime/metrics/metric_text_test.cc).
#pragma once

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <re2/re2.h>

namespace lymer::support {

class ExpositionGrammar {
 public:
  // Gives the complaints, none if the text is sound.
  [[nodiscard]] static std::vector<std::string> check(std::string_view text) {
    ExpositionGrammar grammar;
    if (!text.empty() && !text.ends_with('\n')) grammar.complain("no line end at the end");
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      grammar.line_ = std::string(text.substr(0, end));
      grammar.read_line();
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    grammar.end_family();
    return grammar.complaints_;
  }

 private:
  using Labels = std::map<std::string, std::string>;
  struct Buckets {
    std::map<double, double> counts;
    std::optional<double> sum;
    std::optional<double> count;
  };

  void complain(const std::string& what) { complaints_.push_back(what + ": " + line_); }

  void read_line() {
    static const RE2 kHelp(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)*))");
    static const RE2 kType(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
    static const RE2 kSample(R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? )"
                             R"((NaN|[+-]Inf|-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?))");
    std::string name;
    std::string rest;
    std::string value;
    if (RE2::FullMatch(line_, kHelp, &name, &rest)) {
      begin_family(name);
      if (has_help_) complain("HELP twice");
      has_help_ = true;
    } else if (RE2::FullMatch(line_, kType, &name, &rest)) {
      if (name != family_) begin_family(name);
      if (!type_.empty() || has_samples_) complain("TYPE twice or after samples");
      type_ = rest;
      if (type_ == "counter" && !name.ends_with("_total")) complain("a counter without _total");
    } else if (RE2::FullMatch(line_, kSample, &name, &rest, &value)) {
      read_sample(name, rest, value);
    } else {
      complain("not of the grammar");
    }
  }

  void begin_family(const std::string& name) {
    end_family();
    if (!families_.insert(name).second) complain("a name in two places");
    family_ = name;
    type_.clear();
    has_help_ = false;
    has_samples_ = false;
    buckets_.clear();
  }

  void read_sample(const std::string& name, const std::string& label_text,
                   const std::string& text) {
    const Labels labels = read_labels(label_text);
    const double value = text == "NaN"    ? 0
                         : text == "+Inf" ? std::numeric_limits<double>::infinity()
                                          : std::strtod(text.c_str(), nullptr);
    has_samples_ = true;
    if (!series_.insert({name, labels}).second) complain("a series twice");
    if (type_ == "histogram") return read_histogram(name, labels, value);
    if (name != family_ || type_.empty()) complain("a sample without TYPE");
    if (labels.contains("le")) complain("le of what is no histogram");
    if (type_ == "counter" && value < 0) complain("a negative counter");
  }

  void read_histogram(const std::string& name, Labels labels, double value) {
    const auto bound = labels.find("le");
    const bool is_bucket = name == family_ + "_bucket";
    if (is_bucket != (bound != labels.end())) return complain("le belongs to buckets");
    double upper = 0;
    if (is_bucket) {
      upper = bound->second == "+Inf" ? std::numeric_limits<double>::infinity()
                                      : std::strtod(bound->second.c_str(), nullptr);
      labels.erase(bound);
    }
    Buckets& buckets = buckets_[labels];
    if (is_bucket) {
      if (!buckets.counts.empty() && upper <= buckets.counts.rbegin()->first) {
        complain("bounds that do not rise");
      }
      buckets.counts[upper] = value;
    } else if (name == family_ + "_sum") {
      buckets.sum = value;
    } else if (name == family_ + "_count") {
      buckets.count = value;
    } else {
      complain("a sample that is not of the histogram");
    }
  }

  void end_family() {
    if (!family_.empty() && type_.empty()) complain("a name without TYPE before");
    for (const auto& [labels, buckets] : buckets_) {
      double before = 0;
      for (const auto& [bound, count] : buckets.counts) {
        if (count < before) complain("buckets that are not cumulative before");
        before = count;
      }
      const auto last = buckets.counts.rbegin();
      if (last == buckets.counts.rend() || last->first < 1e308) complain("no +Inf before");
      if (!buckets.sum || !buckets.count) complain("no _sum or _count before");
      if (buckets.count != before) complain("_count is not +Inf's before");
    }
  }

  // Reads `{a="b",c="d"}`.
  Labels read_labels(re2::StringPiece text) {
    static const RE2 kLabel(R"re(([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\n|\\")*)"(,|\}))re");
    Labels labels;
    if (text.empty()) return labels;
    text.remove_prefix(1);
    std::string key;
    std::string value;
    std::string end;
    while (RE2::Consume(&text, kLabel, &key, &value, &end)) {
      if (key.starts_with("__")) complain("a reserved label");
      if (!labels.emplace(key, value).second) complain("a label twice");
      if (end == "}") break;
    }
    if (end != "}" || !text.empty()) complain("labels that are not of the grammar");
    return labels;
  }

  std::string line_;
  std::vector<std::string> complaints_;
  std::set<std::string> families_;
  std::set<std::pair<std::string, Labels>> series_;
  std::string family_;
  std::string type_;
  bool has_help_ = false;
  bool has_samples_ = false;
  std::map<Labels, Buckets> buckets_;
};

}  // namespace lymer::support
