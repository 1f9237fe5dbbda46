// One partition's records, out of librdkafka's queue for it.
//
// Not here: which partitions there are (kafka/consumer.h).
#pragma once

#include <memory>

#include "kafka/client.h"
#include "kafka/consumer.h"

namespace lymer::kafka {

// The client must outlive the reader.
[[nodiscard]] std::unique_ptr<PartitionReader> open_partition(const Client& client,
                                                              const Partition& partition,
                                                              Span span);

}  // namespace lymer::kafka
