import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** Plays the cases with the AWS SDK for Java v2. The language of the steps is told in README.md. */
public final class Player {
    private static final String MODEL = "software.amazon.awssdk.services.sqs.model.";
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)\\}");

    private final SqsClient client;
    private final Map<String, String> variables = new ConcurrentHashMap<>();

    private Player(SqsClient client, JsonNode variables) {
        this.client = client;
        variables.fields().forEachRemaining(one -> this.variables.put(one.getKey(), one.getValue().asText()));
    }

    private JsonNode fill(JsonNode value) {
        if (value.isTextual()) {
            return JsonNodeFactory.instance.textNode(VARIABLE.matcher(value.asText()).replaceAll(
                found -> Matcher.quoteReplacement(variables.get(found.group(1)))));
        }
        if (value.isArray()) {
            var filled = JsonNodeFactory.instance.arrayNode();
            value.forEach(item -> filled.add(fill(item)));
            return filled;
        }
        if (value.isObject()) {
            ObjectNode filled = JsonNodeFactory.instance.objectNode();
            value.fields().forEachRemaining(one -> filled.set(one.getKey(), fill(one.getValue())));
            return filled;
        }
        return value;
    }

    private JsonNode call(String operation, JsonNode given) throws ReflectiveOperationException {
        Class<?> request = Class.forName(MODEL + operation + "Request");
        String method = operation.substring(0, 1).toLowerCase() + operation.substring(1);
        Object input = Shapes.build((SdkPojo) request.getMethod("builder").invoke(null), given);
        try {
            return Shapes.plain(SqsClient.class.getMethod(method, request).invoke(client, input));
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw thrown;
        }
    }

    /** Errors of the model have a class each, the framework's are plain SqsExceptions. */
    private static void checkRefusal(JsonNode expected, SqsException error) throws ClassNotFoundException {
        String shape = expected.get("shape").asText();
        boolean modelled = expected.get("modelled").asBoolean();
        Class<?> kind = modelled ? Class.forName(MODEL + shape + "Exception") : SqsException.class;
        var told = error.awsErrorDetails();
        Matching.need(expected.get("code").asText().equals(told.errorCode()), "code", expected.get("code"), error);
        Matching.need(error.getClass() == kind, "class", kind, error.getClass());
        Matching.need(!told.errorMessage().isEmpty(), "message", "some text", told.errorMessage());
        Matching.need(expected.get("message").isNull() || expected.get("message").asText().equals(told.errorMessage()),
            "message", expected.get("message"), told.errorMessage());
        Matching.need(error.statusCode() == expected.get("status").asInt(), "status", expected.get("status"), error.statusCode());
    }

    private void runCall(JsonNode step) throws ReflectiveOperationException {
        String operation = step.get("call").asText();
        long started = System.nanoTime();
        JsonNode output;
        try {
            output = call(operation, fill(step.get("input")));
        } catch (SqsException error) {
            Matching.need(step.has("refused"), operation, "an answer", error);
            checkRefusal(fill(step.get("refused")), error);
            return;
        }
        double took = (System.nanoTime() - started) / 1e9;
        Matching.need(!step.has("refused"), operation, step.get("refused"), output);
        if (step.has("expect")) {
            Matching.match(fill(step.get("expect")), output, "");
        }
        if (step.has("took_seconds")) {
            JsonNode bounds = step.get("took_seconds");
            Matching.need(bounds.get(0).asDouble() <= took && took <= bounds.get(1).asDouble(), "seconds taken", bounds, took);
        }
        if (step.has("save")) {
            step.get("save").fields().forEachRemaining(one -> variables.put(one.getKey(),
                output.at("/" + one.getValue().asText().replace('.', '/')).asText()));
        }
    }

    private void runPatiently(JsonNode step) throws ReflectiveOperationException, InterruptedException {
        long deadline = System.nanoTime() + (long) (step.path("within_seconds").asDouble(0) * 1e9);
        while (true) {
            try {
                runCall(step);
                return;
            } catch (Matching.Mismatch wrong) {
                if (System.nanoTime() - deadline >= 0) {
                    throw wrong;
                }
                Thread.sleep(200);
            }
        }
    }

    private void runTogether(JsonNode lanes) throws Exception {
        var threads = Executors.newFixedThreadPool(lanes.size());
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (JsonNode lane : lanes) {
            running.add(CompletableFuture.runAsync(() -> {
                try {
                    runLane(lane);
                } catch (Exception wrong) {
                    throw new IllegalStateException(wrong.getMessage(), wrong);
                }
            }, threads));
        }
        try {
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).get();
        } finally {
            threads.shutdown();
        }
    }

    private void runLane(JsonNode steps) throws Exception {
        int number = 0;
        for (JsonNode step : steps) {
            number++;
            try {
                if (step.has("sleep_seconds")) {
                    Thread.sleep((long) (step.get("sleep_seconds").asDouble() * 1000));
                } else if (step.has("together")) {
                    runTogether(step.get("together"));
                } else {
                    runPatiently(step);
                }
            } catch (Exception wrong) {
                throw new Exception("step " + number + " " + step.path("call").asText() + ": " + wrong.getMessage(), wrong);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        JsonNode program = new ObjectMapper().readTree(new File(arguments[0]));
        var keys = AwsBasicCredentials.create(program.get("access_key").asText(), program.get("secret_key").asText());
        SqsClient client = SqsClient.builder()
            .endpointOverride(URI.create(program.get("endpoint").asText()))
            .region(Region.of(program.get("region").asText()))
            .credentialsProvider(StaticCredentialsProvider.create(keys))
            .httpClientBuilder(Apache5HttpClient.builder().maxConnections(64).socketTimeout(Duration.ofSeconds(60)))
            .build();
        var failures = new AtomicInteger();
        var workers = Executors.newFixedThreadPool(program.get("workers").asInt());
        for (JsonNode one : program.get("cases")) {
            workers.submit(() -> {
                String line = "ok " + one.get("name").asText();
                try {
                    new Player(client, one.get("variables")).runLane(one.get("steps"));
                } catch (Throwable wrong) {
                    failures.incrementAndGet();
                    String why = String.valueOf(wrong.getMessage()).replace('\n', ' ');
                    line = "not " + line + " - " + why.substring(0, Math.min(900, why.length()));
                }
                System.out.println(line);
            });
        }
        workers.shutdown();
        workers.awaitTermination(1, TimeUnit.HOURS);
        System.exit(failures.get() > 0 ? 1 : 0);
    }
}
