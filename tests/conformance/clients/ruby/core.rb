# What the AWS SDK for Ruby v3 makes its clients of: its core's JSON protocol, signatures, retries and errors. The gem of SQS
# adds the operations' shapes to that; here input and output go as they are (`simple_json`).

require "aws-sdk-core"
require "aws-sdk-core/plugins/protocols/json_rpc"
require_relative "lines"

OPERATIONS = %w[
  AddPermission CancelMessageMoveTask ChangeMessageVisibility ChangeMessageVisibilityBatch CreateQueue DeleteMessage
  DeleteMessageBatch DeleteQueue GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags
  ListQueues PurgeQueue ReceiveMessage RemovePermission SendMessage SendMessageBatch SetQueueAttributes StartMessageMoveTask
  TagQueue UntagQueue
].freeze

def operation_named(name)
  Seahorse::Model::Operation.new.tap do |operation|
    operation.name = name
    operation.http_method = "POST"
    operation.http_request_uri = "/"
    shape = Seahorse::Model::Shapes::StructureShape.new(name: name)
    operation.input = operation.output = Seahorse::Model::Shapes::ShapeRef.new(shape: shape)
  end
end

API = Seahorse::Model::Api.new.tap do |api|
  api.version = "2012-11-05"
  api.metadata = {
    "endpointPrefix" => "sqs", "jsonVersion" => "1.0", "protocol" => "json", "serviceId" => "SQS",
    "signatureVersion" => "v4", "targetPrefix" => "AmazonSQS", "awsQueryCompatible" => {}
  }
  OPERATIONS.each { |name| api.add_operation(name.to_sym, operation_named(name)) }
end

module Errors
  extend Aws::Errors::DynamicErrors
end

class Client < Seahorse::Client::Base
  include Aws::ClientStubs

  set_api(API)
  [Seahorse::Client::Plugins::ContentLength, Aws::Plugins::CredentialsConfiguration, Aws::Plugins::UserAgent,
   Aws::Plugins::HelpfulSocketErrors, Aws::Plugins::RetryErrors, Aws::Plugins::GlobalConfiguration,
   Aws::Plugins::RegionalEndpoint, Aws::Plugins::StubResponses, Aws::Plugins::DefaultsMode,
   Aws::Plugins::RecursionDetection, Aws::Plugins::SignatureV4, Aws::Plugins::Protocols::JsonRpc].each { |one| add_plugin(one) }

  def self.identifier = :sqs
  def self.errors_module = Errors

  def call(name, input)
    context = Seahorse::Client::RequestContext.new(
      operation_name: name.to_sym, operation: config.api.operation(name.to_sym), client: self, params: input, config: config
    )
    Seahorse::Client::Request.new(@handlers.for(name.to_sym), context).send_request.data
  end
end

def without_marks(value)
  case value
  when Array then value.map { |item| without_marks(item) }
  when Hash then value["$bytes"] || value.transform_values { |item| without_marks(item) }
  else value
  end
end

# Its codes are names of classes, so they have no dots.
def dotted(code) = code.sub(/^AWSSimpleQueueService/, "AWS.SimpleQueueService.")

endpoint, region, id, secret = ARGV
client = Client.new(endpoint: endpoint, region: region, access_key_id: id, secret_access_key: secret, simple_json: true,
                    retry_limit: 1)
answer_lines do |operation, input|
  { output: client.call(operation, without_marks(input)) || {} }
rescue Aws::Errors::ServiceError => e
  { refused: { code: dotted(e.code), message: e.message, status: e.context.http_response.status_code } }
end
