//! Between JSON and the SDK's types, which know no JSON of their own.

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, Message, MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::hash::Hash;

/// What is answered in place of an output: `{"refused": …}` or `{"broken": …}`.
pub type Refused = Value;

pub fn broken(text: impl ToString) -> Refused {
    json!({ "broken": text.to_string() })
}

pub fn text(input: &Value, name: &str) -> Option<String> {
    input[name].as_str().map(String::from)
}

pub fn number(input: &Value, name: &str) -> Option<i32> {
    input[name].as_i64().and_then(|value| i32::try_from(value).ok())
}

pub fn texts<T: for<'a> From<&'a str>>(input: &Value, name: &str) -> Option<Vec<T>> {
    Some(input[name].as_array()?.iter().filter_map(Value::as_str).map(T::from).collect())
}

pub fn map<K: for<'a> From<&'a str> + Eq + Hash>(input: &Value, name: &str) -> Option<HashMap<K, String>> {
    let pairs = input[name].as_object()?.iter();
    Some(pairs.map(|(key, value)| (K::from(key.as_str()), value.as_str().unwrap_or_default().to_owned())).collect())
}

fn bytes(value: &Value) -> Option<Blob> {
    let encoded = value["$bytes"].as_str()?;
    Some(Blob::new(STANDARD.decode(encoded).expect("base64")))
}

pub fn attributes(input: &Value) -> Result<Option<HashMap<String, MessageAttributeValue>>, Refused> {
    let Some(pairs) = input["MessageAttributes"].as_object() else { return Ok(None) };
    let one = |value: &Value| {
        MessageAttributeValue::builder()
            .set_data_type(text(value, "DataType"))
            .set_string_value(text(value, "StringValue"))
            .set_binary_value(bytes(&value["BinaryValue"]))
            .set_string_list_values(texts(value, "StringListValues"))
            .set_binary_list_values(value["BinaryListValues"].as_array().map(|all| all.iter().filter_map(bytes).collect()))
            .build()
            .map_err(broken)
    };
    Ok(Some(pairs.iter().map(|(name, value)| Ok((name.clone(), one(value)?))).collect::<Result<_, Refused>>()?))
}

type SystemAttributes = HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>;

pub fn system_attributes(input: &Value) -> Result<Option<SystemAttributes>, Refused> {
    let Some(pairs) = input["MessageSystemAttributes"].as_object() else { return Ok(None) };
    let one = |value: &Value| {
        MessageSystemAttributeValue::builder()
            .set_data_type(text(value, "DataType"))
            .set_string_value(text(value, "StringValue"))
            .build()
            .map_err(broken)
    };
    Ok(Some(pairs.iter().map(|(name, value)| Ok((name.as_str().into(), one(value)?))).collect::<Result<_, Refused>>()?))
}

/// Members that are there; what the SDK leaves out stays out.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let known = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(known.map(|(name, value)| (name.to_owned(), value)).collect())
}

pub fn named<K: AsRef<str>>(pairs: &Option<HashMap<K, String>>) -> Value {
    let Some(pairs) = pairs else { return Value::Null };
    Value::Object(pairs.iter().map(|(key, value)| (key.as_ref().to_owned(), json!(value))).collect::<Map<_, _>>())
}

fn attribute(value: &MessageAttributeValue) -> Value {
    object([
        ("DataType", json!(value.data_type)),
        ("StringValue", json!(value.string_value)),
        ("BinaryValue", json!(value.binary_value.as_ref().map(|blob| STANDARD.encode(blob.as_ref())))),
    ])
}

pub fn message(message: &Message) -> Value {
    let attributes = message.message_attributes.as_ref().map(|pairs| {
        Value::Object(pairs.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
    });
    object([
        ("MessageId", json!(message.message_id)),
        ("ReceiptHandle", json!(message.receipt_handle)),
        ("MD5OfBody", json!(message.md5_of_body)),
        ("Body", json!(message.body)),
        ("Attributes", named(&message.attributes)),
        ("MD5OfMessageAttributes", json!(message.md5_of_message_attributes)),
        ("MessageAttributes", json!(attributes)),
    ])
}

pub fn failed(entries: &[BatchResultErrorEntry]) -> Value {
    let one = |entry: &BatchResultErrorEntry| {
        object([
            ("Id", json!(entry.id)),
            ("SenderFault", json!(entry.sender_fault)),
            ("Code", json!(entry.code)),
            ("Message", json!(entry.message)),
        ])
    };
    entries.iter().map(one).collect()
}

/// The class of an error is its variant: `Unhandled` for what the operation's model does not have.
pub fn refused<E>(error: SdkError<E, HttpResponse>) -> Refused
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(told) = &error else { return broken(DisplayErrorContext(error)) };
    let variant = format!("{:?}", told.err());
    let class = variant.split('(').next().filter(|class| *class != "Unhandled");
    json!({ "refused": {
        "code": told.err().code(), "message": told.err().message(), "status": told.raw().status().as_u16(),
        "kind": class } })
}
