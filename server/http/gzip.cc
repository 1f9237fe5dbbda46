// zlib behind a limit: what it gives is looked at piece by piece.
// Not here: when a body is expanded (server/http/http_server.cc).
#include "server/http/gzip.h"

#include <array>
#include <limits>
#include <memory>

#include <zlib.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::server::http {
namespace {

constexpr int kGzipOnly = 15 + 16;  // The largest window; zlib's sign for gzip.
constexpr std::size_t kPiece = std::size_t{16} << 10U;

struct End {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

Error corrupt(const char* reason) {
  return Error{ErrorCode::kCorrupt,
               text("the body is no gzip: {}", reason == nullptr ? "cut off" : reason)};
}

}  // namespace

Result<std::string> gunzip(std::string_view bytes, std::size_t limit) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) {
    return Error{ErrorCode::kLimit, "the body is too long to expand"};
  }
  z_stream stream{};
  // NOLINTNEXTLINE: zlib takes what it only reads without const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  LYMER_CHECK(inflateInit2(&stream, kGzipOnly) == Z_OK, "zlib has memory");
  const std::unique_ptr<z_stream, End> ends(&stream);
  std::string out;
  std::array<char, kPiece> piece{};
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END) return corrupt(stream.msg);
    const std::size_t gained = piece.size() - stream.avail_out;
    if (gained > limit - out.size()) {
      return Error{ErrorCode::kLimit, text("the body expands to more than {} bytes", limit)};
    }
    out.append(piece.data(), gained);
    if (status == Z_OK) continue;
    if (stream.avail_in == 0) return out;
    if (inflateReset(&stream) != Z_OK)
      return corrupt(stream.msg);  // Members may follow each other.
  }
}

}  // namespace lymer::server::http
