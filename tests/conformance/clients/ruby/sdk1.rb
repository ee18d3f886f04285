# The AWS SDK for Ruby v1. It speaks Query and sends each request to the path of the queue's URL.

require "aws/sqs"
require "uri"
require_relative "lines"

# Maps: their keys are the caller's, all other keys are names of members.
MAPS = %w[Attributes MessageAttributes MessageSystemAttributes].freeze

def to_sdk(value)
  case value
  when Array then value.map { |item| to_sdk(item) }
  when Hash
    return value["$bytes"].unpack1("m") if value.key?("$bytes")
    value.to_h do |key, item|
      taken = MAPS.include?(key) ? item.transform_values { |one| to_sdk(one) } : to_sdk(item)
      [AWS::Core::Inflection.ruby_name(key).to_sym, taken]
    end
  else value
  end
end

def wire_name(name, operation)
  return "queueUrls" if name == :queue_urls && operation == "ListDeadLetterSourceQueues"
  name.to_s.split("_").map(&:capitalize).join.sub("Md5", "MD5")
end

def to_plain(value, operation)
  case value
  when Array then value.map { |item| to_plain(item, operation) }
  when Hash
    value.to_h do |key, item|
      next [wire_name(key, operation), [item].pack("m0")] if key == :binary_value
      [key.is_a?(Symbol) ? wire_name(key, operation) : key, to_plain(item, operation)]
    end
  else value
  end
end

endpoint, region, id, secret = ARGV
address = URI(endpoint)
client = AWS::SQS::Client.new(
  sqs_endpoint: address.host, sqs_port: address.port, use_ssl: false, sqs_region: region, access_key_id: id,
  secret_access_key: secret, max_retries: 1, http_read_timeout: 60
)
answer_lines do |operation, input|
  data = client.public_send(AWS::Core::Inflection.ruby_name(operation), to_sdk(input)).data
  { output: to_plain(data.reject { |key, _| key == :response_metadata }, operation) }
rescue AWS::Errors::Base => e
  { refused: { code: e.code, message: e.message, status: e.http_response.status } }
end
