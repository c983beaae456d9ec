import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Writes derived-messages.jsonl: every message class of Apache Kafka, in every version it has, filled with seeded values
 * and serialized by Kafka's own code; README.md beside the output tells how to run it and what the lines hold.
 */
public final class DeriveMessages {
    private static final String[] RECORD_PACKAGES = {
        "org/apache/kafka/common/message/",
        "org/apache/kafka/common/metadata/",
        "org/apache/kafka/coordinator/group/generated/",
        "org/apache/kafka/coordinator/share/generated/",
        "org/apache/kafka/coordinator/transaction/generated/",
    };
    private static final String[] TEXTS = {"a", "topic-", "größe", "日本", "\uD83D\uDE80", "x.y_z-"};
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Random random;
    private final boolean full;
    private final short version;

    private DeriveMessages(String name, short version, boolean full) {
        this.random = new Random((name + "/" + version + "/" + full).hashCode() * 0x9E3779B97F4A7C15L);
        this.version = version;
        this.full = full;
    }

    public static void main(String[] args) throws Exception {
        try (PrintStream out = new PrintStream(args[0], StandardCharsets.UTF_8)) {
            for (ApiMessageType type : ApiMessageType.values()) {
                short last = type.highestSupportedVersion(true);
                for (short version = type.lowestSupportedVersion(); version <= last; version++) {
                    derive(out, type.newRequest().getClass(), version, type.apiKey());
                    derive(out, type.newResponse().getClass(), version, type.apiKey());
                }
            }
            for (String name : recordClasses()) {
                Class<? extends Message> type = Class.forName(name).asSubclass(Message.class);
                Message sample = type.getDeclaredConstructor().newInstance();
                int id = sample instanceof ApiMessage api ? api.apiKey() : -1;
                for (short version = sample.lowestSupportedVersion(); version <= sample.highestSupportedVersion(); version++)
                    derive(out, type, version, id);
            }
        }
    }

