"""The Query protocol to the letter."""

from harness.wire import FORM_TYPE
from sqs.raw import *


@case
def query_reply_form(server, prefix):
    reply = server.query("CreateQueue", {"QueueName": prefix, "Version": "2012-11-05"})
    same(reply.status, 200, repr(reply))
    assert reply.headers["content-type"].startswith("text/xml"), reply.headers
    assert f'<CreateQueueResponse xmlns="{XML_NAMESPACE}">'.encode() in reply.body, reply.body
    assert reply.xml("CreateQueueResult/QueueUrl").endswith(f"/{ACCOUNT}/{prefix}"), reply.body
    same(reply.xml("ResponseMetadata/RequestId"), reply.headers["x-amzn-requestid"])
    url = reply.xml("CreateQueueResult/QueueUrl")
    assert b"<ReceiveMessageResult/>" in server.query("ReceiveMessage", {"QueueUrl": url}).body
    assert b"Result" not in server.query("PurgeQueue", {"QueueUrl": url}).body


@case
def query_error_form(server, prefix):
    reply = server.query("GetQueueUrl", {"QueueName": prefix})
    refused(reply, 400, "AWS.SimpleQueueService.NonExistentQueue", NOT_EXIST_QUERY)
    assert f'<ErrorResponse xmlns="{XML_NAMESPACE}">'.encode() in reply.body, reply.body
    same((reply.xml("Error/Type"), reply.xml("Error/Detail"), reply.xml("RequestId")),
         ("Sender", "", reply.headers["x-amzn-requestid"]))


@case
def query_by_get(server, prefix):
    url = create(server, prefix)
    reply = server.query("SendMessage", {"QueueUrl": url, "MessageBody": "by get & more"}, method="GET")
    same((reply.status, bool(reply.xml("SendMessageResult/MD5OfMessageBody"))), (200, True), repr(reply))
    same(receive(server, url)[0]["Body"], "by get & more")
    same(server.query("DeleteQueue", path=f"/{ACCOUNT}/{prefix}", method="GET").status, 200)
    refused(server.json("GetQueueUrl", {"QueueName": prefix}), 400, "QueueDoesNotExist")


@case
def query_parameters_of_body_and_url_together(server, prefix):
    url = create(server, prefix)
    reply = server.request("POST", "/?Action=SendMessage&MessageBody=joined", "QueueUrl=" + url, {"Content-Type": FORM_TYPE})
    same(reply.status, 200, repr(reply))
    same(receive(server, url)[0]["Body"], "joined")


@case
def query_of_every_version(server, prefix):
    for version in ("2012-11-05", "2011-10-01", "2009-02-01", "2008-01-01"):
        same(server.query("ListQueues", {"QueueNamePrefix": prefix, "Version": version}).status, 200, version)
    same(server.query("ListQueues", {"QueueNamePrefix": prefix}).status, 200)


@case
def query_on_the_queue_path(server, prefix):
    path = f"/{ACCOUNT}/{prefix}"
    url, other = create(server, prefix), create(server, prefix + "-other")
    same(server.query("SendMessage", {"MessageBody": "by path"}, path=path).status, 200)
    same(server.query("SendMessage", {"MessageBody": "by parameter", "QueueUrl": other}, path=path).status, 200)
    same([receive(server, one)[0]["Body"] for one in (url, other)], ["by path", "by parameter"])
    same(server.query("GetQueueUrl", {"QueueName": prefix + "-other"}, path=path).xml("GetQueueUrlResult/QueueUrl"), other)


@case
def query_actions_not_for_the_queue_path(server, prefix):
    create(server, prefix)
    for action in ("CreateQueue", "ListQueues", "Nonsense"):
        reply = server.query(action, {"QueueName": prefix}, path=f"/{ACCOUNT}/{prefix}")
        refused(reply, 400, "InvalidAction", f"The action {action} is not valid for this endpoint.")
    refused(server.query("Nonsense"), 400, "InvalidAction")


@case
def get_of_a_queue_url(server, prefix):
    create(server, prefix)
    for headers in ({}, {"Accept": "application/json"}):
        reply = server.request("GET", f"/{ACCOUNT}/{prefix}", headers=headers)
        assert reply.status == 404 and b"<UnknownOperationException" in reply.body, repr(reply)


@case
def query_lists_with_gaps(server, prefix):
    reply = server.query("CreateQueue", {
        "QueueName": prefix, "Attribute.7.Name": "VisibilityTimeout", "Attribute.7.Value": "7", "Attribute.0.Name": "DelaySeconds",
        "Attribute.0.Value": "9", "Tag.3.Key": "a", "Tag.3.Value": "b"})
    url = reply.xml("CreateQueueResult/QueueUrl")
    told = server.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["All"]}).json()["Attributes"]
    same((told["VisibilityTimeout"], told["DelaySeconds"]), ("7", "9"))
    same(server.json("ListQueueTags", {"QueueUrl": url}).json(), {"Tags": {"a": "b"}})
    same(server.query("SetQueueAttributes", {"QueueUrl": url, "Attribute.Name": "DelaySeconds", "Attribute.Value": "3"}).status, 200)
    told = server.query("GetQueueAttributes", {"QueueUrl": url, "AttributeName.1": "DelaySeconds"})
    same((told.xml("GetQueueAttributesResult/Attribute/Name"), told.xml("GetQueueAttributesResult/Attribute/Value")),
         ("DelaySeconds", "3"))


