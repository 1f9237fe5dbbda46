// The program `lymer`.
// Not here: anything at all; see server/cli/command_line.cc.
#include "server/cli/command_line.h"

int main(int argument_count, char** arguments) {
  return lymer::server::run_command_line(argument_count, arguments);
}
