#pragma once

#include <string_view>

namespace sluice::aws {

/// The first part of an ARN of that region: aws, aws-cn, aws-us-gov … (the SDKs' list of partitions).
inline std::string_view partition_of(std::string_view region) {
  struct Partition {
    std::string_view region_prefix, name;
  };
  constexpr Partition partitions[] = {{"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"},
                                      {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"},
                                      {"eusc-", "aws-eusc"}};
  for (const Partition& partition : partitions) {
    if (region.starts_with(partition.region_prefix)) {
      return partition.name;
    }
  }
  return "aws";
}

}  // namespace sluice::aws
