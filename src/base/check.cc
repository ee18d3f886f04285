#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sluice {
namespace {

thread_local CheckContext* innermost = nullptr;
thread_local int traps = 0;
constexpr unsigned long context_text_bytes = 512;

}  // namespace

CheckContext::CheckContext(Describe describe, const void* subject)
    : describe_(describe), subject_(subject), outer_(innermost) {
  innermost = this;
}

CheckContext::~CheckContext() { innermost = outer_; }

CheckTrap::CheckTrap() { ++traps; }
CheckTrap::~CheckTrap() { --traps; }

void check_failed(std::string_view words, std::source_location where) {
  if (traps > 0) {
    throw CheckFailed{words};
  }
  std::fprintf(stderr, "check failed: %.*s (%s:%u)\n", static_cast<int>(words.size()), words.data(), where.file_name(),
               where.line());
  for (CheckContext* context = innermost; context != nullptr; context = context->outer_) {
    char text[context_text_bytes] = "";
    context->describe_(context->subject_, text, sizeof text);
    std::fprintf(stderr, "  while %s\n", text);
  }
  std::abort();
}

}  // namespace sluice
