#include "wire/sigv4.h"

#include <gtest/gtest.h>

#include <string>

#include "wire/http1_reader.h"

namespace sluice::wire {
namespace {

constexpr std::string_view key_id = "AKIDEXAMPLE";
constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

// A request and the bytes its views point into.
struct Parsed {
  explicit Parsed(std::string from) : text(std::move(from)) {
    HttpReader reader{HttpLimits()};
    std::size_t size = text.size();
    EXPECT_EQ(reader.advance(text.data(), size), HttpReader::Progress::whole) << text;
    reader.give(text.data(), request);
  }
  std::string text;
  HttpRequest request;
};

Time at(int hour, int minute, int second) {
  using namespace std::chrono;
  return sys_days(year(2026) / 1 / 2) + hours(hour) + minutes(minute) + seconds(second);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t where = text.find(from);
  EXPECT_NE(where, std::string::npos) << from;
  return text.replace(where, from.size(), to);
}

// AWS's published test suite for Signature Version 4 (2015-08-30T12:36:00Z, us-east-1, service "service").
struct Published {
  const char* name;
  const char* request;
  const char* signed_headers;
  const char* signature;
};
constexpr Published published[] = {
    {"get-vanilla", "GET / HTTP/1.1\r\nHost: example.amazonaws.com\r\n", "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-vanilla", "POST / HTTP/1.1\r\nHost: example.amazonaws.com\r\n", "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"get-vanilla-query-order-key-case",
     "GET /?Param2=value2&Param1=value1 HTTP/1.1\r\nHost: example.amazonaws.com\r\n", "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-utf8-query", "GET /?\xe1\x88\xb4=bar HTTP/1.1\r\nHost: example.amazonaws.com\r\n", "host;x-amz-date",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-utf8", "GET /\xe1\x88\xb4 HTTP/1.1\r\nHost: example.amazonaws.com\r\n", "host;x-amz-date",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-unreserved",
     "GET /-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz HTTP/1.1\r\nHost: "
     "example.amazonaws.com\r\n",
     "host;x-amz-date", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-slash-dot-slash", "GET /./ HTTP/1.1\r\nHost: example.amazonaws.com\r\n", "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-relative-relative", "GET /example1/example2/../.. HTTP/1.1\r\nHost: example.amazonaws.com\r\n",
     "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slashes", "GET //example// HTTP/1.1\r\nHost: example.amazonaws.com\r\n", "host;x-amz-date",
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-header-value-trim",
     "GET / HTTP/1.1\r\nHost: example.amazonaws.com\r\nMy-Header1:  value1\r\nMy-Header2: \"a   b   c\"\r\n",
     "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"get-header-key-duplicate",
     "GET / HTTP/1.1\r\nHost: example.amazonaws.com\r\nMy-Header1: value2\r\nMy-Header1: value2\r\nMy-Header1: "
     "value1\r\n",
     "host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"post-x-www-form-urlencoded",
     "POST / HTTP/1.1\r\nHost: example.amazonaws.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
     "Content-Length: 13\r\n",
     "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
};

TEST(SignatureTest, the_published_test_suite_is_signed_as_published) {
  for (const Published& row : published) {
    SCOPED_TRACE(row.name);
    const bool form = std::string_view(row.name) == "post-x-www-form-urlencoded";
    const Parsed parsed(std::string(row.request) + "X-Amz-Date: 20150830T123600Z\r\n\r\n" +
                        (form ? "Param1=value1" : ""));
    SignatureClaim claim;
    claim.access_key = key_id;
    claim.date = "20150830";
    claim.region = "us-east-1";
    claim.service = "service";
    claim.timestamp = "20150830T123600Z";
    claim.signed_headers = row.signed_headers;
    EXPECT_EQ(sign(parsed.request, claim, secret), row.signature) << canonical_request(parsed.request, claim);
  }
}

// Signed by botocore 1.43 at 2026-01-02T03:04:05Z for sqs in eu-west-1, with the same key.
struct Signed {
  const char* name;
  const char* head;
  const char* body;
};
constexpr Signed signed_requests[] = {
    {"json",
     "POST / HTTP/1.1\r\n"
     "Host: 127.0.0.1:4566\r\n"
     "Content-Type: application/x-amz-json-1.0\r\n"
     "X-Amz-Target: AmazonSQS.SendMessage\r\n"
     "User-Agent: Boto3/1.34\r\n"
     "X-Amz-Date: 20260102T030405Z\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/sqs/aws4_request, SignedHeaders"
     "=content-type;host;x-amz-date;x-amz-target, Signature=20bbbe53e16d35f814be8cd50429ff9d7578c544f18832aad2b"
     "37725add5e983\r\n"
     "Content-Length: 87\r\n"
     "\r\n",
     "{\"QueueUrl\":\"http://127.0.0.1:4566/000000000000/videos\",\"MessageBody\":\"encode cat.mp4\"}"},
    {"json in UTF-8",
     "POST /000000000000/videos HTTP/1.1\r\n"
     "Host: localhost:4566\r\n"
     "Content-Type: application/x-amz-json-1.0\r\n"
     "X-Amz-Target: AmazonSQS.SendMessage\r\n"
     "X-Amz-Date: 20260102T030405Z\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/sqs/aws4_request, SignedHeaders"
     "=content-type;host;x-amz-date;x-amz-target, Signature=ed5880c9755af6e256f69240cdbc2ce7a9dcea66d291f199097"
     "36850d8edfc96\r\n"
     "Content-Length: 29\r\n"
     "\r\n",
     "{\"MessageBody\":\"gr\303\266\303\237e \342\230\203\"}"},
    {"session token",
     "POST / HTTP/1.1\r\n"
     "Host: localhost\r\n"
     "X-Amz-Target: AmazonSQS.ListQueues\r\n"
     "X-Amz-Date: 20260102T030405Z\r\n"
     "X-Amz-Security-Token: token/with+signs==\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/sqs/aws4_request, SignedHeaders"
     "=host;x-amz-date;x-amz-security-token;x-amz-target, Signature=aa89c801d9d41ac89506cafad57cb43ec727da85abf"
     "25c76bca67321df40ebae\r\n"
     "Content-Length: 2\r\n"
     "\r\n",
     "{}"},
    {"query in the target",
     "GET /000000000000/my%20queue?Action=SendMessage&MessageBody=a%20b%2Bc~%2F&Version=2012-11-05&Empty= HTTP/"
     "1.1\r\n"
     "Host: localhost:4566\r\n"
     "X-Amz-Date: 20260102T030405Z\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/sqs/aws4_request, SignedHeaders"
     "=host;x-amz-date, Signature=e5563b1e29d8d489e826a338a00fc1fd6bb42d58fb9029f76268b7b774358918\r\n"
     "\r\n",
     ""},
    {"form",
     "POST / HTTP/1.1\r\n"
     "Host: localhost:4566\r\n"
     "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
     "X-Note: two  spaces   and more\r\n"
     "X-Amz-Date: 20260102T030405Z\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/sqs/aws4_request, SignedHeaders"
     "=content-type;host;x-amz-date;x-note, Signature=87164e91105139a8c21e5034deb2e909caf08a4a6733b2f7b40e53261"
     "2c25b08\r\n"
     "Content-Length: 36\r\n"
     "\r\n",
     "Action=ListQueues&Version=2012-11-05"},
    {"presigned",
     "GET /000000000000/videos?Action=ReceiveMessage&WaitTimeSeconds=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-C"
     "redential=AKIDEXAMPLE%2F20260102%2Feu-west-1%2Fsqs%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expir"
     "es=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=bc6f678816de93583f77223699a4259cb5a8e2e988f5298632262d78"
     "5f67b0fc HTTP/1.1\r\n"
     "Host: localhost:4566\r\n"
     "\r\n",
     ""},
    {"presigned with a token",
     "GET /000000000000/videos?Action=ReceiveMessage&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAM"
     "PLE%2F20260102%2Feu-west-1%2Fsqs%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-Signed"
     "Headers=host&X-Amz-Security-Token=token%2Fwith%2Bsigns%3D%3D&X-Amz-Signature=36cdcb58147ea3f7b7ad7812bf14"
     "82ff984e61e4784b1bd4bb64f186b24bbe53 HTTP/1.1\r\n"
     "Host: localhost:4566\r\n"
     "\r\n",
     ""},
};

const Signed& signed_request(std::string_view name) {
  for (const Signed& row : signed_requests) {
    if (row.name == name) {
      return row;
    }
  }
  ADD_FAILURE() << name;
  return signed_requests[0];
}

std::string text_of(const Signed& row) { return std::string(row.head) + row.body; }

AccessKeys keys() { return {{std::string(key_id), std::string(secret)}, {"OTHER", "other secret"}}; }

// The fault of a request, or nothing when it is accepted.
std::optional<SignatureFault> fault_of(const std::string& text, Time now = at(3, 4, 5)) {
  const Parsed parsed(text);
  SignatureVerifier verifier(keys());
  const auto verified = verifier.verify(parsed.request, now);
  return verified ? std::nullopt : std::optional(verified.error().fault);
}

std::string message_of(const std::string& text, Time now = at(3, 4, 5)) {
  const Parsed parsed(text);
  SignatureVerifier verifier(keys());
  const auto verified = verifier.verify(parsed.request, now);
  return verified ? "" : verified.error().message;
}

TEST(SignatureTest, what_an_sdk_signs_is_accepted) {
  SignatureVerifier verifier(keys());
  for (int round = 0; round < 2; ++round) {  // the second one with the derived key kept
    for (const Signed& row : signed_requests) {
      SCOPED_TRACE(row.name);
      const Parsed parsed(text_of(row));
      const auto verified = verifier.verify(parsed.request, at(3, 4, 5));
      ASSERT_TRUE(verified) << verified.error().message;
      EXPECT_EQ(verified->access_key, key_id);
      EXPECT_EQ(verified->region, "eu-west-1");
      EXPECT_EQ(verified->service, "sqs");
    }
  }
}

TEST(SignatureTest, any_changed_byte_of_what_is_signed_is_a_mismatch) {
  const std::string text = text_of(signed_request("json"));
  const std::pair<const char*, const char*> changes[] = {
      {"POST / ", "PUT / "},          {"POST / ", "POST /x "},
      {"POST / ", "POST /?a "},       {"127.0.0.1", "127.0.0.2"},
      {"SendMessage", "SendMessagf"}, {"cat.mp4", "cat.mp5"},
      {"eu-west-1", "eu-west-2"},     {"/sqs/", "/sns/"},
      {"T030405Z", "T030406Z"},       {"20bbbe53", "20bbbe54"},
      {"20bbbe53", "20BBBE53"},       {"20bbbe53", "bbbe53"},
      {"AKIDEXAMPLE", "OTHER"},       {"host;x-amz-date;x-amz-target", "host;x-amz-date"},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_EQ(fault_of(replaced(text, from, to)), SignatureFault::mismatch) << from << " -> " << to;
  }
}

TEST(SignatureTest, what_is_not_signed_may_change) {
  EXPECT_EQ(fault_of(replaced(text_of(signed_request("json")), "Boto3/1.34", "Boto3/1.35")), std::nullopt);
}

TEST(SignatureTest, a_request_without_credentials_is_missing_them) {
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), SignatureFault::missing);
  EXPECT_EQ(fault_of("GET /?Action=ListQueues HTTP/1.1\r\nHost: a\r\n\r\n"), SignatureFault::missing);
}

TEST(SignatureTest, an_unknown_key_is_told_before_a_wrong_signature) {
  EXPECT_EQ(fault_of(replaced(text_of(signed_request("json")), "AKIDEXAMPLE", "NOBODY")), SignatureFault::unknown_key);
}

TEST(SignatureTest, a_header_that_lacks_a_part_is_incomplete_and_says_which) {
  const std::string text = text_of(signed_request("json"));
  const std::pair<const char*, const char*> changes[] = {
      {"Credential=", "Credentials="},
      {"Credential=AKIDEXAMPLE/20260102/eu-west-1/sqs/aws4_request, ", ""},
      {"SignedHeaders=content-type;host;x-amz-date;x-amz-target, ", ""},
      {"/sqs/aws4_request", "/aws4_request"},
      {"AKIDEXAMPLE/", "/"},
      {"/20260102/", "/2026010/"},
      {"aws4_request", "aws3_request"},
      {"AWS4-HMAC-SHA256", "AWS3-HMAC-SHA256"},
      {"AWS4-HMAC-SHA256 ", ""},
      {"X-Amz-Date", "X-Amz-Dato"},
      {"20260102T030405Z", "yesterday"},
      {"20260102T030405Z", "20261302T030405Z"},
      {"content-type;host;", "content-type;"},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_EQ(fault_of(replaced(text, from, to)), SignatureFault::incomplete) << from << " -> " << to;
  }
  EXPECT_EQ(message_of(replaced(text, "SignedHeaders=content-type;host;x-amz-date;x-amz-target, ", "")),
            "Authorization header requires 'SignedHeaders' parameter.");
}

TEST(SignatureTest, a_clock_may_differ_by_a_quarter_of_an_hour) {
  const std::string text = text_of(signed_request("json"));
  EXPECT_EQ(fault_of(text, at(3, 19, 5)), std::nullopt);
  EXPECT_EQ(fault_of(text, at(2, 49, 5)), std::nullopt);
  EXPECT_EQ(fault_of(text, at(3, 19, 6)), SignatureFault::out_of_date);
  EXPECT_EQ(fault_of(text, at(2, 49, 4)), SignatureFault::out_of_date);
  EXPECT_EQ(message_of(text, at(3, 30, 0)),
            "Signature expired: 20260102T030405Z is now earlier than 20260102T031500Z (20260102T033000Z - 15 min.)");
}

TEST(SignatureTest, a_wrong_signature_is_told_before_a_wrong_date) {
  EXPECT_EQ(fault_of(replaced(text_of(signed_request("json")), "20bbbe53", "20bbbe54"), at(9, 0, 0)),
            SignatureFault::mismatch);
}

TEST(SignatureTest, a_presigned_url_lasts_as_long_as_it_says) {
  const std::string text = text_of(signed_request("presigned"));
  EXPECT_EQ(fault_of(text, at(4, 4, 5)), std::nullopt);
  EXPECT_EQ(fault_of(text, at(4, 4, 6)), SignatureFault::expired);
  EXPECT_EQ(fault_of(text, at(2, 49, 4)), SignatureFault::out_of_date);
  EXPECT_EQ(fault_of(replaced(text, "Expires=3600", "Expires=3601")), SignatureFault::mismatch);
  EXPECT_EQ(fault_of(replaced(text, "Expires=3600", "Expires=604801")), SignatureFault::incomplete);
  EXPECT_EQ(fault_of(replaced(text, "Expires=3600", "Expires=0")), SignatureFault::incomplete);
  EXPECT_EQ(fault_of(replaced(text, "Action=ReceiveMessage", "Action=DeleteQueue")), SignatureFault::mismatch);
  EXPECT_EQ(fault_of(replaced(text, "X-Amz-Signature=bc6f", "X-Amz-Signatur=bc6f")), SignatureFault::incomplete);
}

TEST(SignatureTest, no_refusal_repeats_the_signature_or_the_secret) {
  const std::string text = replaced(text_of(signed_request("json")), "cat.mp4", "dog.mp4");
  EXPECT_EQ(message_of(text).find("20bbbe53"), std::string::npos);
  EXPECT_EQ(message_of(text).find(std::string(secret)), std::string::npos);
}

TEST(SignatureTest, an_http_date_stands_in_for_the_own_one) {
  Parsed parsed(
      "GET / HTTP/1.1\r\nHost: a\r\nDate: Fri, 02 Jan 2026 03:04:05 GMT\r\nAuthorization: AWS4-HMAC-SHA256 "
      "Credential=AKIDEXAMPLE/20260102/eu-west-1/sqs/aws4_request, SignedHeaders=date;host, Signature=00\r\n\r\n");
  const auto claim = read_signature_claim(parsed.request);
  ASSERT_TRUE(claim && *claim);
  EXPECT_EQ((*claim)->timestamp, "20260102T030405Z");
}

}  // namespace
}  // namespace sluice::wire
