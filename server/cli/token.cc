// The file is read, and written anew beside itself.
// Not here: what stands in a line (server/auth/token_file.cc).
#include "server/cli/token.h"

#include <cstdio>
#include <span>
#include <string>

#include "runtime/base/text.h"
#include "server/auth/token_file.h"

namespace lymer::server {
namespace {

Result<void> add_line(const std::string& path, const std::string& line, FileSystem& files) {
  std::string content = "# sha256 role name\n";
  LYMER_ASSIGN_OR_RETURN(const auto status, files.status(path));
  if (status) {
    LYMER_ASSIGN_OR_RETURN(content, files.read_all(path, TokenFile::kMostBytes));
    if (!content.empty() && !content.ends_with('\n')) content += '\n';
  }
  content += line + "\n";
  LYMER_ASSIGN_OR_RETURN(const TokenFile parsed, TokenFile::parse(path, content));
  const std::string beside = path + ".new";
  LYMER_ASSIGN_OR_RETURN(const auto file, files.create(beside));
  LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(content.data(), content.size()))));
  LYMER_RETURN_IF_ERROR(file->sync());
  LYMER_RETURN_IF_ERROR(file->close());
  LYMER_RETURN_IF_ERROR(files.rename(beside, path));
  return files.sync_directory(parent_directory(path));
}

ExitCode failed(const Error& error) {
  std::fprintf(stderr, "lymer: %s\n", error.to_string().c_str());
  return error.code == ErrorCode::kInvalidArgument ? kFindings : kInputOutput;
}

}  // namespace

ExitCode make_token(const TokenOptions& options, FileSystem& files) {
  const auto role = http::parse_role(options.role.empty() ? "viewer" : options.role);
  if (!role || options.name.find('\n') != std::string::npos) {
    std::fputs("lymer: a role is viewer, operator, author or admin, a name one line\n", stderr);
    return kUsage;
  }
  const auto token = new_token();
  if (!token) return failed(token.error());
  const std::string line = token_line(*token, *role, options.name);
  if (options.path.empty()) {
    std::fprintf(stderr, "for the tokens file: %s\n", line.c_str());
  } else if (const auto added = add_line(options.path, line, files); !added) {
    return failed(added.error());
  }
  std::puts(token->c_str());
  return kGood;
}

}  // namespace lymer::server
