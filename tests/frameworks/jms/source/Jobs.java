import com.amazon.sqs.javamessaging.ProviderConfiguration;
import com.amazon.sqs.javamessaging.SQSConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Amazon's JMS library: jobs are text messages, a listener does them and acknowledges by returning. */
public class Jobs {
    public static void main(String[] arguments) throws Exception {
        SqsClient client = SqsClient.builder().endpointOverride(URI.create(System.getenv("JOBS_ENDPOINT")))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any"))).build();
        Connection connection =
                new SQSConnectionFactory(new ProviderConfiguration().withNumberOfMessagesToPrefetch(5), client).createConnection();
        Session working = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        String queue = System.getenv("JOBS_QUEUE");
        working.createConsumer(working.createQueue(queue)).setMessageListener(message -> {
            try {
                String[] job = ((TextMessage) message).getText().split(" ");
                long value = Long.parseLong(job[1]);
                System.out.println("done " + job[0] + " " + value * value);
            } catch (JMSException broken) {
                throw new IllegalStateException(broken);
            }
        });
        connection.start();
        Session sending = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = sending.createProducer(sending.createQueue(queue));
        for (int number = 0; number < Integer.parseInt(System.getenv("JOBS_COUNT")); ++number) {
            TextMessage message = sending.createTextMessage(number + " " + (number + 7));
            if (queue.endsWith(".fifo")) {
                message.setStringProperty("JMSXGroupID", "group-" + number % 4);
                message.setStringProperty("JMS_SQS_DeduplicationId", "job-" + number);
            }
            send(producer, message);
        }
        System.out.println("sent");
    }

    /** As a producer must: whatever was not answered is sent again. */
    private static void send(MessageProducer producer, TextMessage message) throws InterruptedException {
        while (true) {
            try {
                producer.send(message);
                return;
            } catch (JMSException unanswered) {
                Thread.sleep(200);
            }
        }
    }
}
