#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Texts of a policy that are held against texts of a request. No regular expressions: `*`, `?` and `${variables}`.
namespace sluice::iam {

struct Request;

/// What a text of a policy may hold beside plain characters.
struct PatternRules {
  bool wildcards = true;   ///< `*` any run of characters, `?` any one
  bool variables = false;  ///< `${aws:username}`, `${aws:username, 'somebody'}`, `${*}` (policies of 2012-10-17)
};

/// One text, taken apart once. Matching takes at most (length of the pattern) × (length of the value) steps.
class Pattern {
 public:
  Pattern(std::string_view text, PatternRules rules);

  /// False too when a variable has no value in this request, or its values make the pattern too long.
  bool matches(std::string_view value, const Request& request, bool ignore_case = false) const;
  /// The same for ARNs: each of the six parts by itself, so that no wildcard reaches over a colon; missing last parts
  /// of the pattern count as `*` ("arn:aws:sqs").
  bool matches_arn(std::string_view value, const Request& request) const;

  const std::string& text() const { return text_; }

 private:
  enum class Piece : std::uint8_t { literal, any_run, any_one, variable };
  struct Token {
    Piece piece;
    std::string text;      ///< literal: the characters; variable: its key
    std::string fallback;  ///< of a variable
    bool has_fallback = false;
  };
  using Codes = std::u16string;  ///< characters, and two codes beyond them for the wildcards

  bool expand(const Request& request, Codes& codes) const;
  void add_literal(char character);
  std::size_t add_variable(std::string_view rest);

  std::string text_;
  std::vector<Token> tokens_;
  bool plain_ = true;  ///< no wildcard, no variable
};

}  // namespace sluice::iam
