#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace sluice::iam {
struct Caller;
struct Identity;
}  // namespace sluice::iam

namespace sluice::aws {

struct Operation;
struct Service;

/// The form in which a call came, and in which it is answered.
enum class Encoding : std::uint8_t {
  aws_json,
  query_xml,
  query_json,  ///< Query, answered as JSON because the client asked for it
  rest_json,
  aws_cbor,
  rpc_cbor,  ///< Smithy RPC v2
};

/// One call on its way through the door: who asks, from where, and how it will be answered. Belongs to the front, which
/// fills the first part; lives until its answer is there. One thread.
struct Call {
  std::string request_id;
  std::string endpoint;      ///< scheme, host and port by which the client reached us: "http://localhost:4566"
  std::string trace_header;  ///< X-Amzn-Trace-Id, empty when absent
  std::string address;       ///< the client's: "192.0.2.7"
  bool secure = false;       ///< it came over TLS
  bool is_signed = false;    ///< it brought a signature, whether or not that is looked at

  // The caller, by Door's `authorize`.
  std::string account;                       ///< 12 digits
  std::string region;                        ///< of the signature's scope, else the default one
  std::string principal;                     ///< unique id of who signed ("AIDA…"), for SenderId
  std::shared_ptr<const iam::Identity> who;  ///< behind a configured access key; nullptr: the account's root
  /// Who calls, for policies (iam/gatekeeper.h); nullptr: none counts.
  std::shared_ptr<const iam::Caller> caller;

  // Where the call goes, by Door.
  const Service* service = nullptr;
  const Operation* operation = nullptr;
  Encoding encoding = Encoding::aws_json;

  bool counted = false;  ///< by the service's limits of calls: once, also when it is carried out in two steps

  /// node::Ticket of what the handler waits for, 0 when nothing: the front cancels it when the client goes away.
  std::uint64_t ticket = 0;

  bool is_query() const { return encoding == Encoding::query_xml || encoding == Encoding::query_json; }
};

}  // namespace sluice::aws
