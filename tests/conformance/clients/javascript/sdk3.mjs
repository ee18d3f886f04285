// The AWS SDK for JavaScript v3.

import * as sqs from "@aws-sdk/client-sqs";

export function connect(program) {
  const client = new sqs.SQSClient({
    endpoint: program.endpoint,
    region: program.region,
    credentials: { accessKeyId: program.access_key, secretAccessKey: program.secret_key },
    maxAttempts: 2,
    requestHandler: { httpAgent: { maxSockets: 64 }, requestTimeout: 60_000 },
  });
  return (operation, input) => client.send(new sqs[`${operation}Command`](input));
}

// An error of the model has a class of its own; the name of any other is the shape, or the code of the Query error.
export function check_refusal(expected, error, need) {
  if (!(error instanceof sqs.SQSServiceException)) throw error;
  const Class = sqs[expected.shape];
  need(!Class || error instanceof Class, "class", expected.shape, error.name);
  need(!Class || error.name === expected.shape, "name", expected.shape, error.name);
  need([error.Code, error.Error?.Code, error.name].includes(expected.code), "code", expected.code, `${error.name}: ${error.message}`);
  need(error.message && (expected.message === null || error.message === expected.message), "message", expected.message, error.message);
  need(error.$metadata.httpStatusCode === expected.status, "status", expected.status, error.$metadata.httpStatusCode);
}
