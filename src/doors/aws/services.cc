#include "doors/aws/services.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "shapes/cloudwatch.h"
#include "shapes/firehose.h"
#include "shapes/kinesis.h"
#include "shapes/kinesis_video_archived_media.h"
#include "shapes/kinesis_video_media.h"
#include "shapes/kinesis_video_signaling.h"
#include "shapes/kinesis_video_webrtc_storage.h"
#include "shapes/kinesisanalytics.h"
#include "shapes/kinesisanalyticsv2.h"
#include "shapes/kinesisvideo.h"
#include "shapes/mq.h"
#include "shapes/sns.h"
#include "shapes/sqs.h"
#include "shapes/sts.h"

namespace sluice::aws {

std::span<const Service* const> all_services() {
  static const std::array services{
      &sqs::service(),
      &sns::service(),
      &kinesis::service(),
      &firehose::service(),
      &kinesisanalytics::service(),
      &kinesisanalyticsv2::service(),
      &kinesisvideo::service(),
      &kinesis_video_archived_media::service(),
      &kinesis_video_media::service(),
      &kinesis_video_signaling::service(),
      &kinesis_video_webrtc_storage::service(),
      &mq::service(),
      &sts::service(),
      &cloudwatch::service(),
  };
  return services;
}

std::size_t index_of(const Service& service) {
  const auto services = all_services();
  const auto found = std::ranges::find(services, &service);
  check(found != services.end(), "a service is one of all_services()");
  return static_cast<std::size_t>(found - services.begin());
}

const Operation* find_operation(const Service& service, std::string_view name) {
  const auto found = std::ranges::lower_bound(service.operations, name, {}, &Operation::name);
  return found != service.operations.end() && found->name == name ? &*found : nullptr;
}

bool path_matches(std::string_view path_template, std::string_view path) {
  while (!path_template.empty() && !path.empty()) {
    if (path_template[0] == '{') {
      const std::size_t label = std::min(path.find('/'), path.size());
      if (label == 0) {
        return false;
      }
      path.remove_prefix(label);
      path_template.remove_prefix(path_template.find('}') + 1);
    } else if (path_template[0] != path[0]) {
      return false;
    } else {
      path_template.remove_prefix(1);
      path.remove_prefix(1);
    }
  }
  return path_template.empty() && path.empty();
}

}  // namespace sluice::aws
