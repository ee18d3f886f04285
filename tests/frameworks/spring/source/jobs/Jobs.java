package jobs;

import io.awspring.cloud.sqs.annotation.SqsListener;
import io.awspring.cloud.sqs.operations.SqsTemplate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Spring Cloud AWS: jobs go in by SqsTemplate as JSON, and come out by @SqsListener. */
@SpringBootApplication
public class Jobs {
    /** A job: its number, and the value whose square it asks for. */
    public record Job(int number, long value) {}

    public static void main(String[] arguments) {
        SpringApplication.run(Jobs.class, arguments);
    }

    @SqsListener("${JOBS_QUEUE}")
    public void work(Job job) {
        System.out.println("done " + job.number() + " " + job.value() * job.value());
    }

    @Bean
    CommandLineRunner produce(SqsTemplate template, @Value("${JOBS_QUEUE}") String queue, @Value("${JOBS_COUNT}") int count) {
        return arguments -> {
            for (int number = 0; number < count; ++number) {
                send(template, queue, new Job(number, number + 7));
            }
            System.out.println("sent");
        };
    }

    /** As a producer must: whatever was not answered is sent again. */
    private static void send(SqsTemplate template, String queue, Job job) throws InterruptedException {
        while (true) {
            try {
                template.send(to -> {
                    to.queue(queue).payload(job);
                    if (queue.endsWith(".fifo")) {
                        to.messageGroupId("group-" + job.number() % 4).messageDeduplicationId("job-" + job.number());
                    }
                });
                return;
            } catch (RuntimeException unanswered) {
                Thread.sleep(200);
            }
        }
    }
}
