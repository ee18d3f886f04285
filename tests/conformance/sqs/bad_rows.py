"""Malformed and out-of-range requests, each with the exact answer: tables for tests/conformance/bad_input.

A text may be a compiled regex where it names a time or a parser's own words. `{q}` stands for the URL of a queue."""

import gzip
import json
import re

from harness.wire import FORM_TYPE, JSON_TYPE

MIB = 1 << 20
BODY_BYTES_MAX = 8 * MIB
TARGET_BYTES_MAX = 32 << 10
HEAD_BYTES_MAX = 64 << 10
HEADERS_MAX = 128

# ---- shapes of AWS JSON, with its usual status
SERIALIZATION = (400, "SerializationException")
INVALID = (400, "InvalidParameterValueException")
MISSING = (400, "MissingRequiredParameterException")
UNKNOWN_OPERATION = (400, "UnknownOperationException")
NO_QUEUE = (400, "QueueDoesNotExist", "The specified queue does not exist.")
NAME = INVALID + ("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",)
NOT_JSON = SERIALIZATION + (re.compile("^The request body is not well-formed JSON: .+"),)
NOT_OBJECT = SERIALIZATION + ("The request body must be a JSON object",)


def wrong_type(seen, wanted, path):
    return SERIALIZATION + (f"{seen} can not be converted to {wanted} ({path})",)


def missing(name):
    return MISSING + (f"The request must contain the parameter {name}.",)


def out_of_range(value, name, reason):
    return INVALID + (f"Value {value} for parameter {name} is invalid. Reason: {reason}",)


