"""The errors of SQS: for each shape what its Query form is called, its HTTP status and its usual text.

A text of None means that the service promises none: any non-empty text passes."""

NON_EXISTENT = "The specified queue does not exist."

# shape: (query code, HTTP status, text, text in the Query protocol where it differs)
REFUSALS = {
    "QueueDoesNotExist": ("AWS.SimpleQueueService.NonExistentQueue", 400, NON_EXISTENT,
                          "The specified queue does not exist for this wsdl version."),
    "QueueNameExists": ("QueueAlreadyExists", 400, None),
    "InvalidAttributeName": ("InvalidAttributeName", 400, None),
    "InvalidAttributeValue": ("InvalidAttributeValue", 400, None),
    "InvalidMessageContents": ("InvalidMessageContents", 400, None),
    "ReceiptHandleIsInvalid": ("ReceiptHandleIsInvalid", 404, None),
    "OverLimit": ("OverLimit", 403, None),
    "TooManyEntriesInBatchRequest": ("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400, None),
    "EmptyBatchRequest": ("AWS.SimpleQueueService.EmptyBatchRequest", 400, None),
    "BatchEntryIdsNotDistinct": ("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400, None),
    "InvalidBatchEntryId": ("AWS.SimpleQueueService.InvalidBatchEntryId", 400,
                            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                            "It can be at most 80 letters long."),
    "BatchRequestTooLong": ("AWS.SimpleQueueService.BatchRequestTooLong", 400, None),
    "ResourceNotFoundException": ("ResourceNotFoundException", 404, None),
    "UnsupportedOperation": ("AWS.SimpleQueueService.UnsupportedOperation", 400, None),
    "InvalidParameterValueException": ("InvalidParameterValue", 400, None),
    "MissingRequiredParameterException": ("MissingParameter", 400, None),
    "UnknownOperationException": ("InvalidAction", 400, None),
    "SerializationException": ("MalformedInput", 400, None),
}

# Shapes of the framework rather than of the service's model: SDKs have no class of their own for them.
FRAMEWORK = {shape for shape in REFUSALS if shape.endswith("Exception")} - {"ResourceNotFoundException"}


def refusal(shape, message=None):
    """What a client must see of an error, as the players compare it."""
    code, status, text, *query_text = REFUSALS[shape]
    return {"shape": shape, "code": code, "status": status, "message": message or text,
            "query_message": message or (query_text or [text])[0], "modelled": shape not in FRAMEWORK}


def missing(parameter):
    return refusal("MissingRequiredParameterException", f"The request must contain the parameter {parameter}.")


def invalid(message=None):
    return refusal("InvalidParameterValueException", message)


def invalid_value(value, parameter, reason):
    return invalid(f"Value {value} for parameter {parameter} is invalid. Reason: {reason}")


def invalid_attribute(name, reason=""):
    return refusal("InvalidAttributeValue", f"Invalid value for the parameter {name}." + (reason and f" Reason: {reason}"))


def unknown_attribute(name):
    return refusal("InvalidAttributeName", f"Unknown Attribute {name}.")


def invalid_handle(handle):
    return refusal("ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not a valid receipt handle.')
