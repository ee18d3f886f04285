import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** The AWS SDK for Java v2. */
final class SdkV2 implements Sdk {
    private static final String MODEL = "software.amazon.awssdk.services.sqs.model.";

    private SqsClient client;

    @Override
    public void connect(JsonNode program) {
        var keys = AwsBasicCredentials.create(program.get("access_key").asText(), program.get("secret_key").asText());
        client = SqsClient.builder()
            .endpointOverride(URI.create(program.get("endpoint").asText()))
            .region(Region.of(program.get("region").asText()))
            .credentialsProvider(StaticCredentialsProvider.create(keys))
            .httpClientBuilder(Apache5HttpClient.builder().maxConnections(64).socketTimeout(Duration.ofSeconds(60)))
            .build();
    }

    @Override
    public JsonNode call(String operation, JsonNode given) throws ReflectiveOperationException, Refused {
        Class<?> request = Class.forName(MODEL + operation + "Request");
        String method = operation.substring(0, 1).toLowerCase() + operation.substring(1);
        Object input = Shapes.build((SdkPojo) request.getMethod("builder").invoke(null), given);
        try {
            return Shapes.plain(SqsClient.class.getMethod(method, request).invoke(client, input));
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof SqsException told) {
                throw new Told(told);
            }
            if (thrown.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw thrown;
        }
    }

    /** Errors of the model have a class each, the framework's are plain SqsExceptions. */
    private static final class Told extends Refused {
        private final transient SqsException told;

        Told(SqsException told) {
            super(told);
            this.told = told;
        }

        @Override
        String code() {
            return told.awsErrorDetails().errorCode();
        }

        @Override
        String text() {
            return told.awsErrorDetails().errorMessage();
        }

        @Override
        int status() {
            return told.statusCode();
        }

        @Override
        boolean query() {
            return false;
        }

        @Override
        boolean isOf(String shape) throws ClassNotFoundException {
            if (shape == null) {
                return told.getClass() == SqsException.class;
            }
            return told.getClass() == Class.forName(MODEL + (shape.endsWith("Exception") ? shape : shape + "Exception"));
        }
    }
}
