#include "doors/aws/door.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "doors/aws/codec.h"
#include "doors/aws/route.h"
#include "doors/aws/services.h"

namespace sluice::aws {
namespace {

/// A whole input or output, made and destroyed by its table; null when the operation has none.
class Value {
 public:
  explicit Value(const Whole& whole) : whole_(whole), value_(whole.shape != nullptr ? whole.make() : nullptr) {}
  ~Value() {
    if (value_ != nullptr) {
      whole_.destroy(value_);
    }
  }
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  void* get() const { return value_; }

 private:
  const Whole& whole_;
  void* value_;
};

void take(Call& call, const Route& route) {
  call.service = route.service;
  call.operation = route.operation;
  call.encoding = route.encoding;
}

ServiceError not_implemented(const Call& call) {
  return {&framework::not_implemented, fmt::format("The operation {} of {} is not implemented by this server.",
                                                   call.operation->name, call.service->display_name)};
}

}  // namespace

Door::Door(Authorize authorize) : authorize_(std::move(authorize)) {
  for (const Service* service : all_services()) {
    bound_.emplace_back(service->operations.size());
  }
}

Door::~Door() = default;

void Door::add(void* object, std::span<const Handler> handlers) {
  for (const Handler& handler : handlers) {
    Bound& row = bound(handler.service(), handler.operation);
    check(row.run == nullptr, "an operation has one handler");
    row = {handler.run, object};
  }
}

Door::Bound& Door::bound(const Service& service, std::size_t operation) { return bound_[index_of(service)][operation]; }

Task<wire::HttpResponse> Door::answer(const wire::HttpRequest& request, Call& call) {
  Route found = route(request);
  take(call, found);
  const Codec& codec = codec_of(call.encoding);
  if (found.error) {
    co_return codec.refuse(call, *found.error);
  }
  if (const auto refused = authorize_(request, call)) {
    co_return codec.refuse(call, *refused);
  }
  const Bound handler =
      bound(*call.service, static_cast<std::size_t>(call.operation - call.service->operations.data()));
  if (handler.run == nullptr) {
    co_return codec.refuse(call, not_implemented(call));
  }
  const Value input(call.operation->input);
  if (const auto fault = codec.decode({request, found.parameters}, call, input.get())) {
    co_return codec.refuse(call, *fault);
  }
  const Value output(call.operation->output);
  Task<std::optional<ServiceError>> running =
      interposer_ == nullptr || interposer_->idle()
          ? handler.run(handler.object, call, input.get(), output.get())
          : interposer_->run(handler.run, handler.object, call, input.get(), output.get());
  if (const auto error = co_await running) {
    co_return codec.refuse(call, *error);
  }
  co_return codec.encode(call, output.get());
}

wire::HttpResponse Door::refuse(const wire::HttpRequest& request, Call& call, const ServiceError& error) {
  take(call, route(request));
  return codec_of(call.encoding).refuse(call, error);
}

std::vector<std::string> Door::coverage() const {
  std::vector<std::string> lines;
  for (const Service* service : all_services()) {
    const auto& rows = bound_[index_of(*service)];
    const auto served = std::ranges::count_if(rows, [](const Bound& row) { return row.run != nullptr; });
    lines.push_back(fmt::format("{} {} of {}", service->display_name, served, rows.size()));
  }
  return lines;
}

}  // namespace sluice::aws
