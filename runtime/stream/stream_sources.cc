// Where streams begin.
// Not here: what comes behind (runtime/stream/stream.cc), sources as such (runtime/row_source.h and
// its like).
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/connection.h"
#include "runtime/base/text.h"
#include "runtime/batch_source.h"
#include "runtime/row_source.h"
#include "runtime/socket_source.h"
#include "runtime/stream/stream.h"
#include "runtime/stream/stream_checks.h"

namespace lymer::runtime {
namespace {

constexpr Duration kConnectTimeout = Duration::seconds(5);

}  // namespace

Stream StreamJob::generate(const std::string& name, const SchemaRef& schema, MakeRow make,
                           Duration out_of_order) {
  refuse(wrong_if_missing(make != nullptr, name, "function"));
  refuse(wrong_out_of_order(name, out_of_order));
  const RowSourceSpec spec{.schema = schema,
                           .schema_id = id_of(schema),
                           .split = SplitId(sources_++),
                           .out_of_order = out_of_order,
                           .make = std::move(make)};
  const NodeId node = graph_.add({.name = name, .uid = "", .source = [spec](SourceShare share) {
                                    return std::make_unique<RowSource>(spec, share);
                                  }});
  return {*this, schema, {{node, kMainPort, std::nullopt, nullptr}}};
}

Stream StreamJob::from_batches(const std::string& name, const SchemaRef& schema, MakeBatch make,
                               Duration out_of_order) {
  refuse(wrong_if_missing(make != nullptr, name, "function"));
  refuse(wrong_out_of_order(name, out_of_order));
  const BatchSourceSpec spec{.schema_id = id_of(schema),
                             .split = SplitId(sources_++),
                             .out_of_order = out_of_order,
                             .make = std::move(make)};
  const NodeId node = graph_.add({.name = name, .uid = "", .source = [spec](SourceShare share) {
                                    return std::make_unique<BatchSource>(spec, share);
                                  }});
  return {*this, schema, {{node, kMainPort, std::nullopt, nullptr}}};
}

Stream StreamJob::from_source(const std::string& name, const SchemaRef& schema,
                              SourceMaker source) {
  refuse(wrong_if_missing(source != nullptr, name, "source"));
  const NodeId node =
      graph_.add({.name = name, .uid = "", .source = std::move(source), .parallelism = 1});
  return {*this, schema, {{node, kMainPort, std::nullopt, nullptr}}};
}

Stream StreamJob::read(const std::string& name, const SchemaRef& schema, const RecordInput& input,
                       bool goes_on, OpenReader open) {
  refuse(wrong_input(name, schema, input, goes_on));
  refuse(wrong_out_of_order(name, input.out_of_order));
  return from_source(
      name, schema,
      record_source(schema, id_of(schema), SplitId(sources_++), input, std::move(open)));
}

Stream StreamJob::read_file(const std::string& name, const SchemaRef& schema,
                            const std::string& path, const RecordInput& input, Reading reading) {
  const FileSourceOptions options{.path = path,
                                  .framing = framing_of(input),
                                  .follow = reading == Reading::kFollow,
                                  .csv_delimiter = csv_delimiter_of(input),
                                  .max_record_bytes = input.max_record_bytes};
  return read(name, schema, input, options.follow,
              [files = files_, options] { return open_file_source(*files, options); });
}

Stream StreamJob::read_socket(const std::string& name, const SchemaRef& schema,
                              const std::string& host, std::uint16_t port,
                              const RecordInput& input) {
  const SocketSourceOptions options{.peer = text("{}:{}", host, port),
                                    .framing = framing_of(input),
                                    .csv_delimiter = csv_delimiter_of(input),
                                    .max_record_bytes = input.max_record_bytes};
  const auto open = [host, port, options]() -> Result<std::unique_ptr<SplitReader>> {
    LYMER_ASSIGN_OR_RETURN(auto connection, connect_tcp(host, port, kConnectTimeout));
    return open_socket_source(std::move(connection), options);
  };
  return read(name, schema, input, true, open);
}

Stream StreamJob::from_rows(const std::string& name, const SchemaRef& schema,
                            std::vector<TimedRow> rows, Duration out_of_order) {
  const auto all = std::make_shared<const std::vector<TimedRow>>(std::move(rows));
  const auto make = [all, schema](std::uint64_t number, RowBuilder& row, EventTime& time) {
    if (number >= all->size()) return false;
    const TimedRow& given = (*all)[number];
    row.copy(RowView(given.row, schema->size()));
    time = given.time;
    return true;
  };
  return generate(name, schema, make, out_of_order);
}

}  // namespace lymer::runtime
