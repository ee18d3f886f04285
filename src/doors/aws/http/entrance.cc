#include "doors/aws/http/entrance.h"

namespace sluice::aws::http {

Task<wire::HttpResponse> Entrance::answer(const wire::HttpRequest& request, Visit& visit) {
  return pages_.takes(request) ? pages_.answer(request, visit) : door_.answer(request, visit.call);
}

void Entrance::cancel(Visit& visit) { gate_.cancel(visit.call.ticket); }

}  // namespace sluice::aws::http
