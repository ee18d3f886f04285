"""Every error that a request can bring about, in both protocols: status, shape, namespace, query code, header and text."""

from sqs.raw import *

MODEL, FRAME = "com.amazonaws.sqs", "com.amazon.coral.service"
BATCH_ID = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
SSE = ("You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
SERVICE = "AWS.SimpleQueueService."

# Operation, input ({} stands for the queue's URL), shape, namespace, query code, status, text (None: any; a pair where the
# protocols differ).
ROWS = [
    ("SendMessage", {"QueueUrl": "{}-none", "MessageBody": "x"}, "QueueDoesNotExist", MODEL, SERVICE + "NonExistentQueue", 400,
     (NOT_EXIST, NOT_EXIST_QUERY)),
    ("SendMessage", {"MessageBody": "x"}, "QueueDoesNotExist", MODEL, SERVICE + "NonExistentQueue", 400,
     (NOT_EXIST, NOT_EXIST_QUERY)),
    ("GetQueueUrl", {"QueueName": "no-such-queue"}, "QueueDoesNotExist", MODEL, SERVICE + "NonExistentQueue", 400,
     (NOT_EXIST, NOT_EXIST_QUERY)),
    ("CreateQueue", {"QueueName": "{name}", "Attributes": {"DelaySeconds": "1"}}, "QueueNameExists", MODEL, "QueueAlreadyExists",
     400, "A queue already exists with the same name and a different value for attribute DelaySeconds"),
    ("SetQueueAttributes", {"QueueUrl": "{}", "Attributes": {"Nonsense": "1"}}, "InvalidAttributeName", MODEL,
     "InvalidAttributeName", 400, "Unknown Attribute Nonsense."),
    ("SetQueueAttributes", {"QueueUrl": "{}", "Attributes": {"KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true"}},
     "InvalidAttributeName", MODEL, "InvalidAttributeName", 400, SSE),
    ("GetQueueAttributes", {"QueueUrl": "{}", "AttributeNames": ["Nonsense"]}, "InvalidAttributeName", MODEL,
     "InvalidAttributeName", 400, "Unknown Attribute Nonsense."),
    ("SetQueueAttributes", {"QueueUrl": "{}", "Attributes": {"DelaySeconds": "901"}}, "InvalidAttributeValue", MODEL,
     "InvalidAttributeValue", 400, "Invalid value for the parameter DelaySeconds."),
    ("SetQueueAttributes", {"QueueUrl": "{}", "Attributes": {"Policy": "no policy"}}, "InvalidAttributeValue", MODEL,
     "InvalidAttributeValue", 400, "Invalid value for the parameter Policy."),
    ("SendMessage", {"QueueUrl": "{}", "MessageBody": "\x01"}, "InvalidMessageContents", MODEL, "InvalidMessageContents", 400, None),
    ("DeleteMessage", {"QueueUrl": "{}", "ReceiptHandle": "<h&>"}, "ReceiptHandleIsInvalid", MODEL, "ReceiptHandleIsInvalid", 404,
     'The input receipt handle "<h&>" is not a valid receipt handle.'),
    ("SendMessageBatch", {"QueueUrl": "{}", "Entries": [{"Id": str(n), "MessageBody": "x"} for n in range(11)]},
     "TooManyEntriesInBatchRequest", MODEL, SERVICE + "TooManyEntriesInBatchRequest", 400,
     "Maximum number of entries per request are 10. You have sent 11."),
    ("SendMessageBatch", {"QueueUrl": "{}"}, "EmptyBatchRequest", MODEL, SERVICE + "EmptyBatchRequest", 400,
     "There should be at least one SendMessageBatchRequestEntry in the request."),
    ("DeleteMessageBatch", {"QueueUrl": "{}", "Entries": [{"Id": "a", "ReceiptHandle": "x"}] * 2}, "BatchEntryIdsNotDistinct", MODEL,
     SERVICE + "BatchEntryIdsNotDistinct", 400, "Id a repeated."),
    ("DeleteMessageBatch", {"QueueUrl": "{}", "Entries": [{"Id": "a b", "ReceiptHandle": "x"}]}, "InvalidBatchEntryId", MODEL,
     SERVICE + "InvalidBatchEntryId", 400, BATCH_ID),
    ("SendMessageBatch", {"QueueUrl": "{}", "Entries": [{"Id": str(n), "MessageBody": "x" * 104858} for n in range(10)]},
     "BatchRequestTooLong", MODEL, SERVICE + "BatchRequestTooLong", 400,
     "Batch requests cannot be longer than 1048576 bytes. You have sent 1048580 bytes."),
    ("SendMessage", {"QueueUrl": "{}", "MessageBody": "x", "MessageAttributes": {
        "a": {"DataType": "String", "StringListValues": ["x"]}}}, "UnsupportedOperation", MODEL, SERVICE + "UnsupportedOperation",
     400, None),
    ("ReceiveMessage", {"QueueUrl": "{}", "WaitTimeSeconds": 21}, "InvalidParameterValueException", FRAME, "InvalidParameterValue",
     400, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
    ("CreateQueue", {"QueueName": "no.fifo.here"}, "InvalidParameterValueException", FRAME, "InvalidParameterValue", 400,
     "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"),
    ("TagQueue", {"QueueUrl": "{}"}, "MissingRequiredParameterException", FRAME, "MissingParameter", 400,
     "The request must contain the parameter Tags."),
    ("SendMessage", {"QueueUrl": "{}", "MessageBody": ""}, "MissingRequiredParameterException", FRAME, "MissingParameter", 400,
     "The request must contain the parameter MessageBody."),
    ("Nonsense", {"QueueUrl": "{}"}, "UnknownOperationException", FRAME, "InvalidAction", 400,
     ("The operation AmazonSQS.Nonsense is not known.", "The action Nonsense is not valid for this endpoint.")),
    ("ReceiveMessage", {"QueueUrl": "{}", "MaxNumberOfMessages": "ten"}, "SerializationException", FRAME, "MalformedInput", 400,
     None),
]


def filled(given, url, name):
    if isinstance(given, str):
        return given.replace("{}", url).replace("{name}", name)
    if isinstance(given, dict):
        return {key: filled(value, url, name) for key, value in given.items()}
    return [filled(value, url, name) for value in given] if isinstance(given, list) else given


def check_row(server, row, url, name):
    operation, given, shape, space, code, status, text = row
    given = filled(given, url, name)
    json_text, query_text = text if isinstance(text, tuple) else (text, text)
    told = server.json(operation, given)
    same((told.status, told.json()["__type"], told.headers["x-amzn-query-error"]), (status, f"{space}#{shape}", f"{code};Sender"),
         f"{operation} in JSON")
    same(told.json()["message"], json_text or told.json()["message"], operation)
    assert UUID.match(told.headers["x-amzn-requestid"]), told
    told = server.query(operation, form_of(operation, given))
    same((told.status, told.xml("Error/Code"), told.xml("Error/Type")), (status, code, "Sender"), f"{operation} in Query")
    same(told.xml("Error/Message"), query_text or told.xml("Error/Message"), operation)
    assert told.xml("Error/Message") and told.xml("RequestId") == told.headers["x-amzn-requestid"], told


@case
def errors_to_the_letter(server, prefix):
    url = create(server, prefix)
    for row in ROWS:
        check_row(server, row, url, prefix)


@case
def errors_in_json_of_query(server, prefix):
    url = create(server, prefix)
    for row in ROWS:
        operation, given, _, _, code, status, text = row
        reply = server.query(operation, form_of(operation, filled(given, url, prefix)), headers={"Accept": "application/json"})
        told = reply.json()
        same((reply.status, told["Error"]["Code"], told["Error"]["Type"]), (status, code, "Sender"), operation)
        same(told["RequestId"], reply.headers["x-amzn-requestid"])
        if text:
            same(told["Error"]["Message"], text[1] if isinstance(text, tuple) else text)


@case
def failed_entries_have_query_codes(server, prefix):
    url = create(server, prefix)
    given = {"QueueUrl": url, "Entries": [{"Id": "a", "ReceiptHandle": "junk", "VisibilityTimeout": 1},
                                          {"Id": "b", "ReceiptHandle": "", "VisibilityTimeout": 1}]}
    told = server.json("ChangeMessageVisibilityBatch", given).json()
    same([(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in told["Failed"]],
         [("a", "ReceiptHandleIsInvalid", True), ("b", "MissingParameter", True)])
    assert "Successful" not in told, told
    reply = server.query("ChangeMessageVisibilityBatch", form_of("ChangeMessageVisibilityBatch", given))
    result = "ChangeMessageVisibilityBatchResult/BatchResultErrorEntry/"
    same((reply.status, reply.xml(result + "Id"), reply.xml(result + "Code"), reply.xml(result + "SenderFault")),
         (200, "a", "ReceiptHandleIsInvalid", "true"), repr(reply))
