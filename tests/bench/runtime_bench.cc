// The pieces on the way of every event: decoding, evaluating a condition, putting into order.
// Not here: the matcher (matcher_bench.cc), the whole (end_to_end.py).
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "runtime/event_sorter.h"
#include "runtime/expression/expression.h"
#include "runtime/format/decoder.h"
#include "runtime/row.h"
#include "runtime/source.h"

namespace lymer::runtime {
namespace {

SchemaRef login_schema() {
  return std::make_shared<const Schema>("logins", std::vector<Field>{{"at", {TypeKind::kInt}},
                                                                     {"user", {TypeKind::kString}},
                                                                     {"ip", {TypeKind::kIp}},
                                                                     {"ok", {TypeKind::kBool}}});
}

class NoRows final : public DecodeSink {
 public:
  void on_row(RowBuilder& row) override { benchmark::DoNotOptimize(row.bytes().data()); }
  void on_skip() override {}
  void on_reject(RejectReason, std::string) override {}
};

void decode_json(benchmark::State& state) {
  std::string record =
      R"({"at":1700000000000,"user":"user-01234","ip":"10.1.2.3","ok":false,"note":"over ssh"})";
  const std::size_t length = record.size();
  record.append(kRecordPadding, ' ');
  auto decoder =
      make_json_decoder(login_schema(), {}, {{0, {"at"}}, {1, {"user"}}, {2, {"ip"}}, {3, {"ok"}}});
  NoRows sink;
  for (auto _ : state) {
    (*decoder)->decode(std::string_view(record).substr(0, length), sink);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(length));
}
BENCHMARK(decode_json);

void evaluate_condition(benchmark::State& state) {
  RowBuilder row(login_schema());
  row.set(1, Value::of("user-01234"));
  Expression field{.op = Op::kField, .type = {TypeKind::kString}, .slot = 1};
  Expression equal{.op = Op::kEqual, .type = {TypeKind::kBool}};
  equal.args = {field, make_constant({TypeKind::kString}, Value::of("user-99999"))};
  Scratch scratch;
  EvaluationContext context{.row = row.view(), .scratch = scratch};
  for (auto _ : state) benchmark::DoNotOptimize(evaluate(equal, context).is_true());
}
BENCHMARK(evaluate_condition);

// Every n-th event comes 500 ms late; 0 for none.
struct Sorted {
  EventTime time;
  std::uint64_t offset = 0;
};
struct ByOffset {
  bool operator()(const Sorted& left, const Sorted& right) const {
    return left.offset < right.offset;
  }
};
void sort_events(benchmark::State& state) {
  EventSorter<Sorted, ByOffset> sorter;
  std::int64_t now = 0;
  for (auto _ : state) {
    ++now;
    const bool late = state.range(0) > 0 && now % state.range(0) == 0;
    const EventTime time = EventTime::from_millis(late ? now - 500 : now);
    sorter.push({time, static_cast<std::uint64_t>(now)});
    while (sorter.pop(EventTime::from_millis(now - 1000))) {
    }
  }
}
BENCHMARK(sort_events)->Arg(0)->Arg(100)->Arg(2);

}  // namespace
}  // namespace lymer::runtime
