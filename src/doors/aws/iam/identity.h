#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "doors/aws/iam/request.h"

/// Identities, made.
namespace sluice::iam {

/// A unique id as AWS gives users one ("AIDA…"), the same for the same text.
std::string unique_id(std::string_view text);

/// Who stands behind an access key that is no user's: the root of its account, which may do everything there.
std::shared_ptr<const Identity> root_identity(std::string_view account, std::string_view access_key,
                                              std::string_view region);

/// Nobody that we know.
std::shared_ptr<const Identity> nobody();

/// True for 12 digits.
bool is_account(std::string_view text);

/// By access key.
using Identities = std::map<std::string, std::shared_ptr<const Identity>, std::less<>>;

}  // namespace sluice::iam