@case
def query_batches_and_attributes(server, prefix):
    url = create(server, prefix)
    entry = "SendMessageBatchRequestEntry.{}."
    reply = server.query("SendMessageBatch", {
        "QueueUrl": url, entry.format(1) + "Id": "a", entry.format(1) + "MessageBody": "A",
        entry.format(1) + "MessageAttribute.1.Name": "colour", entry.format(1) + "MessageAttribute.1.Value.DataType": "String",
        entry.format(1) + "MessageAttribute.1.Value.StringValue": "green",
        entry.format(2) + "Id": "b", entry.format(2) + "MessageBody": "B", entry.format(2) + "DelaySeconds": "901"})
    result = "SendMessageBatchResult/"
    same((reply.xml(result + "SendMessageBatchResultEntry/Id"), reply.xml(result + "SendMessageBatchResultEntry/MD5OfMessageAttributes"),
          reply.xml(result + "BatchResultErrorEntry/Id"), reply.xml(result + "BatchResultErrorEntry/Code"),
          reply.xml(result + "BatchResultErrorEntry/SenderFault")),
         ("a", "b1a0d8ab288d3ff672f5495d1ed5046c", "b", "InvalidParameterValue", "true"))
    told = server.query("ReceiveMessage", {"QueueUrl": url, "MessageAttributeName.1": "All", "AttributeName.1": "SenderId"})
    message = "ReceiveMessageResult/Message/"
    same((told.xml(message + "Body"), told.xml(message + "MessageAttribute/Name"), told.xml(message + "Attribute/Name"),
          told.xml(message + "MessageAttribute/Value/StringValue")), ("A", "colour", "SenderId", "green"))


@case
def query_escapes_carriage_returns(server, prefix):
    url = create(server, prefix)
    send(server, url, "a\r\nb\"<&>")
    reply = server.query("ReceiveMessage", {"QueueUrl": url})
    assert b"a&#xD;\nb" in reply.body, reply.body
    same(reply.xml("ReceiveMessageResult/Message/Body"), "a\r\nb\"<&>")


@case
def query_answers_json_when_asked(server, prefix):
    url = create(server, prefix)
    send(server, url)
    accept = {"Accept": "application/json"}
    told = server.query("ReceiveMessage", {"QueueUrl": url}, headers=accept).json()["ReceiveMessageResponse"]
    same(told["ReceiveMessageResult"]["messages"][0]["Body"], "x")
    assert UUID.match(told["ResponseMetadata"]["RequestId"]), told
    reply = server.query("GetQueueUrl", {"QueueName": prefix + "-none"}, headers=accept)
    same((reply.status, reply.json()["Error"]["Code"], reply.json()["Error"]["Message"]),
         (400, "AWS.SimpleQueueService.NonExistentQueue", NOT_EXIST_QUERY))
    assert UUID.match(reply.json()["RequestId"]), reply


@case
def missing_members(server, prefix):
    url = create(server, prefix)
    for operation, given, name in (
            ("SendMessage", {}, "MessageBody"), ("DeleteMessage", {}, "ReceiptHandle"),
            ("ChangeMessageVisibility", {"VisibilityTimeout": 1}, "ReceiptHandle"), ("TagQueue", {}, "Tags")):
        text = f"The request must contain the parameter {name}."
        refused(server.json(operation, {"QueueUrl": url, **given}), 400, "MissingRequiredParameterException", text)
        refused(server.query(operation, {"QueueUrl": url, **given}), 400, "MissingParameter", text)
    send(server, url)
    handle = receive(server, url)[0]["ReceiptHandle"]
    refused(server.json("ChangeMessageVisibility", {"QueueUrl": url, "ReceiptHandle": handle}), 400,
            "MissingRequiredParameterException", "The request must contain the parameter VisibilityTimeout.")
    for operation in ("GetQueueUrl", "CreateQueue"):
        same(server.json(operation, {}).status, 400)
    refused(server.json("GetQueueUrl", {}), 400, "InvalidParameterValueException")
    refused(server.json("ReceiveMessage", {}), 400, "QueueDoesNotExist", NOT_EXIST)
    refused(server.query("ReceiveMessage", {}), 400, "AWS.SimpleQueueService.NonExistentQueue", NOT_EXIST_QUERY)


