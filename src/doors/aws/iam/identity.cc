#include "doors/aws/iam/identity.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "doors/aws/partition.h"

namespace sluice::iam {
namespace {

constexpr std::size_t account_digits = 12;
constexpr int unique_letters = 17;

}  // namespace

std::string unique_id(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id = "AIDA";
  std::uint64_t hash = stable_hash(text);
  for (int i = 0; i < unique_letters; ++i) {
    id.push_back(letters[hash % letters.size()]);
    hash = hash / letters.size() + (hash % letters.size() << 58);
  }
  return id;
}

std::shared_ptr<const Identity> root_identity(std::string_view account, std::string_view access_key,
                                              std::string_view region) {
  auto who = std::make_shared<Identity>();
  who->account = account;
  who->arn = fmt::format("arn:{}:iam::{}:root", aws::partition_of(region), account);
  who->id = unique_id(access_key);
  return who;
}

std::shared_ptr<const Identity> nobody() {
  static const auto unknown = std::make_shared<const Identity>();
  return unknown;
}

bool is_account(std::string_view text) {
  return text.size() == account_digits && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace sluice::iam
