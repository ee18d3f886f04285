#pragma once

#include <string>
#include <string_view>

// XML 1.0 out of values, by appending.
namespace sluice::wire {

/// Text between tags: `& < > "` as entities, `\r` as `&#xD;` (a parser would turn it into `\n`), `\n` and `\t` as they
/// are. Characters that XML 1.0 cannot hold (other controls, U+FFFE, U+FFFF) become U+FFFD.
void append_xml_text(std::string& out, std::string_view text);

/// `<name>text</name>`.
void append_xml_element(std::string& out, std::string_view name, std::string_view text);

/// An element around others: the start tag now, the end tag by `end`; `<name/>` when nothing was written between.
class XmlElement {
 public:
  XmlElement(std::string& out, std::string_view name);
  void end();

 private:
  std::string& out_;
  std::string_view name_;
  std::size_t inside_;  ///< where its content starts
};

}  // namespace sluice::wire