    private static TreeSet<String> recordClasses() throws Exception {
        TreeSet<String> names = new TreeSet<>();
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!path.endsWith(".jar")) continue;
            try (JarFile jar = new JarFile(path)) {
                jar.stream().map(entry -> entry.getName()).filter(DeriveMessages::isRecordClass).forEach(names::add);
            }
        }
        TreeSet<String> classes = new TreeSet<>();
        for (String name : names) {
            String className = name.replace(".class", "").replace('/', '.');
            if (Message.class.isAssignableFrom(Class.forName(className))) classes.add(className);
        }
        return classes;
    }

    private static boolean isRecordClass(String path) {
        return Arrays.stream(RECORD_PACKAGES).anyMatch(folder -> path.startsWith(folder) && path.indexOf('/', folder.length()) < 0)
            && path.endsWith(".class") && !path.contains("$") && !path.matches(".*(Request|Response)Data\\.class");
    }

    /** Two lines: one with every field set away from its default, one with nulls, empty and default values in between. */
    private static void derive(PrintStream out, Class<? extends Message> type, short version, int id) throws Exception {
        String name = type.getSimpleName().replaceAll("(?<=Request|Response|Header)Data$", "");
        for (boolean full : new boolean[] {true, false}) {
            Message message = new DeriveMessages(name, version, full).fill(type);
            ObjectNode line = JSON.createObjectNode();
            line.put("message", name).put("id", id).put("version", version).put("filled", full ? "full" : "sparse");
            line.put("hex", HexFormat.of().formatHex(bytes(message, version)));
            line.set("value", longsAsText(toJson(message, version)));
            out.println(JSON.writeValueAsString(line));
        }
    }

    private static byte[] bytes(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        if (buffer.hasRemaining()) throw new IllegalStateException(message + " is smaller than it said");
        return buffer.array();
    }

    private static JsonNode toJson(Message message, short version) throws Exception {
        Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
        return (JsonNode) converter.getMethod("write", message.getClass(), short.class).invoke(null, message, version);
    }

    /** 64-bit numbers as text, so that a reader whose numbers are doubles loses nothing. */
    private static JsonNode longsAsText(JsonNode node) {
        if (node instanceof LongNode) return new TextNode(node.asText());
        if (node instanceof ArrayNode array) {
            for (int index = 0; index < array.size(); index++) array.set(index, longsAsText(array.get(index)));
        } else if (node instanceof ObjectNode object) {
            object.fieldNames().forEachRemaining(name -> object.set(name, longsAsText(object.get(name))));
        }
        return node;
    }

    private Message fill(Class<?> type) throws Exception {
        Message message = (Message) type.getDeclaredConstructor().newInstance();
        Schema schema = ((Schema[]) type.getField("SCHEMAS").get(null))[version];
        Map<String, Field> fields = new HashMap<>();
        for (Field field : type.getDeclaredFields()) {
            field.setAccessible(true);
            if (!Modifier.isStatic(field.getModifiers())) fields.put(plain(field.getName()), field);
        }
        boolean flexible = false;
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                flexible = true;
                for (var field : tagged.fields().values()) fillField(message, fields.get(plain(field.name)), field.type);
            } else {
                fillField(message, fields.get(plain(bound.def.name)), bound.def.type);
            }
        }
        if (flexible && random.nextInt(full ? 2 : 8) == 0)
            message.unknownTaggedFields().add(new RawTaggedField(1000 + random.nextInt(30000), randomBytes(random.nextInt(4))));
        return message;
    }

    /** `topic_id` of a schema and `topicId` of a class are the same field. */
    private static String plain(String name) {
        return name.replace("_", "").toLowerCase();
    }

    private void fillField(Message message, Field field, Type type) throws Exception {
        Object standard = field.get(message);
        if (!full && !field.getType().isPrimitive() && random.nextInt(3) == 0) {
            field.set(message, null);
            if (isWritable(message)) return;
        } else if (!full && random.nextInt(3) == 0) {
            field.set(message, standard);
            if (isWritable(message)) return;
        }
        Object value = value(field, type);
        // A struct may have no field in this version, and then nothing but its default.
        for (int attempt = 0; full && attempt < 20 && value.equals(standard); attempt++) value = value(field, type);
        field.set(message, value);
    }

    /** Whether the message has null only where this version allows it; its other fields still hold their defaults. */
    private boolean isWritable(Message message) {
        try {
            bytes(message, version);
            return true;
        } catch (NullPointerException e) {
            return false;
        }
    }

    private Object value(Field field, Type type) throws Exception {
        Class<?> java = field.getType();
        if (List.class.isAssignableFrom(java)) {
            Class<?> element = elementClass(((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0]);
            return elements(new ArrayList<>(), element, type);
        }
        if (Collection.class.isAssignableFrom(java)) {
            var superclass = (ParameterizedType) java.getGenericSuperclass();
            Collection<Object> collection = newCollection(java);
            return elements(collection, elementClass(superclass.getActualTypeArguments()[0]), type);
        }
        return scalar(java, type);
    }

    @SuppressWarnings("unchecked")
    private static Collection<Object> newCollection(Class<?> type) throws Exception {
        return (Collection<Object>) type.getDeclaredConstructor().newInstance();
    }

    private static Class<?> elementClass(java.lang.reflect.Type type) {
        return (Class<?>) type;
    }

    private Collection<Object> elements(Collection<Object> into, Class<?> element, Type type) throws Exception {
        int count = 1 + random.nextInt(2);
        for (int index = 0; index < count; index++) into.add(scalar(element, type.arrayElementType().orElse(type)));
        return into;
    }

    private Object scalar(Class<?> java, Type type) throws Exception {
        if (java == boolean.class || java == Boolean.class) return random.nextBoolean();
        if (java == byte.class || java == Byte.class) return (byte) number(Byte.MIN_VALUE, Byte.MAX_VALUE);
        if (java == short.class || java == Short.class) return (short) number(Short.MIN_VALUE, Short.MAX_VALUE);
        if (type == Type.UINT16) return (int) number(0, 0xffff);
        if (type == Type.UNSIGNED_INT32) return number(0, 0xffffffffL);
        if (java == int.class || java == Integer.class) return (int) number(Integer.MIN_VALUE, Integer.MAX_VALUE);
        if (java == long.class || java == Long.class) return number(Long.MIN_VALUE, Long.MAX_VALUE);
        if (java == double.class || java == Double.class) return random.nextInt(1 << 20) / 64.0 - 512;
        if (java == String.class) return text();
        if (java == Uuid.class) return new Uuid(random.nextLong(), random.nextLong());
        if (java == byte[].class) return randomBytes(size());
        if (java == ByteBuffer.class) return ByteBuffer.wrap(randomBytes(size()));
        if (java == BaseRecords.class) return MemoryRecords.readableRecords(ByteBuffer.wrap(randomBytes(size())));
        if (Message.class.isAssignableFrom(java)) return fill(java);
        throw new IllegalStateException("no values for " + java);
    }

    /** Small ones, the two ends, and anything between. */
    private long number(long least, long most) {
        return switch (random.nextInt(8)) {
            case 0 -> least;
            case 1 -> most;
            case 2, 3 -> most == Long.MAX_VALUE ? random.nextLong() : least + Math.floorMod(random.nextLong(), most - least + 1);
            default -> 1 + random.nextInt(100);
        };
    }

    private String text() {
        if (random.nextInt(40) == 0) return "long-".repeat(26 + random.nextInt(3));
        if (!full && random.nextInt(4) == 0) return "";
        return TEXTS[random.nextInt(TEXTS.length)] + random.nextInt(100);
    }

    /** Mostly a few bytes; now and then enough for a length of two bytes in the compact form. */
    private int size() {
        return random.nextInt(20) == 0 ? 126 + random.nextInt(4) : 1 + random.nextInt(5);
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
