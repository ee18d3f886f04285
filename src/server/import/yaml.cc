#include "server/import/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <memory>
#include <optional>

namespace sluice::server {
namespace {

/// One step of the parser, freed at its end.
struct Event {
  yaml_event_t raw{};
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }

  std::int64_t line() const { return static_cast<std::int64_t>(raw.start_mark.line) + 1; }
};

class Reader {
 public:
  explicit Reader(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  TreeReading read() {
    Tree root;
    Event event;
    while (!problem_ && next(event) && event.raw.type != YAML_STREAM_END_EVENT) {
      if (event.raw.type != YAML_STREAM_START_EVENT && event.raw.type != YAML_DOCUMENT_START_EVENT) {
        root = node(event, 0);
        break;
      }
    }
    return problem_ ? std::unexpected(*problem_) : TreeReading(std::move(root));
  }

 private:
  void fail(std::int64_t line, std::string_view words) {
    if (!problem_) {
      problem_ = fmt::format("line {}: {}", line, words);
    }
  }

  bool next(Event& event) {
    yaml_event_delete(&event.raw);
    event.raw = {};
    if (yaml_parser_parse(&parser_, &event.raw) == 0) {
      fail(static_cast<std::int64_t>(parser_.problem_mark.line) + 1,
           parser_.problem != nullptr ? parser_.problem : "it cannot be read");
      return false;
    }
    return true;
  }

  static std::string text_of(const Event& event) {
    return {reinterpret_cast<const char*>(event.raw.data.scalar.value), event.raw.data.scalar.length};
  }

  // The node that begins with this event.
  Tree node(const Event& event, std::size_t depth) {
    Tree tree;
    tree.line = event.line();
    if (depth > tree_depth_max) {
      fail(tree.line, "it is nested too deep");
    } else if (event.raw.type == YAML_SCALAR_EVENT) {
      tree.kind = Tree::Kind::text;
      tree.text = text_of(event);
    } else if (event.raw.type == YAML_SEQUENCE_START_EVENT) {
      tree.kind = Tree::Kind::list;
      for (Event item; next(item) && item.raw.type != YAML_SEQUENCE_END_EVENT && !problem_;) {
        tree.items.push_back(node(item, depth + 1));
      }
    } else if (event.raw.type == YAML_MAPPING_START_EVENT) {
      for (Event key; next(key) && key.raw.type != YAML_MAPPING_END_EVENT && !problem_;) {
        member(tree, key, depth);
      }
    } else {
      fail(tree.line, event.raw.type == YAML_ALIAS_EVENT ? "aliases (*name) are not read" : "a value is missing");
    }
    return tree;
  }

  void member(Tree& table, const Event& key, std::size_t depth) {
    if (key.raw.type != YAML_SCALAR_EVENT) {
      fail(key.line(), "a name is a text");
      return;
    }
    const std::string name = text_of(key);
    if (table.find(name) != nullptr) {
      fail(key.line(), fmt::format("{} stands there twice", name));
      return;
    }
    if (table.members.size() >= tree_members_max) {
      fail(key.line(), "a table has too many members");
      return;
    }
    if (Event value; next(value)) {
      table.members.emplace_back(name, node(value, depth + 1));
    }
  }

  yaml_parser_t parser_{};
  std::optional<std::string> problem_;
};

}  // namespace

TreeReading read_yaml(std::string_view text) {
  return text.size() > tree_bytes_max ? std::unexpected("line 1: the file is too large") : Reader(text).read();
}

}  // namespace sluice::server
