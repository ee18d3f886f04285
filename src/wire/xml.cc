#include "wire/xml.h"

#include <array>

namespace sluice::wire {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

/// What a byte is written as; empty: as it is.
constexpr std::array<std::string_view, 128> entities = [] {
  std::array<std::string_view, 128> table{};
  for (int control = 0; control < 0x20; ++control) {
    table[control] = replacement;
  }
  table['\t'] = table['\n'] = {};
  table['\r'] = "&#xD;";
  table['&'] = "&amp;";
  table['<'] = "&lt;";
  table['>'] = "&gt;";
  table['"'] = "&quot;";
  return table;
}();

/// U+FFFE and U+FFFF: EF BF BE, EF BF BF.
bool is_noncharacter(std::string_view text) {
  return text.size() >= 3 && text[0] == '\xEF' && text[1] == '\xBF' && static_cast<unsigned char>(text[2]) >= 0xBE;
}

/// Bytes that need a look: those with an entity, and the first of a noncharacter.
constexpr std::array<bool, 256> is_special = [] {
  std::array<bool, 256> table{};
  for (int byte = 0; byte < 128; ++byte) {
    table[byte] = !entities[byte].empty();
  }
  table[0xEF] = true;
  return table;
}();

/// Writes the character that `text` starts with; its length in bytes.
std::size_t append_special(std::string& out, std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte < 0x80) {
    out.append(entities[byte]);
    return 1;
  }
  if (is_noncharacter(text)) {
    out.append(replacement);
    return replacement.size();
  }
  out.push_back(text[0]);
  return 1;
}

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
  for (;;) {
    std::size_t plain = 0;
    while (plain < text.size() && !is_special[static_cast<unsigned char>(text[plain])]) {
      ++plain;
    }
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) {
      return;
    }
    text.remove_prefix(append_special(out, text));
  }
}

void append_xml_element(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  append_xml_text(out, text);
  out.append("</").append(name).append(">");
}

XmlElement::XmlElement(std::string& out, std::string_view name) : out_(out), name_(name) {
  out_.append("<").append(name_).append(">");
  inside_ = out_.size();
}

void XmlElement::end() {
  if (out_.size() == inside_) {
    out_.back() = '/';
    out_.push_back('>');
    return;
  }
  out_.append("</").append(name_).append(">");
}

}  // namespace sluice::wire
