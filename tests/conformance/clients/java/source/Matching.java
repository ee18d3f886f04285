import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Compares what was expected with what came: objects in part, lists as a whole, matchers as told in README.md. */
final class Matching {
    /** A broken expectation; any other exception is the client's own. */
    static final class Mismatch extends RuntimeException {
        Mismatch(String text) {
            super(text);
        }
    }

    private interface Matcher {
        void match(JsonNode wanted, JsonNode actual, String path);
    }

    private static final Map<String, Matcher> MATCHERS = Map.of(
        "$absent", (wanted, actual, path) -> need(isAbsent(actual), path, "nothing", actual),
        "$matches", (wanted, actual, path) -> need(
            actual != null && actual.isTextual() && Pattern.compile(wanted.asText(), Pattern.DOTALL).matcher(actual.asText()).find(),
            path, wanted, actual),
        "$length", (wanted, actual, path) -> need(
            actual != null && (actual.isTextual() ? actual.asText().length() : actual.size()) == wanted.asInt(), path, wanted, actual),
        "$between", (wanted, actual, path) -> need(
            actual != null && wanted.get(0).asDouble() <= actual.asDouble() && actual.asDouble() <= wanted.get(1).asDouble(),
            path, wanted, actual),
        "$not", (wanted, actual, path) -> need(!wanted.equals(actual), path, "not " + wanted, actual),
        "$unordered", Matching::matchUnordered);

    private Matching() {}

    static void need(boolean holds, String path, Object expected, Object actual) {
        if (!holds) {
            throw new Mismatch((path.isEmpty() ? "output" : path) + ": expected " + brief(expected) + ", got " + brief(actual));
        }
    }

    private static String brief(Object value) {
        String text = String.valueOf(value);
        return text.length() < 300 ? text : text.substring(0, 300) + "…";
    }

    private static boolean isAbsent(JsonNode value) {
        return value == null || value.isNull() || (value.isContainerNode() && value.isEmpty());
    }

    static void match(JsonNode expected, JsonNode actual, String path) {
        if (expected.isObject() && !expected.isEmpty() && expected.fieldNames().next().startsWith("$")) {
            var matcher = expected.fields().next();
            MATCHERS.get(matcher.getKey()).match(matcher.getValue(), actual, path);
        } else if (expected.isObject()) {
            need(actual != null && actual.isObject(), path, expected, actual);
            expected.fields().forEachRemaining(member -> match(member.getValue(), actual.get(member.getKey()), path + "." + member.getKey()));
        } else if (expected.isArray()) {
            need(actual != null && actual.isArray() && actual.size() == expected.size(), path, expected, actual);
            for (int n = 0; n < expected.size(); n++) {
                match(expected.get(n), actual.get(n), path + "." + n);
            }
        } else {
            need(expected.equals(actual), path, expected, actual);
        }
    }

    private static void matchUnordered(JsonNode wanted, JsonNode actual, String path) {
        need(actual != null && actual.isArray() && actual.size() == wanted.size(), path, wanted, actual);
        List<JsonNode> left = new ArrayList<>();
        actual.forEach(left::add);
        for (JsonNode item : wanted) {
            JsonNode found = left.stream().filter(one -> matches(item, one)).findFirst().orElse(null);
            need(found != null, path, item, left);
            left.remove(found);
        }
    }

    private static boolean matches(JsonNode expected, JsonNode actual) {
        try {
            match(expected, actual, "");
            return true;
        } catch (Mismatch wrong) {
            return false;
        }
    }
}
