#pragma once

#include <string_view>

namespace sluice::aws {

/// The first part of an ARN of that region: aws, aws-cn, aws-us-gov.
inline std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) {
    return "aws-cn";
  }
  return region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

}  // namespace sluice::aws
