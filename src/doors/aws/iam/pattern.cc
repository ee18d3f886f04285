#include "doors/aws/iam/pattern.h"

#include <algorithm>

#include "doors/aws/iam/request.h"
#include "wire/http1.h"

namespace sluice::iam {
namespace {

constexpr char16_t any_run_code = 256;
constexpr char16_t any_one_code = 257;
constexpr std::size_t arn_parts = 6;
// What a pattern may grow to when its variables are put in; a policy has 8 KiB, but a variable may stand there often.
constexpr std::size_t expanded_length_max = 8U << 10;

char16_t lower(char16_t code) { return code >= 'A' && code <= 'Z' ? static_cast<char16_t>(code + 32) : code; }

// The usual walk: on a mismatch the last run takes one character more.
bool match(std::u16string_view pattern, std::string_view value, bool ignore_case) {
  const auto same = [&](char16_t code, char character) {
    const char16_t other = static_cast<unsigned char>(character);
    return code == any_one_code || code == other || (ignore_case && lower(code) == lower(other));
  };
  std::size_t at = 0, run = std::u16string_view::npos, run_from = 0, in = 0;
  while (in < value.size()) {
    if (at < pattern.size() && pattern[at] == any_run_code) {
      run = ++at;
      run_from = in;
    } else if (at < pattern.size() && same(pattern[at], value[in])) {
      ++at;
      ++in;
    } else if (run != std::u16string_view::npos) {
      at = run;
      in = ++run_from;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(at), pattern.end(),
                     [](char16_t code) { return code == any_run_code; });
}

template <class Text>
Text next_part(Text& rest, bool last) {
  const std::size_t colon = last ? Text::npos : rest.find(static_cast<typename Text::value_type>(':'));
  const Text part = rest.substr(0, colon);
  rest = colon == Text::npos ? Text() : rest.substr(colon + 1);
  return part;
}

}  // namespace

Pattern::Pattern(std::string_view text, PatternRules rules) : text_(text) {
  for (std::size_t at = 0; at < text.size();) {
    if (rules.variables && text.substr(at).starts_with("${")) {
      if (const std::size_t taken = add_variable(text.substr(at)); taken > 0) {
        at += taken;
        continue;
      }
    }
    const bool wildcard = rules.wildcards && (text[at] == '*' || text[at] == '?');
    if (wildcard) {
      tokens_.push_back({text[at] == '*' ? Piece::any_run : Piece::any_one, {}, {}});
      plain_ = false;
    } else {
      add_literal(text[at]);
    }
    ++at;
  }
}

void Pattern::add_literal(char character) {
  if (tokens_.empty() || tokens_.back().piece != Piece::literal) {
    tokens_.push_back({Piece::literal, {}, {}});
  }
  tokens_.back().text.push_back(character);
}

// "${key}" or "${key, 'fallback'}"; what has not that form stands for itself. Gives the characters taken.
std::size_t Pattern::add_variable(std::string_view rest) {
  const std::size_t end = rest.find('}');
  if (end == std::string_view::npos) {
    return 0;
  }
  std::string_view inside = rest.substr(2, end - 2);
  plain_ = false;
  if (inside == "*" || inside == "?" || inside == "$") {
    add_literal(inside[0]);
    return end + 1;
  }
  Token token{Piece::variable, {}, {}};
  const std::size_t comma = inside.find(',');
  token.text = key_of(inside.substr(0, comma));
  if (comma != std::string_view::npos) {
    std::string_view fallback = inside.substr(comma + 1);
    fallback.remove_prefix(std::min(fallback.find_first_not_of(' '), fallback.size()));
    if (fallback.size() < 2 || fallback.front() != '\'' || fallback.back() != '\'') {
      return 0;
    }
    token.fallback = fallback.substr(1, fallback.size() - 2);
    token.has_fallback = true;
  }
  tokens_.push_back(std::move(token));
  return end + 1;
}

bool Pattern::expand(const Request& request, Codes& codes) const {
  const auto add = [&](std::string_view characters) {
    for (const char character : characters) {
      codes.push_back(static_cast<unsigned char>(character));
    }
  };
  for (const Token& token : tokens_) {
    if (token.piece == Piece::literal) {
      add(token.text);
    } else if (token.piece != Piece::variable) {
      codes.push_back(token.piece == Piece::any_run ? any_run_code : any_one_code);
    } else if (const std::vector<std::string> values = values_of(token.text, request); values.size() == 1) {
      add(values[0]);
    } else if (values.empty() && token.has_fallback) {
      add(token.fallback);
    } else {
      return false;  // several values make no text
    }
    if (codes.size() > expanded_length_max) {
      return false;
    }
  }
  return true;
}

bool Pattern::matches(std::string_view value, const Request& request, bool ignore_case) const {
  if (plain_) {
    return ignore_case ? wire::equal_ignoring_case(text_, value) : text_ == value;
  }
  Codes codes;
  return expand(request, codes) && match(codes, value, ignore_case);
}

bool Pattern::matches_arn(std::string_view value, const Request& request) const {
  if (plain_ && text_ == value) {
    return true;
  }
  Codes codes;
  if (!expand(request, codes)) {
    return false;
  }
  std::u16string_view pattern = codes;
  if (pattern == std::u16string_view(&any_run_code, 1)) {
    return true;
  }
  for (std::size_t part = 0; part < arn_parts; ++part) {
    const bool last = part + 1 == arn_parts;
    if (!last && value.find(':') == std::string_view::npos) {
      return false;  // no ARN
    }
    const bool ends = last || pattern.find(u':') == std::u16string_view::npos;
    if (!match(next_part(pattern, last), next_part(value, last), false)) {
      return false;
    }
    if (ends) {
      return last || part > 0;
    }
  }
  return true;
}

}  // namespace sluice::iam
