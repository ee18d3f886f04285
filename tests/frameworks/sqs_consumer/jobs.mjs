// sqs-consumer and sqs-producer: jobs are JSON bodies; a handled message is deleted by the consumer.
import { SQSClient } from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";
import { Producer } from "sqs-producer";

const { JOBS_ENDPOINT: endpoint, JOBS_QUEUE_URL: queueUrl, JOBS_COUNT: count } = process.env;
const sqs = new SQSClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "any", secretAccessKey: "any" } });
const is_fifo = queueUrl.endsWith(".fifo");
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const consumer = Consumer.create({
  queueUrl, sqs, batchSize: 10, waitTimeSeconds: 5, pollingWaitTimeMs: 10,
  handleMessage: async (message) => {
    const { number, value } = JSON.parse(message.Body);
    console.log(`done ${number} ${value * value}`);
    return message;
  },
});
for (const trouble of ["error", "processing_error", "timeout_error"]) {
  consumer.on(trouble, (error) => console.error(trouble, error.message));
}
process.on("SIGTERM", () => {
  consumer.on("stopped", () => process.exit(0));
  consumer.stop({ abort: true });
});
consumer.start();

const producer = Producer.create({ queueUrl, sqs });
for (let number = 0; number < Number(count); number += 10) {
  const jobs = Array.from({ length: Math.min(10, count - number) }, (_, n) => ({
    id: `job-${number + n}`, body: JSON.stringify({ number: number + n, value: number + n + 7 }),
    ...(is_fifo ? { groupId: `group-${(number + n) % 4}`, deduplicationId: `job-${number + n}` } : {}),
  }));
  for (let sent = false; !sent;) { // as a producer must: whatever was not answered is sent again
    try {
      await producer.send(jobs);
      sent = true;
    } catch {
      await pause(200);
    }
  }
}
console.log("sent");
