// XML for build servers.
// Not here: tests (test_test.cc).
#include "server/cli/junit.h"

#include <gtest/gtest.h>

namespace lymer::server {
namespace {

TEST(JUnit, WritesASuiteForEachFile) {
  EXPECT_EQ(junit_xml({{"a.cep", "one <&> \"two\"", 0.5, ""},
                       {"a.cep", "bad", 0, "not met\n\x01"},
                       {"b.cep", "three", 0, ""}}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
            "  <testsuite name=\"a.cep\" tests=\"2\" failures=\"1\">\n"
            "    <testcase classname=\"a.cep\" name=\"one &lt;&amp;&gt; &quot;two&quot;\" "
            "time=\"0.500\"/>\n"
            "    <testcase classname=\"a.cep\" name=\"bad\" time=\"0.000\">\n"
            "      <failure message=\"expectations were not met\">not met\n?</failure>\n"
            "    </testcase>\n"
            "  </testsuite>\n"
            "  <testsuite name=\"b.cep\" tests=\"1\" failures=\"0\">\n"
            "    <testcase classname=\"b.cep\" name=\"three\" time=\"0.000\"/>\n"
            "  </testsuite>\n"
            "</testsuites>\n");
}

}  // namespace
}  // namespace lymer::server
