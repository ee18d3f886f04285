//! Every operation: its members from JSON into the SDK's builder, the output's back.

use crate::plain::*;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::*;
use serde_json::{Value, json};

#[allow(deprecated)] // AttributeNames of a receive, as the cases have it
pub async fn call(client: &Client, operation: &str, input: &Value) -> Result<Value, Refused> {
    match operation {
        "AddPermission" => {
            client
                .add_permission()
                .set_queue_url(text(input, "QueueUrl"))
                .set_label(text(input, "Label"))
                .set_aws_account_ids(texts(input, "AWSAccountIds"))
                .set_actions(texts(input, "Actions"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        "CancelMessageMoveTask" => {
            let output = client
                .cancel_message_move_task()
                .set_task_handle(text(input, "TaskHandle"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("ApproximateNumberOfMessagesMoved", json!(output.approximate_number_of_messages_moved))]))
        }
        "ChangeMessageVisibility" => {
            client
                .change_message_visibility()
                .set_queue_url(text(input, "QueueUrl"))
                .set_receipt_handle(text(input, "ReceiptHandle"))
                .set_visibility_timeout(number(input, "VisibilityTimeout"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        "CreateQueue" => {
            let output = client
                .create_queue()
                .set_queue_name(text(input, "QueueName"))
                .set_attributes(map(input, "Attributes"))
                .set_tags(map(input, "tags"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("QueueUrl", json!(output.queue_url))]))
        }
        "DeleteMessage" => {
            client
                .delete_message()
                .set_queue_url(text(input, "QueueUrl"))
                .set_receipt_handle(text(input, "ReceiptHandle"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        "DeleteQueue" => {
            client
                .delete_queue()
                .set_queue_url(text(input, "QueueUrl"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        "GetQueueAttributes" => {
            let output = client
                .get_queue_attributes()
                .set_queue_url(text(input, "QueueUrl"))
                .set_attribute_names(texts(input, "AttributeNames"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("Attributes", named(&output.attributes))]))
        }
        "GetQueueUrl" => {
            let output = client
                .get_queue_url()
                .set_queue_name(text(input, "QueueName"))
                .set_queue_owner_aws_account_id(text(input, "QueueOwnerAWSAccountId"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("QueueUrl", json!(output.queue_url))]))
        }
        "ListDeadLetterSourceQueues" => {
            let output = client
                .list_dead_letter_source_queues()
                .set_queue_url(text(input, "QueueUrl"))
                .set_next_token(text(input, "NextToken"))
                .set_max_results(number(input, "MaxResults"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("queueUrls", json!(output.queue_urls)), ("NextToken", json!(output.next_token))]))
        }
        "ListMessageMoveTasks" => {
            let output = client
                .list_message_move_tasks()
                .set_source_arn(text(input, "SourceArn"))
                .set_max_results(number(input, "MaxResults"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("Results", output.results().iter().map(task).collect())]))
        }
        "ListQueueTags" => {
            let output = client
                .list_queue_tags()
                .set_queue_url(text(input, "QueueUrl"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("Tags", named(&output.tags))]))
        }
        "ListQueues" => {
            let output = client
                .list_queues()
                .set_queue_name_prefix(text(input, "QueueNamePrefix"))
                .set_next_token(text(input, "NextToken"))
                .set_max_results(number(input, "MaxResults"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("QueueUrls", json!(output.queue_urls)), ("NextToken", json!(output.next_token))]))
        }
        "PurgeQueue" => {
            client
                .purge_queue()
                .set_queue_url(text(input, "QueueUrl"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        "ReceiveMessage" => {
            let output = client
                .receive_message()
                .set_queue_url(text(input, "QueueUrl"))
                .set_attribute_names(texts(input, "AttributeNames"))
                .set_message_system_attribute_names(texts(input, "MessageSystemAttributeNames"))
                .set_message_attribute_names(texts(input, "MessageAttributeNames"))
                .set_max_number_of_messages(number(input, "MaxNumberOfMessages"))
                .set_visibility_timeout(number(input, "VisibilityTimeout"))
                .set_wait_time_seconds(number(input, "WaitTimeSeconds"))
                .set_receive_request_attempt_id(text(input, "ReceiveRequestAttemptId"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("Messages", output.messages().iter().map(message).collect())]))
        }
        "RemovePermission" => {
            client
                .remove_permission()
                .set_queue_url(text(input, "QueueUrl"))
                .set_label(text(input, "Label"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        "SendMessage" => {
            let output = client
                .send_message()
                .set_queue_url(text(input, "QueueUrl"))
                .set_message_body(text(input, "MessageBody"))
                .set_delay_seconds(number(input, "DelaySeconds"))
                .set_message_attributes(attributes(input)?)
                .set_message_system_attributes(system_attributes(input)?)
                .set_message_deduplication_id(text(input, "MessageDeduplicationId"))
                .set_message_group_id(text(input, "MessageGroupId"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("MD5OfMessageBody", json!(output.md5_of_message_body)), ("MD5OfMessageAttributes", json!(output.md5_of_message_attributes)), ("MD5OfMessageSystemAttributes", json!(output.md5_of_message_system_attributes)), ("MessageId", json!(output.message_id)), ("SequenceNumber", json!(output.sequence_number))]))
        }
        "SetQueueAttributes" => {
            client
                .set_queue_attributes()
                .set_queue_url(text(input, "QueueUrl"))
                .set_attributes(map(input, "Attributes"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        "StartMessageMoveTask" => {
            let output = client
                .start_message_move_task()
                .set_source_arn(text(input, "SourceArn"))
                .set_destination_arn(text(input, "DestinationArn"))
                .set_max_number_of_messages_per_second(number(input, "MaxNumberOfMessagesPerSecond"))
                .send()
                .await
                .map_err(refused)?;
            Ok(object([("TaskHandle", json!(output.task_handle))]))
        }
        "TagQueue" => {
            client
                .tag_queue()
                .set_queue_url(text(input, "QueueUrl"))
                .set_tags(map(input, "Tags"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        "UntagQueue" => {
            client
                .untag_queue()
                .set_queue_url(text(input, "QueueUrl"))
                .set_tag_keys(texts(input, "TagKeys"))
                .send()
                .await
                .map_err(refused)?;
            Ok(json!({}))
        }
        _ => batch(client, operation, input).await,
    }
}

fn task(task: &ListMessageMoveTasksResultEntry) -> Value {
    object([
        ("TaskHandle", json!(task.task_handle)),
        ("Status", json!(task.status)),
        ("SourceArn", json!(task.source_arn)),
        ("DestinationArn", json!(task.destination_arn)),
        ("MaxNumberOfMessagesPerSecond", json!(task.max_number_of_messages_per_second)),
        ("ApproximateNumberOfMessagesMoved", json!(task.approximate_number_of_messages_moved)),
        ("ApproximateNumberOfMessagesToMove", json!(task.approximate_number_of_messages_to_move)),
        ("FailureReason", json!(task.failure_reason)),
        ("StartedTimestamp", json!(task.started_timestamp)),
    ])
}

fn entries<T>(input: &Value, one: impl Fn(&Value) -> Result<T, Refused>) -> Result<Option<Vec<T>>, Refused> {
    input["Entries"].as_array().map(|entries| entries.iter().map(one).collect()).transpose()
}

async fn batch(client: &Client, operation: &str, input: &Value) -> Result<Value, Refused> {
    match operation {
        "ChangeMessageVisibilityBatch" => {
            let one = |entry: &Value| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .set_id(text(entry, "Id"))
                    .set_receipt_handle(text(entry, "ReceiptHandle"))
                    .set_visibility_timeout(number(entry, "VisibilityTimeout"))
                    .build()
                    .map_err(broken)
            };
            let call = client.change_message_visibility_batch().set_queue_url(text(input, "QueueUrl"));
            let output = call.set_entries(entries(input, one)?).send().await.map_err(refused)?;
            let taken = output.successful.iter().map(|entry| json!({ "Id": entry.id })).collect();
            Ok(object([("Successful", taken), ("Failed", failed(&output.failed))]))
        }
        "DeleteMessageBatch" => {
            let one = |entry: &Value| {
                DeleteMessageBatchRequestEntry::builder()
                    .set_id(text(entry, "Id"))
                    .set_receipt_handle(text(entry, "ReceiptHandle"))
                    .build()
                    .map_err(broken)
            };
            let call = client.delete_message_batch().set_queue_url(text(input, "QueueUrl"));
            let output = call.set_entries(entries(input, one)?).send().await.map_err(refused)?;
            let taken = output.successful.iter().map(|entry| json!({ "Id": entry.id })).collect();
            Ok(object([("Successful", taken), ("Failed", failed(&output.failed))]))
        }
        "SendMessageBatch" => {
            let call = client.send_message_batch().set_queue_url(text(input, "QueueUrl"));
            let output = call.set_entries(entries(input, to_send)?).send().await.map_err(refused)?;
            let taken = output.successful.iter().map(sent).collect();
            Ok(object([("Successful", taken), ("Failed", failed(&output.failed))]))
        }
        _ => Err(broken(format!("{operation} is not known here"))),
    }
}

fn to_send(entry: &Value) -> Result<SendMessageBatchRequestEntry, Refused> {
    SendMessageBatchRequestEntry::builder()
        .set_id(text(entry, "Id"))
        .set_message_body(text(entry, "MessageBody"))
        .set_delay_seconds(number(entry, "DelaySeconds"))
        .set_message_attributes(attributes(entry)?)
        .set_message_system_attributes(system_attributes(entry)?)
        .set_message_deduplication_id(text(entry, "MessageDeduplicationId"))
        .set_message_group_id(text(entry, "MessageGroupId"))
        .build()
        .map_err(broken)
}

fn sent(entry: &SendMessageBatchResultEntry) -> Value {
    object([
        ("Id", json!(entry.id)),
        ("MessageId", json!(entry.message_id)),
        ("MD5OfMessageBody", json!(entry.md5_of_message_body)),
        ("MD5OfMessageAttributes", json!(entry.md5_of_message_attributes)),
        ("MD5OfMessageSystemAttributes", json!(entry.md5_of_message_system_attributes)),
        ("SequenceNumber", json!(entry.sequence_number)),
    ])
}
