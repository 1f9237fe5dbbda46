// The three formats, each a walk over the samples.
// Not here: names that a format could not write, which metric_name.h brought into shape.
#include "runtime/metrics/metric_text.h"

#include <cmath>
#include <string_view>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "runtime/metrics/metric_name.h"

namespace lymer::runtime {
namespace {

std::string_view to_string(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  check_failed("a type of metric", "unknown");
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return text("{}", value);
}

std::string json_number(double value) { return std::isfinite(value) ? number(value) : "null"; }

// Escapes line ends and backslashes, and quotes where the text stands between them.
std::string escaped(std::string_view text, bool is_quoted) {
  std::string result;
  for (const char byte : text) {
    if (byte == '\\' || (byte == '"' && is_quoted)) result += '\\';
    if (byte == '\n') {
      result += "\\n";
    } else {
      result += byte;
    }
  }
  return result;
}

// Writes `{a="b",le="c"}`, or nothing where there is no label. `bound` is of a bucket.
std::string label_set(const MetricLabels& labels, std::string_view bound = "") {
  std::string result;
  for (const auto& [key, value] : labels) {
    append_text(result, "{}{}=\"{}\"", result.empty() ? "" : ",", key, escaped(value, true));
  }
  if (!bound.empty()) append_text(result, "{}le=\"{}\"", result.empty() ? "" : ",", bound);
  return result.empty() ? "" : "{" + result + "}";
}

void append_histogram(std::string& out, const MetricSample& sample) {
  const HistogramSnapshot& histogram = sample.histogram;
  const auto append_bucket = [&](std::string_view bound, std::uint64_t count) {
    append_text(out, "{}_bucket{} {}\n", sample.name, label_set(sample.labels, bound), count);
  };
  for (const auto& bucket : histogram.cumulative()) {
    append_bucket(number(bucket.upper_bound), bucket.count);
  }
  append_bucket("+Inf", histogram.count);
  const std::string labels = label_set(sample.labels);
  append_text(out, "{}_sum{} {}\n", sample.name, labels, number(histogram.sum));
  append_text(out, "{}_count{} {}\n", sample.name, labels, histogram.count);
}

// What JSON and a log say of a histogram, each figure written by `append(name, value)`.
template <typename Append>
void for_each_figure(const HistogramSnapshot& histogram, Append append) {
  append("count", static_cast<double>(histogram.count));
  append("sum", histogram.sum);
  append("min", histogram.min);
  append("max", histogram.max);
  append("p50", histogram.quantile(0.5));
  append("p90", histogram.quantile(0.9));
  append("p99", histogram.quantile(0.99));
}

void append_json_sample(std::string& out, const MetricSample& sample) {
  append_text(out, R"({{"name":"{}","type":"{}","help":)", sample.name, to_string(sample.type));
  append_json_string(out, sample.help);
  out += R"(,"labels":{)";
  std::string_view comma = "";
  for (const auto& [key, value] : sample.labels) {
    append_text(out, R"({}"{}":)", comma, key);
    append_json_string(out, value);
    comma = ",";
  }
  out += '}';
  const auto append = [&](std::string_view name, double value) {
    append_text(out, R"(,"{}":{})", name, json_number(value));
  };
  if (sample.type == MetricType::kHistogram) {
    for_each_figure(sample.histogram, append);
  } else {
    append("value", sample.value);
  }
  out += '}';
}

}  // namespace

std::string to_prometheus(std::span<const MetricSample> samples) {
  std::string out;
  std::string name_before;
  for (const MetricSample& sample : samples) {
    const bool is_counter = sample.type == MetricType::kCounter;
    const std::string name = is_counter ? counter_name(sample.name) : sample.name;
    if (name != name_before) {
      append_text(out, "# HELP {} {}\n", name, escaped(sample.help, false));
      append_text(out, "# TYPE {} {}\n", name, to_string(sample.type));
      name_before = name;
    }
    if (sample.type == MetricType::kHistogram) {
      append_histogram(out, sample);
    } else {
      append_text(out, "{}{} {}\n", name, label_set(sample.labels), number(sample.value));
    }
  }
  return out;
}

std::string to_json(std::span<const MetricSample> samples) {
  std::string out = "[";
  for (const MetricSample& sample : samples) {
    out += out.size() == 1 ? "\n" : ",\n";
    append_json_sample(out, sample);
  }
  return out + "\n]\n";
}

std::string to_log_lines(std::span<const MetricSample> samples, const ScopeFormat& format) {
  std::string out;
  for (const MetricSample& sample : samples) {
    append_text(out, "{}:", format.apply(sample));
    if (sample.type == MetricType::kHistogram) {
      for_each_figure(sample.histogram, [&](std::string_view name, double value) {
        append_text(out, " {}={}", name, number(value));
      });
    } else {
      append_text(out, " {}", number(sample.value));
    }
    out += '\n';
  }
  return out;
}

}  // namespace lymer::runtime
