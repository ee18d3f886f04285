#include "server/import/references.h"

#include <fmt/format.h>

#include <optional>

namespace sluice::server {
namespace {

// How deep a reference may lead: into tables as deep as they are read, by way of others.
constexpr std::size_t depth_max = 2 * tree_depth_max;
// What copying a tree is charged with, beside its texts.
constexpr std::size_t tree_charge_bytes = 32;

std::size_t charge_of(const Tree& tree) {
  std::size_t bytes = tree_charge_bytes + tree.text.size();
  for (const Tree& item : tree.items) {
    bytes += charge_of(item);
  }
  for (const auto& [name, member] : tree.members) {
    bytes += name.size() + charge_of(member);
  }
  return bytes;
}

class Resolver {
 public:
  Resolver(const Tree& root, const Environment& environment) : root_(root), environment_(environment) {}

  /// False: nothing is left of it.
  bool resolve(Tree& tree, std::size_t depth) {
    if (depth > depth_max) {
      fail(tree, "a reference leads to itself, or it is nested too deep");
    }
    if (problem_) {
      return true;
    }
    switch (tree.kind) {
      case Tree::Kind::text:
        return true;
      case Tree::Kind::list:
        std::erase_if(tree.items, [&](Tree& item) { return !resolve(item, depth + 1); });
        return true;
      case Tree::Kind::table:
        std::erase_if(tree.members, [&](auto& member) { return !resolve(member.second, depth + 1); });
        return true;
      case Tree::Kind::reference:
        return follow(tree, depth);
      case Tree::Kind::joined:
        join(tree, depth);
        return true;
    }
    return true;
  }

  const std::optional<std::string>& problem() const { return problem_; }

 private:
  void fail(const Tree& tree, std::string_view words) {
    if (!problem_) {
      problem_ = fmt::format("line {}: {}", tree.line, words);
    }
  }

  bool follow(Tree& tree, std::size_t depth) {
    if (auto found = look_up(tree, depth)) {
      tree = std::move(*found);
      return true;
    }
    const std::string name = tree.text.substr(tree.is_optional() ? 1 : 0);
    if (auto value = environment_(name)) {
      tree = {.kind = Tree::Kind::text, .text = *std::move(value), .line = tree.line};
      return true;
    }
    if (tree.is_optional() && !tree.members.empty()) {
      Tree replaced = std::move(tree.members.front().second);
      tree = std::move(replaced);
      return resolve(tree, depth + 1);
    }
    if (!tree.is_optional()) {
      fail(tree,
           fmt::format("${{{}}}: there is nothing of that name here, and no such variable in the environment", name));
    }
    return false;
  }

  std::optional<Tree> look_up(const Tree& reference, std::size_t depth) {
    const Tree* at = &root_;
    Tree held;
    for (const Tree& name : reference.items) {
      const Tree* next = at->find(name.text);
      if (next == nullptr) {
        return std::nullopt;
      }
      if (next->is_open()) {
        auto copied = copy(*next, depth);
        if (!copied) {
          return std::nullopt;
        }
        held = *std::move(copied);
        next = &held;
      }
      at = next;
    }
    return at == &held ? std::optional<Tree>(std::move(held)) : copy(*at, depth);
  }

  std::optional<Tree> copy(const Tree& tree, std::size_t depth) {
    const std::size_t charge = charge_of(tree);
    if (charge > copied_bytes_left_) {
      fail(tree, "references make the file too large");
      return std::nullopt;
    }
    copied_bytes_left_ -= charge;
    Tree copied = tree;
    return resolve(copied, depth + 1) ? std::optional<Tree>(std::move(copied)) : std::nullopt;
  }

  void join(Tree& tree, std::size_t depth) {
    std::string text;
    for (Tree& piece : tree.items) {
      if (!resolve(piece, depth + 1)) {
        continue;
      }
      if (piece.kind != Tree::Kind::text) {
        fail(tree, "a table or a list cannot stand beside a text");
        return;
      }
      text += piece.text;
    }
    tree = {.kind = Tree::Kind::text, .text = std::move(text), .line = tree.line};
  }

  const Tree& root_;
  const Environment& environment_;
  std::size_t copied_bytes_left_ = tree_bytes_max;
  std::optional<std::string> problem_;
};

}  // namespace

TreeReading resolve(Tree root, const Environment& environment) {
  const Tree given = root;
  Resolver resolver(given, environment);
  resolver.resolve(root, 0);
  return resolver.problem() ? std::unexpected(*resolver.problem()) : TreeReading(std::move(root));
}

}  // namespace sluice::server
