#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"

namespace sluice::server {

/// A setting that a variable of LocalStack asks for.
struct AliasedSetting {
  std::string variable;
  std::string name;
  std::string value;
};

/// The settings of LocalStack's variables, as far as they mean something here; values that mean nothing are left alone:
/// some of these variables are everybody's (DEBUG).
std::vector<AliasedSetting> localstack_settings(const Environment& environment);

}  // namespace sluice::server
