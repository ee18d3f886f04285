#include "wire/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

namespace sluice::wire {
namespace {

constexpr int gzip_only = 16 + MAX_WBITS;
constexpr std::size_t first_bytes = 16U << 10;

using Inflater = std::unique_ptr<z_stream, decltype([](z_stream* stream) {
                                   inflateEnd(stream);
                                   delete stream;
                                 })>;

}  // namespace

GzipFault gunzip(std::string_view bytes, std::size_t bytes_max, std::string& out) {
  out.clear();
  Inflater stream(new z_stream{});
  if (inflateInit2(stream.get(), gzip_only) != Z_OK) {
    return GzipFault::malformed;
  }
  const std::size_t swollen = std::max(gzip_ratio_free_bytes, bytes.size() * gzip_ratio_max);
  const std::size_t limit = std::min(bytes_max, swollen);
  stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream->avail_in = static_cast<uInt>(bytes.size());
  std::size_t made = 0;
  for (;;) {
    if (made == out.size()) {
      // One byte of room past the limit tells "exactly full" from "too large".
      out.resize(std::min(limit + 1, std::max(first_bytes, out.size() * 2)));
    }
    stream->next_out = reinterpret_cast<Bytef*>(out.data() + made);
    stream->avail_out = static_cast<uInt>(out.size() - made);
    const int state = inflate(stream.get(), Z_NO_FLUSH);
    made = out.size() - stream->avail_out;
    if (made > limit) {
      out.clear();
      return GzipFault::too_large;
    }
    if (state == Z_STREAM_END) {
      if (stream->avail_in == 0) {
        out.resize(made);
        return GzipFault::none;
      }
      if (inflateReset(stream.get()) != Z_OK) {  // another member
        return GzipFault::malformed;
      }
    } else if (state != Z_OK || (stream->avail_in == 0 && stream->avail_out > 0)) {
      out.clear();
      return GzipFault::malformed;
    }
  }
}

}  // namespace sluice::wire
