// The AWS SDK for JavaScript v2, of the time when it spoke the Query protocol. It sends to the host of a queue's URL.

import AWS from "aws-sdk";

export function connect(program) {
  const client = new AWS.SQS({
    endpoint: program.endpoint,
    region: program.region,
    credentials: { accessKeyId: program.access_key, secretAccessKey: program.secret_key },
    maxRetries: 1,
    httpOptions: { timeout: 60_000 },
  });
  return async (operation, input) => {
    const { $response, ...output } = await client[operation[0].toLowerCase() + operation.slice(1)](input).promise();
    return output;
  };
}

// It has no classes: the code of the Query error is the name.
export function check_refusal(expected, error, need) {
  if (!error.statusCode) throw error;
  need(error.code === expected.code, "code", expected.code, `${error.code}: ${error.message}`);
  const message = expected.query_message;
  need(error.message && (message === null || error.message === message), "message", message, error.message);
  need(error.statusCode === expected.status, "status", expected.status, error.statusCode);
}