@case
def query_names_of_every_list(server, prefix):
    url = create(server, prefix)

    def ask(operation, given, expected=200):
        reply = server.query(operation, form_of(operation, {"QueueUrl": url, **given}))
        same(reply.status, expected, repr(reply))
        return reply

    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-00000001-000000000000000000000001"}}
    blob = {"blob": {"DataType": "Binary", "BinaryValue": "AAH/"},
            "weight": {"DataType": "Number.float", "StringValue": "1.5"}}
    reply = ask("SendMessage", {"MessageBody": "x", "MessageAttributes": blob, "MessageSystemAttributes": trace})
    same((reply.xml("SendMessageResult/MD5OfMessageAttributes"), reply.xml("SendMessageResult/MD5OfMessageSystemAttributes")),
         ("db7d50b1c4e1dcd564320122b5c6a4f9", "f890345893b08748eef5848339c0790d"))
    message = ask("ReceiveMessage", {"MessageSystemAttributeNames": ["AWSTraceHeader"], "AttributeNames": ["SenderId"],
                                     "MessageAttributeNames": ["blob"]})
    found = "ReceiveMessageResult/Message/"
    same((message.xml(found + "MessageAttribute/Name"), message.xml(found + "MessageAttribute/Value/BinaryValue"),
          message.xml(found + "MessageAttribute/Value/DataType"), message.body.count(b"<Attribute>")), ("blob", "AAH/", "Binary", 2))
    handle = message.xml(found + "ReceiptHandle")
    hidden = ask("ChangeMessageVisibilityBatch", {"Entries": [{"Id": "a", "ReceiptHandle": handle, "VisibilityTimeout": 60}]})
    same(hidden.xml("ChangeMessageVisibilityBatchResult/ChangeMessageVisibilityBatchResultEntry/Id"), "a")
    deleted = ask("DeleteMessageBatch", {"Entries": [{"Id": "a", "ReceiptHandle": handle}]})
    same(deleted.xml("DeleteMessageBatchResult/DeleteMessageBatchResultEntry/Id"), "a")
    ask("TagQueue", {"Tags": {"a": "1", "b": "<&>", "c": ""}})
    ask("UntagQueue", {"TagKeys": ["a", "none"]})
    told = ask("ListQueueTags", {})
    same((told.body.count(b"<Tag>"), told.xml("ListQueueTagsResult/Tag/Key"), told.xml("ListQueueTagsResult/Tag/Value")),
         (2, "b", "<&>"))
    told = ask("GetQueueAttributes", {"AttributeNames": ["VisibilityTimeout", "DelaySeconds"]})
    same(told.body.count(b"<Attribute>"), 2)


@case
def query_of_fifo_queues(server, prefix):
    reply = server.query("CreateQueue", form_of("CreateQueue", {
        "QueueName": prefix + ".fifo", "Attributes": {"FifoQueue": "true", "ContentBasedDeduplication": "true"}}))
    url = reply.xml("CreateQueueResult/QueueUrl")
    sent = server.query("SendMessage", {"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "g"})
    number = sent.xml("SendMessageResult/SequenceNumber")
    assert re.fullmatch("[0-9]{20}", number), repr(sent)
    entries = {"QueueUrl": url, "Entries": [{"Id": "a", "MessageBody": "x", "MessageGroupId": "g"},
                                            {"Id": "b", "MessageBody": "y", "MessageGroupId": "g", "MessageDeduplicationId": "i"}]}
    batch = server.query("SendMessageBatch", form_of("SendMessageBatch", entries))
    same((batch.status, batch.xml("SendMessageBatchResult/SendMessageBatchResultEntry/SequenceNumber")), (200, number), repr(batch))
    told = server.query("ReceiveMessage", {"QueueUrl": url, "AttributeName.1": "SequenceNumber", "MaxNumberOfMessages": "10",
                                           "ReceiveRequestAttemptId": "try"})
    found = "ReceiveMessageResult/Message/Attribute/"
    same((told.xml(found + "Name"), told.xml(found + "Value"), told.body.count(b"<Message>")), ("SequenceNumber", number, 2))
    again = server.query("ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": "10", "ReceiveRequestAttemptId": "try"})
    same(again.xml("ReceiveMessageResult/Message/ReceiptHandle"), told.xml("ReceiveMessageResult/Message/ReceiptHandle"))


@case
def query_lists_in_json(server, prefix):
    url, accept = create(server, prefix), {"Accept": "application/json"}
    create(server, prefix + "-s", RedrivePolicy='{"deadLetterTargetArn":"arn:aws:sqs:%s:%s:%s","maxReceiveCount":1}' % (
        REGION, ACCOUNT, prefix))

    def ask(operation, given):
        reply = server.query(operation, given, headers=accept)
        same((reply.status, reply.headers["content-type"].partition(";")[0]), (200, "application/json"), repr(reply))
        return reply.json()[operation + "Response"]

    same(ask("ListQueues", {"QueueNamePrefix": prefix})["ListQueuesResult"]["queueUrls"], [url, url + "-s"])
    same(ask("ListDeadLetterSourceQueues", {"QueueUrl": url})["ListDeadLetterSourceQueuesResult"]["queueUrls"], [url + "-s"])
    same(ask("GetQueueAttributes", {"QueueUrl": url, "AttributeName.1": "DelaySeconds"})["GetQueueAttributesResult"],
         {"Attributes": [{"Name": "DelaySeconds", "Value": "0"}]})
    same(list(ask("PurgeQueue", {"QueueUrl": url})), ["ResponseMetadata"])
