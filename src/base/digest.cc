#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "base/check.h"

namespace sluice {
namespace {

// Fetching an algorithm costs more than hashing 256 bytes, so each thread keeps its context and the algorithm.
template <std::size_t N>
std::array<unsigned char, N> digest_with(const EVP_MD* algorithm, std::string_view bytes) {
  thread_local std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<unsigned char, N> out;
  const bool done = EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
  check(done, "OpenSSL digests any bytes");
  return out;
}

const EVP_MD* fetched(const char* name) {
  const EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
  check(algorithm != nullptr, "OpenSSL has MD5 and SHA-256");
  return algorithm;
}

constexpr std::uint32_t crc32c_polynomial = 0x82f63b78;  // reflected

struct Crc32cTable {
  std::uint32_t of[256];
  constexpr Crc32cTable() : of() {
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t value = byte;
      for (int bit = 0; bit < 8; ++bit) {
        value = (value >> 1) ^ ((value & 1) != 0 ? crc32c_polynomial : 0);
      }
      of[byte] = value;
    }
  }
};
constexpr Crc32cTable crc32c_table;

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t crc) {
  for (const char byte : bytes) {
    crc = crc32c_table.of[(crc ^ static_cast<unsigned char>(byte)) & 0xff] ^ (crc >> 8);
  }
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t crc) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint64_t wide = crc;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word;
    __builtin_memcpy(&word, at, sizeof word);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (; at < end; ++at) {
    crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(*at));
  }
  return crc;
}
#endif

constexpr char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char base64url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode64(std::string_view bytes, const char* alphabet, bool padded) {
  const std::size_t padding = (3 - bytes.size() % 3) % 3;
  std::string text((bytes.size() + padding) / 3 * 4, '=');
  char* out = text.data();
  for (std::size_t at = 0; at < bytes.size(); at += 3, out += 4) {
    const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
    const std::uint32_t group = (byte(at) << 16) | (byte(at + 1) << 8) | byte(at + 2);
    for (std::size_t i = 0; i < 4; ++i) {
      out[i] = alphabet[(group >> (18 - 6 * i)) & 0x3f];
    }
  }
  text.resize(text.size() - padding);
  text.append(padded ? padding : 0, '=');
  return text;
}

struct Base64Values {
  signed char of[256];
  constexpr explicit Base64Values(const char* alphabet) : of() {
    for (signed char& value : of) {
      value = -1;
    }
    for (int i = 0; i < 64; ++i) {
      of[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    }
  }
};
constexpr Base64Values base64_values(base64_alphabet);
constexpr Base64Values base64url_values(base64url_alphabet);

std::optional<std::string> decode64(std::string_view text, const Base64Values& values) {
  if (text.size() % 4 == 1) {
    return std::nullopt;
  }
  std::string bytes(text.size() * 3 / 4, '\0');
  char* out = bytes.data();
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char letter : text) {
    const signed char value = values.of[static_cast<unsigned char>(letter)];
    if (value < 0) {
      return std::nullopt;
    }
    group = (group << 6) | static_cast<unsigned char>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      *out++ = static_cast<char>((group >> bits) & 0xff);
    }
  }
  if ((group & ((1U << bits) - 1)) != 0) {
    return std::nullopt;  // stray bits: two texts for the same bytes
  }
  return bytes;
}

}  // namespace

Md5 md5(std::string_view bytes) {
  static const EVP_MD* const algorithm = fetched("MD5");
  return digest_with<16>(algorithm, bytes);
}

Sha256 sha256(std::string_view bytes) {
  static const EVP_MD* const algorithm = fetched("SHA256");
  return digest_with<32>(algorithm, bytes);
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  // HMAC (RFC 2104) over our own cached SHA-256: OpenSSL 3's HMAC fetches and allocates at each call.
  constexpr std::size_t block_bytes = 64;
  std::string inner;
  inner.reserve(block_bytes + bytes.size());
  inner.assign(block_bytes, '\x36');
  std::string outer;
  outer.reserve(block_bytes + sizeof(Sha256));
  outer.assign(block_bytes, '\x5c');
  const Sha256 hashed_key = key.size() > block_bytes ? sha256(key) : Sha256{};
  const std::string_view short_key = key.size() > block_bytes ? as_bytes(hashed_key) : key;
  for (std::size_t i = 0; i < short_key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ short_key[i]);
    outer[i] = static_cast<char>(outer[i] ^ short_key[i]);
  }
  inner.append(bytes);
  outer.append(as_bytes(sha256(inner)));
  return sha256(outer);
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  static const bool hardware = __builtin_cpu_supports("sse4.2");
  if (hardware) {
    return ~crc32c_hardware(bytes, ~seed);
  }
#endif
  return ~crc32c_portable(bytes, ~seed);
}

std::uint64_t stable_hash(std::string_view bytes) {
  // FNV-1a, then a finalizer so that the low bits (which choose the cell) depend on every byte.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  return hash;
}

std::string hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  char* out = text.data();
  for (const char byte : bytes) {
    *out++ = digits[static_cast<unsigned char>(byte) >> 4];
    *out++ = digits[static_cast<unsigned char>(byte) & 0xf];
  }
  return text;
}

std::string base64_encode(std::string_view bytes) { return encode64(bytes, base64_alphabet, true); }

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
    text.remove_suffix(1);
  }
  return decode64(text, base64_values);
}

std::string base64url_encode(std::string_view bytes) { return encode64(bytes, base64url_alphabet, false); }

std::optional<std::string> base64url_decode(std::string_view text) { return decode64(text, base64url_values); }

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

}  // namespace sluice
