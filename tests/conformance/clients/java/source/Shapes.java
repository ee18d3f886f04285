import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.utils.builder.Buildable;

/** Turns plain data into the SDK's objects and back, by the SDK's own description of their members. */
final class Shapes {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Shapes() {}

    /** Fills a builder and returns what it builds. */
    static Object build(SdkPojo builder, JsonNode data) {
        for (SdkField<?> field : builder.sdkFields()) {
            JsonNode value = data.get(field.locationName());
            if (value != null) {
                field.set(builder, toSdk(field, value));
            }
        }
        return ((Buildable) builder).build();
    }

    private static Object toSdk(SdkField<?> field, JsonNode value) {
        MarshallingType<?> type = field.marshallingType();
        if (type == MarshallingType.LIST) {
            List<Object> list = new ArrayList<>();
            value.forEach(item -> list.add(toSdk(field.getTrait(ListTrait.class).memberFieldInfo(), item)));
            return list;
        }
        if (type == MarshallingType.MAP) {
            Map<String, Object> map = new LinkedHashMap<>();
            value.fields().forEachRemaining(
                one -> map.put(one.getKey(), toSdk(field.getTrait(MapTrait.class).valueFieldInfo(), one.getValue())));
            return map;
        }
        if (type == MarshallingType.SDK_POJO) {
            return build(field.constructor().get(), value);
        }
        if (type == MarshallingType.SDK_BYTES) {
            return SdkBytes.fromByteArray(Base64.getDecoder().decode(value.get("$bytes").asText()));
        }
        return type == MarshallingType.INTEGER ? (Object) value.asInt() : value.asText();
    }

    static JsonNode plain(Object value) {
        if (value instanceof SdkPojo object) {
            ObjectNode node = NODES.objectNode();
            for (SdkField<?> field : object.sdkFields()) {
                node.set(field.locationName(), plain(field.getValueOrDefault(object)));
            }
            return node;
        }
        if (value instanceof Collection<?> list) {
            var node = NODES.arrayNode();
            list.forEach(item -> node.add(plain(item)));
            return node;
        }
        if (value instanceof Map<?, ?> map) {
            ObjectNode node = NODES.objectNode();
            map.forEach((key, item) -> node.set(String.valueOf(key), plain(item)));
            return node;
        }
        if (value instanceof SdkBytes bytes) {
            return NODES.textNode(Base64.getEncoder().encodeToString(bytes.asByteArray()));
        }
        if (value instanceof Boolean truth) {
            return NODES.booleanNode(truth);
        }
        if (value instanceof Integer number) {
            return NODES.numberNode(number);
        }
        if (value instanceof Long number) { // as it is read from JSON, to be comparable
            return number == number.intValue() ? NODES.numberNode(number.intValue()) : NODES.numberNode(number.longValue());
        }
        return value == null ? NODES.nullNode() : NODES.textNode(value.toString());
    }
}
