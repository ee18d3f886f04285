#include <fmt/format.h>

#include <algorithm>

#include "cli/help.h"

namespace sluice::cli {
namespace {

enum class Kind { nothing, choice, file, directory, queue };

/// What can stand somewhere, as the tables write it: "disk|os|memory", "FILE", "QUEUE [BODY]".
struct Place {
  Kind kind = Kind::nothing;
  std::string choices{};  ///< with spaces between
};

Place place_of(std::string_view takes) {
  const std::string_view first = takes.substr(0, takes.find(' '));
  if (first.find('|') != std::string_view::npos && first[0] >= 'a' && first[0] <= 'z') {
    std::string choices(first);
    std::ranges::replace(choices, '|', ' ');
    return {Kind::choice, choices};
  }
  const auto names = [&](std::string_view word) { return first.find(word) != std::string_view::npos; };
  return {names("QUEUE")       ? Kind::queue
          : names("FILE")      ? Kind::file
          : names("DIRECTORY") ? Kind::directory
                               : Kind::nothing};
}

template <class Visit>
void each_flag(const Word& word, Visit visit) {
  std::ranges::for_each(word.flags, visit);
  std::ranges::for_each(word.shared, visit);
}

// Between single quotes: a backslash before each of `special`, and `quote` for a quote.
std::string escaped(std::string_view text, std::string_view special, std::string_view quote) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += quote;
    } else {
      out.append(special.find(c) == std::string_view::npos ? "" : "\\").push_back(c);
    }
  }
  return out;
}

std::string for_zsh(std::string_view text) { return escaped(text, "[]:\\", R"('\'')"); }
std::string for_fish(std::string_view text) { return escaped(text, "\\", R"(\')"); }

// bash ----------------------------------------------------------------------------------------------------------------

std::string bash_reply(const Place& place) {
  switch (place.kind) {
    case Kind::choice:
      return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$now\"))", place.choices);
    case Kind::file:
      return "COMPREPLY=($(compgen -f -- \"$now\"))";
    case Kind::directory:
      return "COMPREPLY=($(compgen -d -- \"$now\"))";
    case Kind::queue:
      return "COMPREPLY=($(compgen -W \"$(sluice queues --names 2>/dev/null)\" -- \"$now\"))";
    case Kind::nothing:
      break;
  }
  return "COMPREPLY=()";
}

std::string bash(Words words) {
  std::string names;
  std::string of_words;
  for (const Word& word : words) {
    names += fmt::format("{} ", word.name);
    std::string flags;
    std::string values;
    each_flag(word, [&](const Flag& flag) {
      flags += fmt::format("{} ", flag.name);
      if (!flag.value.empty()) {
        values += fmt::format("        {}) {}; return ;;\n", flag.name, bash_reply(place_of(flag.value)));
      }
    });
    of_words += fmt::format(
        "    {})\n      case $before in\n{}        *) ;;\n      esac\n"
        "      if [[ $now == -* ]]; then COMPREPLY=($(compgen -W '{}--help' -- \"$now\")); else {}; fi ;;\n",
        word.name, values, flags, bash_reply(place_of(word.takes)));
  }
  return fmt::format(R"(# bash completion of sluice: source it, or put it into the directory of completions.
_sluice() {{
  local now=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} word=${{COMP_WORDS[1]}}
  if ((COMP_CWORD == 1)) && [[ $now != --?* || --version == "$now"* || --help == "$now"* ]]; then
    COMPREPLY=($(compgen -W '{}' -- "$now"))
    return
  fi
  [[ $word == --* ]] && word=serve
  case $word in
{}  esac
}}
complete -F _sluice sluice
)",
                     names, of_words);
}

// zsh -----------------------------------------------------------------------------------------------------------------

std::string zsh_action(const Place& place) {
  switch (place.kind) {
    case Kind::choice:
      return fmt::format("({})", place.choices);
    case Kind::file:
      return "_files";
    case Kind::directory:
      return "_files -/";
    case Kind::queue:
      return "_sluice_queues";
    case Kind::nothing:
      break;
  }
  return " ";
}

std::string zsh(Words words) {
  std::string names;
  std::string of_words;
  for (const Word& word : words) {
    names += fmt::format("      '{}:{}'\n", word.name, for_zsh(word.help));
    std::string specifications;
    each_flag(word, [&](const Flag& flag) {
      const std::string help = for_zsh(flag.help);
      specifications += flag.value.empty() ? fmt::format(" \\\n        '*{}[{}]'", flag.name, help)
                                           : fmt::format(" \\\n        '*{}=[{}]:{}:{}'", flag.name, help,
                                                         for_zsh(flag.value), zsh_action(place_of(flag.value)));
    });
    of_words += fmt::format("    {})\n      _arguments{} \\\n        '*:{}:{}' ;;\n", word.name, specifications,
                            for_zsh(word.takes), zsh_action(place_of(word.takes)));
  }
  return fmt::format(R"(#compdef sluice
_sluice_queues() {{ compadd -- $(sluice queues --names 2>/dev/null) }}
_sluice() {{
  if ((CURRENT == 2)); then
    local -a known=(
{}    )
    _describe word known
    return
  fi
  local word=$words[2]
  shift words
  ((CURRENT--))
  case $word in
{}  esac
}}
_sluice "$@"
)",
                     names, of_words);
}

// fish ----------------------------------------------------------------------------------------------------------------

std::string fish_action(const Place& place) {
  switch (place.kind) {
    case Kind::choice:
      return fmt::format(" -f -a '{}'", place.choices);
    case Kind::file:
      return " -F";
    case Kind::directory:
      return " -f -a '(__fish_complete_directories)'";
    case Kind::queue:
      return " -f -a '(sluice queues --names 2>/dev/null)'";
    case Kind::nothing:
      break;
  }
  return " -f";
}

std::string fish(Words words) {
  std::string script = "# fish completion of sluice\ncomplete -c sluice -f\n";
  for (const Word& word : words) {
    script +=
        fmt::format("complete -c sluice -n __fish_use_subcommand -a '{}' -d '{}'\n", word.name, for_fish(word.help));
    const std::string condition = fmt::format("complete -c sluice -n '__fish_seen_subcommand_from {}'", word.name);
    if (const Place place = place_of(word.takes); place.kind != Kind::nothing) {
      script += fmt::format("{}{}\n", condition, fish_action(place));
    }
    each_flag(word, [&](const Flag& flag) {
      script += fmt::format("{} -l {} -d '{}'{}\n", condition, flag.name.substr(2), for_fish(flag.help),
                            flag.value.empty() ? "" : " -r" + fish_action(place_of(flag.value)));
    });
  }
  return script;
}

}  // namespace

std::optional<std::string> completion_script(Words words, std::string_view shell) {
  return shell == "bash"   ? std::optional(bash(words))
         : shell == "zsh"  ? std::optional(zsh(words))
         : shell == "fish" ? std::optional(fish(words))
                           : std::nullopt;
}

}  // namespace sluice::cli
