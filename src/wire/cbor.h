#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// CBOR (RFC 8949): items out of bytes, one after another, and bytes out of values by appending.
namespace sluice::wire {

/// Items inside each other that `skip` follows; deeper is malformed.
inline constexpr std::size_t cbor_depth_max = 64;

struct CborItem {
  enum class Kind : std::uint8_t {
    integer,  ///< fits 64 bits with sign
    number,   ///< a float, or an integer that does not fit
    bytes,
    text,  ///< UTF-8
    array,
    map,
    boolean,
    null,  ///< also undefined
    end,   ///< of an array or map without a count
    malformed,
  };
  Kind kind = Kind::malformed;
  std::int64_t integer = 0;
  double number = 0;  ///< of an integer, too
  bool boolean = false;
  std::string_view view{};               ///< bytes or text in one piece, or joined in the reader until the next item
  std::optional<std::uint64_t> count{};  ///< of array and map; unset: until `end`
  std::optional<std::uint64_t> tag{};    ///< the last tag before it
};

/// Never reads past its input. After something malformed every further item is malformed.
class CborReader {
 public:
  explicit CborReader(std::string_view in) : in_(in) {}

  bool at_end() const { return at_ == in_.size(); }
  std::size_t remaining() const { return in_.size() - at_; }
  CborItem next();
  /// Everything inside an item that `next` gave; false when it is malformed.
  bool skip(const CborItem& item) { return skip(item, 0); }

 private:
  struct Head {
    std::uint8_t major = 0, info = 0;
    std::uint64_t value = 0;
    bool indefinite = false;
  };
  std::optional<Head> head();
  bool string(const Head& head, CborItem& item);
  bool pieces(std::uint8_t major);
  CborItem simple(const Head& head);
  bool skip(const CborItem& item, std::size_t depth);
  CborItem fail();

  std::string_view in_;
  std::size_t at_ = 0;
  std::string joined_;
};

void append_cbor_integer(std::string& out, std::int64_t value);
/// Eight bytes, whatever the value.
void append_cbor_number(std::string& out, double value);
void append_cbor_text(std::string& out, std::string_view text);
void append_cbor_bytes(std::string& out, std::string_view bytes);
void append_cbor_boolean(std::string& out, bool value);
void append_cbor_tag(std::string& out, std::uint64_t tag);
/// The head; `count` items (of a map: pairs) follow.
void append_cbor_array(std::string& out, std::uint64_t count);
void append_cbor_map(std::string& out, std::uint64_t count);

}  // namespace sluice::wire
