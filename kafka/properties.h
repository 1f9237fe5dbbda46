// The properties of librdkafka that a user gives, checked but not understood.
//
//   LYMER_ASSIGN_OR_RETURN(Properties properties, Properties::parse(settings));
//   properties.set_default("compression.type", "lz4");
//   LYMER_ASSIGN_OR_RETURN(auto resolved, properties.resolve(files));
//
// A value may name where a secret is: `sasl.password=${file:/run/secrets/kafka}` or
// `${env:KAFKA_PASSWORD}`. It is looked up only when a client is made, so that a secret that has
// changed is taken up by the next start, and no message ever shows it. Names that librdkafka does
// not know are refused by librdkafka (kafka/client.h). Not here: clients.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/settings.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"

namespace lymer::kafka {

// A value as librdkafka gets it.
struct ResolvedProperty {
  std::string name;
  std::string value;
  bool is_secret = false;  // Not to be shown.
};

class Properties {
 public:
  // Returns kInvalidArgument for what is not NAME=VALUE or comes twice, for a reference that cannot
  // be read, and for what contradicts what Lymer does itself: names it and says why.
  [[nodiscard]] static Result<Properties> parse(const KafkaSettings& settings);

  // Sets what the user has not.
  void set_default(const std::string& name, const std::string& value);
  // Sets what no user may.
  void set(const std::string& name, std::string value);
  // As it was written; null if it was not.
  [[nodiscard]] const std::string* find(const std::string& name) const;

  // Looks up the references. Returns kInvalidArgument or kIo for a secret that is not there; names
  // the property, not the value.
  [[nodiscard]] Result<std::vector<ResolvedProperty>> resolve(FileSystem& files) const;

  // NAME=VALUE, ..., with references as they were written and passwords as `***`.
  [[nodiscard]] std::string to_string() const;

 private:
  std::map<std::string, std::string> values_;  // References as they were written.
};

// Replaces what must not be shown.
[[nodiscard]] std::string without_secrets(std::string message,
                                          const std::vector<ResolvedProperty>& properties);

}  // namespace lymer::kafka
