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

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    std::string_view written;
    std::size_t length = 1;
    if (byte < 0x80) {
      written = entities[byte];
    } else if (byte == 0xEF && is_noncharacter(text.substr(at))) {
      written = replacement;
      length = 3;
    }
    if (!written.empty()) {
      out.append(text.substr(start, at - start)).append(written);
      at += length - 1;
      start = at + 1;
    }
  }
  out.append(text.substr(start));
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
