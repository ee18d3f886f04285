import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
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

/** Plays the cases with an AWS SDK for Java: Player SDK PROGRAM. The language of the steps is told in README.md. */
public final class Player {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)\\}");

    private final Sdk sdk;
    private final Map<String, String> variables = new ConcurrentHashMap<>();

    private Player(Sdk sdk, JsonNode variables) {
        this.sdk = sdk;
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

    private static void checkRefusal(JsonNode expected, Sdk.Refused refused) throws ClassNotFoundException {
        JsonNode message = expected.get(refused.query() ? "query_message" : "message");
        Matching.need(expected.get("code").asText().equals(refused.code()), "code", expected.get("code"), refused);
        Matching.need(refused.text() != null && !refused.text().isEmpty(), "message", "some text", refused.text());
        Matching.need(message.isNull() || message.asText().equals(refused.text()), "message", message, refused.text());
        Matching.need(refused.status() == expected.get("status").asInt(), "status", expected.get("status"), refused.status());
        String shape = expected.get("modelled").asBoolean() ? expected.get("shape").asText() : null;
        Matching.need(refused.isOf(shape), "class", shape, refused.getCause().getClass());
    }

    private void runCall(JsonNode step) throws ReflectiveOperationException {
        String operation = step.get("call").asText();
        long started = System.nanoTime();
        JsonNode output;
        try {
            output = sdk.call(operation, fill(step.get("input")));
        } catch (Sdk.Refused refused) {
            Matching.need(step.has("refused"), operation, "an answer", refused);
            checkRefusal(fill(step.get("refused")), refused);
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
        JsonNode program = new ObjectMapper().readTree(new File(arguments[1]));
        Sdk sdk = (Sdk) Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
        sdk.connect(program);
        var failures = new AtomicInteger();
        var workers = Executors.newFixedThreadPool(program.get("workers").asInt());
        for (JsonNode one : program.get("cases")) {
            workers.submit(() -> {
                String line = "ok " + one.get("name").asText();
                try {
                    new Player(sdk, one.get("variables")).runLane(one.get("steps"));
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
