import com.amazonaws.ClientConfiguration;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.sqs.AmazonSQS;
import com.amazonaws.services.sqs.AmazonSQSClientBuilder;
import com.amazonaws.services.sqs.model.AmazonSQSException;
import com.amazonaws.services.sqs.model.ListDeadLetterSourceQueuesResult;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategy;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;

/** The AWS SDK for Java v1, of the time when it spoke the Query protocol. It sends to the host of a queue's URL. */
final class SdkV1 implements Sdk {
    private static final String MODEL = "com.amazonaws.services.sqs.model.";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
        .propertyNamingStrategy(new Names()).serializationInclusion(JsonInclude.Include.NON_NULL)
        .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES).disable(MapperFeature.USE_GETTERS_AS_SETTERS).build();

    private AmazonSQS client;

    /** A member on the wire is its getter's name after "get", in all operations but one. */
    private static final class Names extends PropertyNamingStrategy {
        @Override
        public String nameForGetterMethod(MapperConfig<?> config, AnnotatedMethod method, String property) {
            return method.getDeclaringClass() == ListDeadLetterSourceQueuesResult.class ? property
                : method.getName().substring("get".length());
        }

        @Override
        public String nameForSetterMethod(MapperConfig<?> config, AnnotatedMethod method, String property) {
            return method.getName().substring("set".length());
        }
    }

    @Override
    public void connect(JsonNode program) {
        var keys = new BasicAWSCredentials(program.get("access_key").asText(), program.get("secret_key").asText());
        client = AmazonSQSClientBuilder.standard()
            .withEndpointConfiguration(
                new EndpointConfiguration(program.get("endpoint").asText(), program.get("region").asText()))
            .withCredentials(new AWSStaticCredentialsProvider(keys))
            .withClientConfiguration(new ClientConfiguration().withMaxConnections(64).withSocketTimeout(60_000))
            .build();
    }

    @Override
    public JsonNode call(String operation, JsonNode given) throws ReflectiveOperationException, Refused {
        Class<?> request = Class.forName(MODEL + operation + "Request");
        String method = operation.substring(0, 1).toLowerCase() + operation.substring(1);
        Object input = MAPPER.convertValue(bytesAsText(given), request);
        try {
            return MAPPER.readTree(MAPPER.writeValueAsBytes(AmazonSQS.class.getMethod(method, request).invoke(client, input)));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof AmazonSQSException told) {
                throw new Told(told);
            }
            if (thrown.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw thrown;
        }
    }

    private static JsonNode bytesAsText(JsonNode value) {
        if (value.has("$bytes")) {
            return value.get("$bytes");
        }
        if (value instanceof ObjectNode object) {
            object.fields().forEachRemaining(one -> one.setValue(bytesAsText(one.getValue())));
        }
        return value;
    }

    /** Its classes are from before the present model: only code, text and status are compared. */
    private static final class Told extends Refused {
        private final transient AmazonSQSException told;

        Told(AmazonSQSException told) {
            super(told);
            this.told = told;
        }

        @Override
        String code() {
            return told.getErrorCode();
        }

        @Override
        String text() {
            return told.getErrorMessage();
        }

        @Override
        int status() {
            return told.getStatusCode();
        }

        @Override
        boolean query() {
            return true;
        }

        @Override
        boolean isOf(String shape) {
            return true;
        }
    }
}