def bad_handle(handle):
    return (404, "ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not a valid receipt handle.')


NOT_THIS_TYPE = "The request include parameter that is not valid for this queue type."
BAD_POLICY = (400, "InvalidAttributeValue", "Invalid value for the parameter Policy.")
OVER_LIMIT = (403, "OverLimit")


def policy(**changed):
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*", **changed}]})


def nested(depth):
    inside = {}
    for _ in range(depth):
        inside = {"StringEquals": inside}
    return inside


BATCH_ID = ("A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
            "It can be at most 80 letters long.")
Q = '"QueueUrl":"{q}"'

# Name, operation, body (text as it is, bytes as they are, or a value), then what must come.
JSON_ROWS = [
    ("json_empty_body", "SendMessage", "", *SERIALIZATION, "The request body is empty; it must be a JSON object"),
    ("json_list", "SendMessage", "[]", *NOT_OBJECT),
    ("json_number", "SendMessage", "7", *NOT_OBJECT),
    ("json_text", "SendMessage", '"text"', *NOT_OBJECT),
    ("json_null", "SendMessage", "null", *NOT_OBJECT),
    ("json_cut_off", "SendMessage", '{"QueueUrl":"{q}', *NOT_JSON),
    ("json_no_closing_brace", "SendMessage", "{" + Q, *NOT_JSON),
    ("json_trailing_comma", "SendMessage", "{" + Q + ",}", *NOT_JSON),
    ("json_single_quotes", "SendMessage", "{'QueueUrl':'x'}", *NOT_JSON),
    ("json_two_values", "SendMessage", "{" + Q + "}{}", *NOT_JSON),
    ("json_bad_escape", "SendMessage", "{" + Q + r',"MessageBody":"\q"}', *NOT_JSON),
    ("json_lone_surrogate", "SendMessage", "{" + Q + r',"MessageBody":"\ud800"}', *NOT_JSON),
    ("json_raw_control_character", "SendMessage", "{" + Q + ',"MessageBody":"\x01"}', *NOT_JSON),
    ("json_bad_utf8", "SendMessage", b'{"QueueUrl":"x","MessageBody":"\xff\xfe"}', *NOT_JSON),
    ("json_overlong_utf8", "SendMessage", b'{"QueueUrl":"x","MessageBody":"\xc0\xaf"}', *NOT_JSON),
    ("json_surrogate_in_utf8", "SendMessage", b'{"QueueUrl":"x","MessageBody":"\xed\xa0\x80"}', *NOT_JSON),
    ("json_deeply_nested_list", "SendMessage", '{"a":' + "[" * 100000 + "]" * 100000 + "}", *NOT_JSON),
    ("json_deeply_nested_object", "SendMessage", '{"a":' * 100000 + "1" + "}" * 100000, *NOT_JSON),
    ("json_form_by_mistake", "SendMessage", "Action=SendMessage&MessageBody=x", *NOT_JSON),
    ("json_text_for_number", "ReceiveMessage", {"QueueUrl": "{q}", "MaxNumberOfMessages": "1"},
     *wrong_type("STRING_VALUE", "an Integer", "MaxNumberOfMessages")),
    ("json_fraction_for_number", "ReceiveMessage", {"QueueUrl": "{q}", "MaxNumberOfMessages": 1.5},
     *wrong_type("DECIMAL_VALUE", "an Integer", "MaxNumberOfMessages")),
    ("json_huge_number", "ReceiveMessage", '{"QueueUrl":"{q}","MaxNumberOfMessages":99999999999}',
     *wrong_type("NUMBER_VALUE", "an Integer", "MaxNumberOfMessages")),
    ("json_number_beyond_all", "ReceiveMessage", '{"QueueUrl":"{q}","MaxNumberOfMessages":1e999}',
     *SERIALIZATION, re.compile(".")),
    ("json_truth_for_number", "ReceiveMessage", {"QueueUrl": "{q}", "WaitTimeSeconds": True},
     *wrong_type("TRUE_VALUE", "an Integer", "WaitTimeSeconds")),
    ("json_number_for_text", "SendMessage", {"QueueUrl": "{q}", "MessageBody": 1},
     *wrong_type("NUMBER_VALUE", "a String", "MessageBody")),
    ("json_list_for_text", "SendMessage", {"QueueUrl": ["{q}"]}, *wrong_type("START_ARRAY", "a String", "QueueUrl")),
    ("json_text_for_list", "SendMessageBatch", {"QueueUrl": "{q}", "Entries": "x"},
     *wrong_type("STRING_VALUE", "a List", "Entries")),
    ("json_text_for_structure", "SendMessageBatch", {"QueueUrl": "{q}", "Entries": ["x"]},
     *wrong_type("STRING_VALUE", "a structure", "Entries[0]")),
    ("json_list_for_map", "TagQueue", {"QueueUrl": "{q}", "Tags": []}, *wrong_type("START_ARRAY", "a Map", "Tags")),
    ("json_number_in_map", "TagQueue", {"QueueUrl": "{q}", "Tags": {"a": 1}},
     *wrong_type("NUMBER_VALUE", "a String", "Tags[a]")),
    ("json_bad_base64", "SendMessage", {"QueueUrl": "{q}", "MessageBody": "x", "MessageAttributes": {
        "a": {"DataType": "Binary", "BinaryValue": "*"}}}, *SERIALIZATION, re.compile("base64")),
    ("unknown_operation", "Nonsense", {}, *UNKNOWN_OPERATION, "The operation AmazonSQS.Nonsense is not known."),
    ("operation_in_wrong_case", "sendmessage", {}, *UNKNOWN_OPERATION, "The operation AmazonSQS.sendmessage is not known."),
    ("missing_queue_url", "SendMessage", {"MessageBody": "x"}, *NO_QUEUE),
    ("empty_queue_url", "SendMessage", {"QueueUrl": "", "MessageBody": "x"}, *NO_QUEUE),
    ("queue_url_of_no_queue", "SendMessage", {"QueueUrl": "{q}-not", "MessageBody": "x"}, *NO_QUEUE),
    ("queue_url_of_junk", "SendMessage", {"QueueUrl": "http://\u0000/..%2f..", "MessageBody": "x"}, *NO_QUEUE),
    ("queue_url_endless", "SendMessage", {"QueueUrl": "http://x/" + "a/" * 100000, "MessageBody": "x"}, *NO_QUEUE),
    ("missing_message_body", "SendMessage", {"QueueUrl": "{q}"}, *missing("MessageBody")),
    ("missing_receipt_handle", "DeleteMessage", {"QueueUrl": "{q}"}, *missing("ReceiptHandle")),
    ("missing_tags", "TagQueue", {"QueueUrl": "{q}"}, *missing("Tags")),
    ("missing_queue_name", "GetQueueUrl", {}, *INVALID, re.compile(".")),
    ("name_empty", "CreateQueue", {"QueueName": ""}, *INVALID, re.compile(".")),
    ("name_too_long", "CreateQueue", {"QueueName": "x" * 81}, *NAME),
    ("name_endless", "CreateQueue", {"QueueName": "x" * MIB}, *NAME),
    ("name_with_slash", "CreateQueue", {"QueueName": "a/b"}, *NAME),
    ("name_with_zero_byte", "CreateQueue", {"QueueName": "a\u0000b"}, *NAME),
    ("name_of_dots", "CreateQueue", {"QueueName": ".."}, *NAME),
    ("attribute_unknown", "SetQueueAttributes", {"QueueUrl": "{q}", "Attributes": {"Nonsense": "1"}},
     400, "InvalidAttributeName", "Unknown Attribute Nonsense."),
    ("attribute_out_of_range", "SetQueueAttributes", {"QueueUrl": "{q}", "Attributes": {"DelaySeconds": "901"}},
     400, "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."),
    ("attribute_no_number", "SetQueueAttributes", {"QueueUrl": "{q}", "Attributes": {"DelaySeconds": "\u0661"}},
     400, "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."),
    ("delay_out_of_range", "SendMessage", {"QueueUrl": "{q}", "MessageBody": "x", "DelaySeconds": 2147483647},
     *out_of_range(2147483647, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")),
    ("number_of_messages_negative", "ReceiveMessage", {"QueueUrl": "{q}", "MaxNumberOfMessages": -2147483648},
     *out_of_range(-2147483648, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")),
    ("wait_out_of_range", "ReceiveMessage", {"QueueUrl": "{q}", "WaitTimeSeconds": 2147483647},
     *out_of_range(2147483647, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")),
    ("visibility_out_of_range", "ReceiveMessage", {"QueueUrl": "{q}", "VisibilityTimeout": 43201}, *INVALID, re.compile(".")),
    ("handle_of_junk", "DeleteMessage", {"QueueUrl": "{q}", "ReceiptHandle": "junk"}, *bad_handle("junk")),
    ("handle_of_control_characters", "DeleteMessage", {"QueueUrl": "{q}", "ReceiptHandle": "\u0001\u001f"},
     *bad_handle("\u0001\u001f")),
    ("handle_endless", "DeleteMessage", {"QueueUrl": "{q}", "ReceiptHandle": "A" * 100000},
     404, "ReceiptHandleIsInvalid", re.compile("is not a valid receipt handle")),
    ("body_with_control_character", "SendMessage", {"QueueUrl": "{q}", "MessageBody": "\u0000"},
     400, "InvalidMessageContents", re.compile(".")),
    ("body_too_long", "SendMessage", {"QueueUrl": "{q}", "MessageBody": "x" * (MIB + 1)},
     *INVALID, "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."),
    ("attributes_too_many", "SendMessage", {"QueueUrl": "{q}", "MessageBody": "x", "MessageAttributes": {
        f"a{n}": {"DataType": "String", "StringValue": "v"} for n in range(10000)}},
     *INVALID, "Number of message attributes [10000] exceeds the allowed maximum [10]."),
    ("batch_of_none", "SendMessageBatch", {"QueueUrl": "{q}", "Entries": []},
     400, "EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request."),
    ("batch_of_ten_thousand", "DeleteMessageBatch",
     {"QueueUrl": "{q}", "Entries": [{"Id": str(n), "ReceiptHandle": "x"} for n in range(10000)]},
     400, "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 10000."),
    ("batch_id_missing", "SendMessageBatch", {"QueueUrl": "{q}", "Entries": [{"Id": "a", "MessageBody": "x"}, {"MessageBody": "x"}]},
     *missing("SendMessageBatchRequestEntry.2.Id")),
    ("batch_id_bad", "SendMessageBatch", {"QueueUrl": "{q}", "Entries": [{"Id": "a b", "MessageBody": "x"}]},
     400, "InvalidBatchEntryId", BATCH_ID),
    ("batch_too_long", "SendMessageBatch", {"QueueUrl": "{q}", "Entries": [
        {"Id": str(n), "MessageBody": "x" * 200000} for n in range(10)]}, 400, "BatchRequestTooLong",
     "Batch requests cannot be longer than 1048576 bytes. You have sent 2000000 bytes."),
    ("tags_too_many", "TagQueue", {"QueueUrl": "{q}", "Tags": {f"k{n}": "v" for n in range(10000)}},
     *INVALID, re.compile("^Too many tags added for queue .+")),
    ("page_token_of_junk", "ListQueues", {"MaxResults": 1, "NextToken": "\u0000junk"}, *INVALID, re.compile(".")),
    ("group_endless", "SendMessage", {"QueueUrl": "{q}", "MessageBody": "x", "MessageGroupId": "g" * MIB},
     *INVALID, re.compile("MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.")),
    ("deduplication_id_on_standard", "SendMessage", {"QueueUrl": "{q}", "MessageBody": "x", "MessageDeduplicationId": "d"},
     *out_of_range("d", "MessageDeduplicationId", NOT_THIS_TYPE)),
    ("attempt_id_on_standard", "ReceiveMessage", {"QueueUrl": "{q}", "ReceiveRequestAttemptId": "a"},
     *out_of_range("a", "ReceiveRequestAttemptId", NOT_THIS_TYPE)),
    ("fifo_of_a_standard_name", "CreateQueue", {"QueueName": "x", "Attributes": {"FifoQueue": "true"}},
     *INVALID, re.compile("^The name of a FIFO queue can only include ")),
    ("fifo_attribute_of_junk", "CreateQueue", {"QueueName": "x.fifo", "Attributes": {
        "FifoQueue": "true", "ContentBasedDeduplication": "\u0000"}}, 400, "InvalidAttributeValue",
     "Invalid value for the parameter ContentBasedDeduplication."),
    ("fifo_scope_of_junk", "CreateQueue", {"QueueName": "x.fifo", "Attributes": {
        "FifoQueue": "true", "DeduplicationScope": "x" * MIB}}, 400, "InvalidAttributeValue",
     "Invalid value for the parameter DeduplicationScope."),
    ("redrive_allow_policy_nested", "SetQueueAttributes", {"QueueUrl": "{q}", "Attributes": {"RedriveAllowPolicy": "[" * 100000}},
     *INVALID, re.compile("Reason: Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.")),
    ("redrive_policy_nested", "SetQueueAttributes", {"QueueUrl": "{q}", "Attributes": {"RedrivePolicy": "[" * 100000}},
     *INVALID, re.compile("Reason: Redrive policy is not a valid JSON map.")),
    *((f"policy_{name}", "SetQueueAttributes", {"QueueUrl": "{q}", "Attributes": {"Policy": policy}}, *expected)
      for name, policy, *expected in (
          ("nested", "[" * 8000, *BAD_POLICY), ("nested_conditions", policy(Condition=nested(60)), *BAD_POLICY),
          ("nested_beyond_any_depth", policy(Condition=nested(300)), *BAD_POLICY),
          ("of_nulls", '{"Version":null,"Statement":[null]}', *BAD_POLICY), ("with_nul", "{\u0000}", *BAD_POLICY),
          ("with_half_a_surrogate", '{"Id":"\\ud800","Statement":[]}', *BAD_POLICY),
          ("twice_the_same", '{"Statement":[],"Statement":[]}', *BAD_POLICY),
          ("statement_twice_the_same", policy()[:-3] + ',"Effect":"Deny"}]}', *BAD_POLICY),
          ("huge", '{"Statement":"' + "x" * (1 << 20) + '"}', *OVER_LIMIT, "Submitted policy is over max allowed size."),
          ("of_empty_lists", policy(Action=[]), *BAD_POLICY), ("principal_of_lists", policy(Principal={"AWS": [["1" * 12]]}), *BAD_POLICY),
          ("date_of_junk", policy(Condition={"DateLessThan": {"aws:CurrentTime": "9" * 400}}), *BAD_POLICY),
          ("number_of_junk", policy(Condition={"NumericLessThan": {"aws:EpochTime": "1e"}}), *BAD_POLICY),
          ("range_of_junk", policy(Condition={"IpAddress": {"aws:SourceIp": "::/129"}}), *BAD_POLICY))),
    ("permission_for_ten_thousand", "AddPermission", {"QueueUrl": "{q}", "Label": "l", "Actions": ["*"], "AWSAccountIds": [
        f"{n:012}" for n in range(10000)]}, *OVER_LIMIT, "Submitted policy is over max allowed size."),
    ("permission_label_of_junk", "AddPermission", {"QueueUrl": "{q}", "Label": '","Effect":"Deny', "Actions": ["*"],
                                                   "AWSAccountIds": ["1" * 12]}, *INVALID, re.compile("parameter Label is invalid")),
    ("permission_action_of_junk", "AddPermission", {"QueueUrl": "{q}", "Label": "l", "Actions": ['*","x'],
                                                    "AWSAccountIds": ["1" * 12]}, *INVALID, re.compile("parameter ActionName is invalid")),
    ("permission_without_anything", "AddPermission", {"QueueUrl": "{q}"}, *missing("Label")),
    ("permission_removed_twice", "RemovePermission", {"QueueUrl": "{q}", "Label": "none"},
     *INVALID, "Value none for parameter Label is invalid. Reason: can't find label."),
]

# Name, method, path and query, body, then status, code and text in the Query protocol.
QUERY_ROWS = [
    ("query_unknown_action", "POST", "/", "Action=Nonsense", 400, "InvalidAction", re.compile("Nonsense")),
    ("query_action_empty", "POST", "/", "Action=", 404, "UnknownOperationException", None),
    ("query_no_action", "POST", "/", "MessageBody=x", 404, "UnknownOperationException", None),
    ("query_number_of_junk", "POST", "/", "Action=ReceiveMessage&QueueUrl={q}&MaxNumberOfMessages=ten", 400, "MalformedInput",
     "The value of parameter MaxNumberOfMessages must be an integer."),
    ("query_bad_percent", "POST", "/", "Action=SendMessage&QueueUrl={q}&MessageBody=%zz", 400, None, re.compile(".")),
    ("query_bad_utf8", "POST", "/", "Action=SendMessage&QueueUrl={q}&MessageBody=%ff", 400, None, re.compile(".")),
    ("query_no_queue", "POST", "/", "Action=SendMessage&QueueUrl=none&MessageBody=x", 400,
     "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version."),
    ("query_missing_body", "POST", "/", "Action=SendMessage&QueueUrl={q}", 400, "MissingParameter",
     "The request must contain the parameter MessageBody."),
    ("query_list_number_huge", "POST", "/", "Action=SetQueueAttributes&QueueUrl={q}&Attribute.2147483647.Name=Nonsense"
     "&Attribute.2147483647.Value=1", 400, "InvalidAttributeName", "Unknown Attribute Nonsense."),
    ("query_get_with_bad_value", "GET", "/?Action=ReceiveMessage&QueueUrl={q}&WaitTimeSeconds=21", "", 400,
     "InvalidParameterValue", "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
]

# ---- HTTP itself: bytes as they are. {host} stands for the server's name and port.
MALFORMED = (400, "The request is not well-formed HTTP.")
TOO_SLOW = (408, "The request took too long to arrive.")
BODY_TOO_LARGE = (413, "The request body is too large.")
TARGET_TOO_LONG = (414, "The request target is too long.")
HEAD_TOO_LARGE = (431, "The request headers are too large.")
BAD_GZIP = (400, "The request body is not well-formed gzip.")


def post(*headers, body=b"", host="Host: {host}", version="HTTP/1.1"):
    lines = [f"POST / {version}", *([host] if host else []), f"Content-Type: {JSON_TYPE}", "X-Amz-Target: AmazonSQS.ListQueues",
             *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def gzipped(body):
    return post("Content-Encoding: gzip", f"Content-Length: {len(body)}", body=body)


CHUNKED = "Transfer-Encoding: chunked"
HTTP_ROWS = [
    ("http_no_http", b"\x01\x02\x03\x04 garbage\r\n\r\n", *MALFORMED),
    ("http_no_version", b"GET /\r\nHost: {host}\r\n\r\n", *MALFORMED),
    ("http_version_2_in_words", b"GET / HTTP/2.0\r\nHost: {host}\r\n\r\n", 505, "The HTTP version is not supported; use HTTP/1.1."),
    ("http_no_host", post("Content-Length: 0", host=None), *MALFORMED),
    ("http_two_hosts", post("Host: other", "Content-Length: 0"), *MALFORMED),
    ("http_bare_line_feeds", b"GET / HTTP/1.1\nHost: {host}\n\n", *MALFORMED),
    ("http_space_before_colon", post("Content-Length : 0"), *MALFORMED),
    ("http_folded_header", post("X-Folded: a\r\n b", "Content-Length: 0"), *MALFORMED),
    ("http_zero_byte_in_header", post("X-Zero: a\x00b", "Content-Length: 0"), *MALFORMED),
    ("http_header_without_colon", post("nonsense", "Content-Length: 0"), *MALFORMED),
    ("http_header_too_large", post("X-Large: " + "x" * HEAD_BYTES_MAX), *HEAD_TOO_LARGE),
    ("http_headers_too_many", post(*[f"X-{n}: 1" for n in range(HEADERS_MAX + 1)]), *HEAD_TOO_LARGE),
    ("http_header_without_end", b"GET / HTTP/1.1\r\nX-Endless: " + b"x" * (4 * MIB), *HEAD_TOO_LARGE),
    ("http_target_too_long", b"GET /" + b"x" * (TARGET_BYTES_MAX + 100) + b" HTTP/1.1\r\nHost: {host}\r\n\r\n", *TARGET_TOO_LONG),
    ("http_target_without_end", b"GET /" + b"x" * (4 * MIB), *TARGET_TOO_LONG),
    ("http_method_unknown", b"BREW / HTTP/1.1\r\nHost: {host}\r\n\r\n", 405, "The method is not supported."),
    ("http_method_endless", b"X" * 100000, *TARGET_TOO_LONG),
    ("http_length_negative", post("Content-Length: -1"), *MALFORMED),
    ("http_length_of_junk", post("Content-Length: ten"), *MALFORMED),
    ("http_length_with_sign", post("Content-Length: +2", body=b"{}"), *MALFORMED),
    ("http_length_twice", post("Content-Length: 2", "Content-Length: 3", body=b"{}"), *MALFORMED),
    ("http_length_beyond_all", post("Content-Length: 99999999999999999999999"), *BODY_TOO_LARGE),
    ("http_length_too_large", post(f"Content-Length: {BODY_BYTES_MAX + 1}"), *BODY_TOO_LARGE),
    ("http_body_too_large", post(f"Content-Length: {BODY_BYTES_MAX + 1}", body=b"x" * (BODY_BYTES_MAX + 1)), *BODY_TOO_LARGE),
    ("http_length_and_chunked", post("Content-Length: 2", CHUNKED, body=b"0\r\n\r\n"), *MALFORMED),
    ("http_coding_unknown", post("Transfer-Encoding: gzip, chunked"), 501, "The only Transfer-Encoding supported is chunked."),
    ("http_chunk_size_of_junk", post(CHUNKED, body=b"zz\r\n"), *MALFORMED),
    ("http_chunk_size_negative", post(CHUNKED, body=b"-1\r\n"), *MALFORMED),
    ("http_chunk_size_huge", post(CHUNKED, body=b"ffffffffffffffff\r\n"), *BODY_TOO_LARGE),
    ("http_chunk_too_long", post(CHUNKED, body=b"2\r\n{}X\r\n0\r\n\r\n"), *MALFORMED),
    ("http_chunk_line_endless", post(CHUNKED, body=b"2;" + b"x" * 100000), *MALFORMED),
    ("http_chunks_too_large", post(CHUNKED, body=(b"100000\r\n" + b"x" * MIB + b"\r\n") * 9 + b"0\r\n\r\n"), *BODY_TOO_LARGE),
    ("http_trailers_endless", post(CHUNKED, body=b"0\r\n" + b"X-Trailer: xxxxxxxx\r\n" * 10000), *HEAD_TOO_LARGE),
    ("http_expectation_unknown", post("Expect: the-unexpected", "Content-Length: 0"), 417,
     "The only expectation supported is 100-continue."),
    ("http_expect_too_large", post("Expect: 100-continue", f"Content-Length: {BODY_BYTES_MAX + 1}"), *BODY_TOO_LARGE),
    ("http_encoding_unknown", post("Content-Encoding: br", "Content-Length: 2", body=b"{}"), 415,
     "The Content-Encoding is not supported; use gzip or none."),
    ("http_gzip_of_junk", gzipped(b"no gzip at all"), *BAD_GZIP),
    ("http_gzip_cut_off", gzipped(gzip.compress(b"{}" * 1000)[:-9]), *BAD_GZIP),
    ("http_gzip_bad_sum", gzipped(gzip.compress(b"{}")[:-8] + b"\x00" * 8), *BAD_GZIP),
    ("http_gzip_bomb", gzipped(gzip.compress(b"\x00" * (200 * MIB))), *BODY_TOO_LARGE),
]

# Parts sent with pauses: name, parts, pause in seconds, then what must come. None: just closed, or nothing at all.
SLOW_ROWS = [
    ("slow_head_that_stops", [post()[:40]], 0, *TOO_SLOW),
    ("slow_first_byte_only", [b"P"], 0, *TOO_SLOW),
    ("slow_head_drop_by_drop", [post()[n:n + 1] for n in range(45)], 1, *TOO_SLOW),
    ("slow_body_that_stops", [post("Content-Length: 100", body=b"{")], 0, *TOO_SLOW),
    ("slow_body_drop_by_drop", [post("Content-Length: 1000")] + [b" "] * 45, 1, *TOO_SLOW),
    ("slow_chunk_that_stops", [post(CHUNKED, body=b"5\r\n{")], 0, *TOO_SLOW),
    ("slow_continue_that_never_comes", [post("Expect: 100-continue", "Content-Length: 2")], 0, *TOO_SLOW),
]

# Requests cut off by a client that goes away: the server has nobody to answer, and must forget them.
HALF_SENT_ROWS = [
    ("half_sent_line", b"POST / HT"), ("half_sent_head", post()[:60]), ("half_sent_body", post("Content-Length: 1000000", body=b"{")),
    ("half_sent_large_body", post(f"Content-Length: {BODY_BYTES_MAX}", body=b"x" * (BODY_BYTES_MAX - 1))),
    ("half_sent_chunk", post(CHUNKED, body=b"ff\r\n{")), ("half_sent_nothing", b""),
]
