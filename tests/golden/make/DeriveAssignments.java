import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/**
 * Writes assignments.jsonl and consumer-protocol.jsonl: what Kafka's own assignors make of seeded groups, round after
 * round, and the bytes in which its consumers put subscriptions and assignments; README.md beside the output tells how to
 * run it and what the lines hold.
 *
 * Where a result depends on the order of a HashMap, the names are chosen so that this order is the alphabet's: single
 * letters that do not wrap around the table.
 */
public final class DeriveAssignments {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] RACKS = {"east", "north", "west"};
    private static final String[] TOPICS = {"orders", "a", "größe", "events.v2", "Z", "日本"};

    public static void main(String[] args) throws Exception {
        try (PrintStream out = new PrintStream(args[0], StandardCharsets.UTF_8)) {
            for (int seed = 0; seed < 60; seed++) new Group(seed, false).play(out, "range", RangeAssignor::new, 1);
            for (int seed = 0; seed < 30; seed++) new Group(100 + seed, false).play(out, "roundrobin", RoundRobinAssignor::new, 1);
            for (int seed = 0; seed < 50; seed++) new Group(200 + seed, true).play(out, "sticky", StickyAssignor::new, 3);
            for (int seed = 0; seed < 50; seed++)
                new Group(300 + seed, true).play(out, "cooperative-sticky", CooperativeStickyAssignor::new, 3);
            for (int seed = 0; seed < 50; seed++) new ServerGroup(400 + seed).play(out, new UniformAssignor(), 3);
            for (int seed = 0; seed < 20; seed++)
                new ServerGroup(500 + seed).play(out, new org.apache.kafka.coordinator.group.assignor.RangeAssignor(), 2);
        }
        try (PrintStream out = new PrintStream(args[1], StandardCharsets.UTF_8)) {
            writeProtocol(out);
        }
    }

    private static final class Member {
        String instance;
        String rack;
        Set<String> topics = new TreeSet<>();
        List<TopicPartition> owned = new ArrayList<>();
        int generation = -1;
        boolean generationInField = true;
    }

    /** A classic group, and the cluster that its leader sees. */
    private static final class Group {
        final Random random;
        final boolean sticky;
        final boolean mixed;
        final boolean racks;
        final TreeMap<String, Member> members = new TreeMap<>();
        final TreeMap<String, List<Set<String>>> topics = new TreeMap<>();
        final int letters;
        int generation = 0;

        Group(int seed, boolean sticky) {
            this.random = new Random(seed * 0x9E3779B97F4A7C15L + 7);
            this.sticky = sticky;
            this.mixed = random.nextBoolean();
            this.racks = random.nextInt(3) == 0;
            // Up to 12 entries lie in a table of 16, where the letters a to o are in order; up to 24 in one of 32.
            boolean many = random.nextInt(8) == 0;
            this.letters = many ? 24 : 12;
            int topicCount = 1 + random.nextInt(5);
            int samePartitions = random.nextInt(3) == 0 ? 1 + random.nextInt(9) : -1;
            for (int i = 0; i < topicCount; i++)
                addTopic(TOPICS[i], samePartitions > 0 ? samePartitions : 1 + random.nextInt(9));
            int memberCount = many ? 13 + random.nextInt(10) : 1 + random.nextInt(9);
            while (members.size() < memberCount) addMember();
        }

        void addTopic(String name, int partitions) {
            List<Set<String>> layout = topics.computeIfAbsent(name, key -> new ArrayList<>());
            for (int i = 0; i < partitions; i++) {
                Set<String> at = new TreeSet<>();
                if (racks) for (int replica = random.nextInt(3); replica >= 0; replica--) at.add(RACKS[random.nextInt(3)]);
                layout.add(at);
            }
        }

        void addMember() {
            String id = sticky
                ? String.valueOf((char) ('a' + random.nextInt(letters == 12 ? 15 : 26)))
                : (random.nextBoolean() ? "consumer-" : "größe-") + random.nextInt(1000);
            if (members.containsKey(id)) return;
            Member member = new Member();
            if (random.nextInt(3) == 0) member.instance = "instance-" + random.nextInt(1000);
            if (racks && random.nextInt(5) != 0) member.rack = random.nextInt(9) == 0 ? "elsewhere" : RACKS[random.nextInt(3)];
            member.generationInField = random.nextInt(4) != 0;
            subscribe(member);
            members.put(id, member);
        }

        void subscribe(Member member) {
            member.topics.clear();
            for (String topic : topics.keySet()) if (!mixed || random.nextInt(3) != 0) member.topics.add(topic);
            if (mixed && random.nextInt(10) == 0) member.topics.add("missing");
            if (member.topics.isEmpty()) member.topics.add(topics.firstKey());
        }

        void play(PrintStream out, String name, Supplier<ConsumerPartitionAssignor> assignor, int rounds) throws Exception {
            for (int round = 0; round < rounds; round++) {
                Map<String, Subscription> subscriptions = new TreeMap<>();
                members.forEach((id, member) -> subscriptions.put(id, subscription(id, member, assignor.get())));
                ObjectNode line = JSON.createObjectNode().put("assignor", name);
                describe(line, subscriptions);
                Map<String, List<TopicPartition>> result = new TreeMap<>();
                try {
                    assignor.get().assign(cluster(), new GroupSubscription(subscriptions)).groupAssignment()
                        .forEach((id, assignment) -> result.put(id, assignment.partitions()));
                } catch (RuntimeException error) {
                    line.put("error", error.getClass().getSimpleName());
                    out.println(JSON.writeValueAsString(line));
                    return;
                }
                ObjectNode assigned = line.putObject("result");
                result.forEach((id, partitions) -> assigned.set(id, byTopic(partitions)));
                out.println(JSON.writeValueAsString(line));
                generation++;
                result.forEach((id, partitions) -> {
                    members.get(id).owned = new ArrayList<>(partitions);
                    members.get(id).generation = generation;
                });
                change();
            }
        }

        Subscription subscription(String id, Member member, ConsumerPartitionAssignor assignor) {
            ByteBuffer userData = null;
            if (member.generation >= 0) {
                assignor.onAssignment(new Assignment(member.owned),
                    new ConsumerGroupMetadata("group", member.generation, id, Optional.ofNullable(member.instance)));
            }
            userData = assignor.subscriptionUserData(member.topics);
            boolean eager = assignor instanceof StickyAssignor;
            // An eager consumer has given up everything by the time it joins; its claim lies in the user data.
            Subscription subscription = new Subscription(new ArrayList<>(member.topics), userData,
                eager ? List.of() : member.owned, eager || member.generationInField ? member.generation : -1,
                Optional.ofNullable(member.rack));
            subscription.setGroupInstanceId(Optional.ofNullable(member.instance));
            return subscription;
        }

        void change() {
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                List<String> ids = new ArrayList<>(members.keySet());
                Member some = members.get(ids.get(random.nextInt(ids.size())));
                Member other = members.get(ids.get(random.nextInt(ids.size())));
                switch (random.nextInt(mixed ? 7 : 5)) {
                    case 0: if (members.size() > 1) members.remove(ids.get(random.nextInt(ids.size()))); break;
                    case 1: case 2: if (members.size() < letters) addMember(); break;
                    case 3: addTopic(new ArrayList<>(topics.keySet()).get(random.nextInt(topics.size())), 1 + random.nextInt(3)); break;
                    case 4:
                        // Two claim the same partitions, in one generation or with one of them left behind.
                        if (some == other || random.nextBoolean()) break;
                        // Kafka compares the one's generation in user data with the other's field, which says nothing then.
                        some.generationInField = true;
                        other.generationInField = true;
                        if (random.nextBoolean()) some.generation = Math.max(0, generation - 1);
                        for (TopicPartition partition : other.owned)
                            if (random.nextInt(3) == 0 && some.topics.contains(partition.topic()) && !some.owned.contains(partition))
                                some.owned.add(partition);
                        break;
                    default: subscribe(some);
                }
            }
        }

        Cluster cluster() {
            Map<String, Node> nodes = new TreeMap<>();
            for (int i = 0; i < RACKS.length; i++) nodes.put(RACKS[i], new Node(i, "host", 9092, RACKS[i]));
            Node anywhere = new Node(9, "host", 9092);
            nodes.put("", anywhere);
            List<PartitionInfo> partitions = new ArrayList<>();
            topics.forEach((topic, layout) -> {
                for (int i = 0; i < layout.size(); i++) {
                    Node[] replicas = layout.get(i).isEmpty()
                        ? new Node[] {anywhere}
                        : layout.get(i).stream().map(nodes::get).toArray(Node[]::new);
                    partitions.add(new PartitionInfo(topic, i, replicas[0], replicas, replicas));
                }
            });
            return new Cluster("cluster", nodes.values(), partitions, Set.of(), Set.of());
        }

        void describe(ObjectNode line, Map<String, Subscription> subscriptions) {
            ObjectNode layouts = line.putObject("topics");
            topics.forEach((topic, layout) -> {
                ObjectNode node = layouts.putObject(topic).put("partitions", layout.size());
                if (!racks) return;
                ArrayNode at = node.putArray("racks");
                layout.forEach(names -> at.add(JSON.valueToTree(names)));
            });
            ArrayNode all = line.putArray("members");
            subscriptions.forEach((id, subscription) -> {
                ObjectNode node = all.addObject().put("id", id).put("instance", members.get(id).instance);
                node.put("subscription", hex(ConsumerProtocol.serializeSubscription(subscription)));
            });
        }
    }

    /** A group of the newer protocol, whose assignment the coordinator computes. */
    private static final class ServerGroup {
        final Random random;
        final boolean mixed;
        final TreeMap<String, ServerMember> members = new TreeMap<>();
        final TreeMap<Integer, Integer> topics = new TreeMap<>();

        static final class ServerMember {
            String instance;
            TreeSet<Integer> topics = new TreeSet<>();
            TreeMap<Integer, TreeSet<Integer>> target = new TreeMap<>();
        }

        ServerGroup(int seed) {
            this.random = new Random(seed * 0x9E3779B97F4A7C15L + 11);
            this.mixed = random.nextBoolean();
            for (int topic = 1 + random.nextInt(4); topic > 0; topic--) topics.put(topic, 1 + random.nextInt(12));
            for (int member = 1 + random.nextInt(8); member > 0; member--) addMember();
        }

        /** Small ids, whose hashes are in the order of the ids. */
        static Uuid uuid(int topic) {
            return new Uuid(0, topic);
        }

        void addMember() {
            ServerMember member = new ServerMember();
            if (random.nextInt(3) == 0) member.instance = "instance-" + random.nextInt(1000);
            subscribe(member);
            members.put("member-" + random.nextInt(1000), member);
        }

        void subscribe(ServerMember member) {
            member.topics.clear();
            for (int topic : topics.keySet()) if (!mixed || random.nextInt(3) != 0) member.topics.add(topic);
            if (member.topics.isEmpty() && random.nextBoolean()) member.topics.add(topics.firstKey());
        }

        void play(PrintStream out, ConsumerGroupPartitionAssignor assignor, int rounds) throws Exception {
            for (int round = 0; round < rounds; round++) {
                Map<String, MemberSubscriptionAndAssignmentImpl> specs = new LinkedHashMap<>();
                Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
                ObjectNode line = JSON.createObjectNode().put("assignor", "server-" + assignor.name());
                ObjectNode counts = line.putObject("topics");
                topics.forEach((topic, count) -> counts.put(uuid(topic).toString(), count));
                ArrayNode all = line.putArray("members");
                members.forEach((id, member) -> {
                    ObjectNode node = all.addObject().put("id", id).put("instance", member.instance);
                    Set<Uuid> subscribed = new LinkedHashSet<>();
                    Map<Uuid, Set<Integer>> target = new LinkedHashMap<>();
                    ArrayNode names = node.putArray("topics");
                    ObjectNode held = node.putObject("target");
                    member.topics.forEach(topic -> {
                        subscribed.add(uuid(topic));
                        names.add(uuid(topic).toString());
                    });
                    member.target.forEach((topic, partitions) -> {
                        target.put(uuid(topic), new LinkedHashSet<>(partitions));
                        held.set(uuid(topic).toString(), JSON.valueToTree(partitions));
                        partitions.forEach(partition ->
                            owners.computeIfAbsent(uuid(topic), key -> new HashMap<>()).put(partition, id));
                    });
                    specs.put(id, new MemberSubscriptionAndAssignmentImpl(Optional.empty(), Optional.ofNullable(member.instance),
                        subscribed, new org.apache.kafka.coordinator.group.modern.Assignment(target)));
                });
                boolean same = members.values().stream().map(member -> member.topics).distinct().count() == 1;
                SubscriptionType type = same ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
                var assigned = assignor.assign(new GroupSpecImpl(specs, type, owners), describer()).members();
                ObjectNode result = line.putObject("result");
                members.forEach((id, member) -> {
                    member.target = new TreeMap<>();
                    ObjectNode node = result.putObject(id);
                    if (assigned.get(id) == null) return;
                    assigned.get(id).partitions().forEach((topic, partitions) -> {
                        if (!partitions.isEmpty())
                            member.target.put((int) topic.getLeastSignificantBits(), new TreeSet<>(partitions));
                    });
                    member.target.forEach((topic, partitions) -> node.set(uuid(topic).toString(), JSON.valueToTree(partitions)));
                });
                out.println(JSON.writeValueAsString(line));
                change();
            }
        }

        void change() {
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                List<String> ids = new ArrayList<>(members.keySet());
                String some = ids.get(random.nextInt(ids.size()));
                switch (random.nextInt(mixed ? 6 : 4)) {
                    case 0: if (members.size() > 1) members.remove(some); break;
                    case 1: case 2: addMember(); break;
                    case 3: topics.merge(topics.firstKey(), 1 + random.nextInt(3), Integer::sum); break;
                    default: subscribe(members.get(some));
                }
            }
        }

        SubscribedTopicDescriber describer() {
            return new SubscribedTopicDescriber() {
                @Override
                public int numPartitions(Uuid topic) {
                    return topics.getOrDefault((int) topic.getLeastSignificantBits(), -1);
                }

                @Override
                public Set<String> racksForPartition(Uuid topic, int partition) {
                    return Set.of();
                }
            };
        }
    }

    private static void writeProtocol(PrintStream out) throws Exception {
        List<TopicPartition> owned = List.of(new TopicPartition("orders", 0), new TopicPartition("orders", 7),
            new TopicPartition("größe", Integer.MAX_VALUE));
        byte[] userData = {1, 2, (byte) 0xff};
        for (short version = 0; version <= 3; version++) {
            writeSubscription(out, version, List.of("t"), null, List.of(), -1, null);
            writeSubscription(out, version, List.of("orders", "größe", "日本"), userData, owned, 42, "rack-1");
            writeSubscription(out, version, List.of(), new byte[0], List.of(), Integer.MAX_VALUE, "");
            writeAssignment(out, version, List.of(), null);
            writeAssignment(out, version, owned, userData);
        }
        StickyAssignor sticky = new StickyAssignor();
        sticky.onAssignment(new Assignment(owned), new ConsumerGroupMetadata("group", 5, "member", Optional.empty()));
        writeUserData(out, "sticky-user-data", owned, 5, sticky.subscriptionUserData(Set.of()));
        sticky.onAssignment(new Assignment(List.of()), new ConsumerGroupMetadata("group", 0, "member", Optional.empty()));
        writeUserData(out, "sticky-user-data", List.of(), 0, sticky.subscriptionUserData(Set.of()));
        writeUserData(out, "sticky-user-data", owned, -1, stickyVersion0(owned));
        CooperativeStickyAssignor cooperative = new CooperativeStickyAssignor();
        writeUserData(out, "cooperative-sticky-user-data", List.of(), -1, cooperative.subscriptionUserData(Set.of()));
        cooperative.onAssignment(new Assignment(owned), new ConsumerGroupMetadata("group", 70000, "member", Optional.empty()));
        writeUserData(out, "cooperative-sticky-user-data", List.of(), 70000, cooperative.subscriptionUserData(Set.of()));
    }

    private static void writeSubscription(PrintStream out, short version, List<String> topics, byte[] userData,
            List<TopicPartition> owned, int generation, String rack) throws Exception {
        ByteBuffer bytes = ConsumerProtocol.serializeSubscription(new Subscription(topics,
            userData == null ? null : ByteBuffer.wrap(userData), owned, generation, Optional.ofNullable(rack)), version);
        ObjectNode line = JSON.createObjectNode().put("kind", "subscription").put("version", version);
        line.set("topics", JSON.valueToTree(topics));
        line.put("userData", userData == null ? null : HexFormat.of().formatHex(userData)).set("owned", byTopic(owned));
        out.println(JSON.writeValueAsString(line.put("generation", generation).put("rack", rack).put("hex", hex(bytes))));
    }

    private static void writeAssignment(PrintStream out, short version, List<TopicPartition> owned, byte[] userData)
            throws Exception {
        ByteBuffer bytes = ConsumerProtocol.serializeAssignment(
            new Assignment(owned, userData == null ? null : ByteBuffer.wrap(userData)), version);
        ObjectNode line = JSON.createObjectNode().put("kind", "assignment").put("version", version);
        line.put("userData", userData == null ? null : HexFormat.of().formatHex(userData)).set("owned", byTopic(owned));
        out.println(JSON.writeValueAsString(line.put("hex", hex(bytes))));
    }

    private static void writeUserData(PrintStream out, String kind, List<TopicPartition> owned, int generation,
            ByteBuffer bytes) throws Exception {
        ObjectNode line = JSON.createObjectNode().put("kind", kind).put("generation", generation);
        line.set("owned", byTopic(owned));
        out.println(JSON.writeValueAsString(line.put("hex", hex(bytes))));
    }

    private static ByteBuffer stickyVersion0(List<TopicPartition> owned) throws Exception {
        Field field = StickyAssignor.class.getDeclaredField("STICKY_ASSIGNOR_USER_DATA_V0");
        field.setAccessible(true);
        Schema schema = (Schema) field.get(null);
        Field inner = StickyAssignor.class.getDeclaredField("TOPIC_ASSIGNMENT");
        inner.setAccessible(true);
        List<Struct> topics = new ArrayList<>();
        Map<String, List<Integer>> grouped = new TreeMap<>();
        owned.forEach(partition -> grouped.computeIfAbsent(partition.topic(), key -> new ArrayList<>()).add(partition.partition()));
        grouped.forEach((topic, partitions) -> topics.add(new Struct((Schema) innerSchema(inner))
            .set("topic", topic).set("partitions", partitions.toArray())));
        Struct struct = new Struct(schema).set("previous_assignment", topics.toArray());
        ByteBuffer bytes = ByteBuffer.allocate(schema.sizeOf(struct));
        schema.write(bytes, struct);
        bytes.flip();
        return bytes;
    }

    private static Object innerSchema(Field field) {
        try {
            return field.get(null);
        } catch (IllegalAccessException error) {
            throw new IllegalStateException(error);
        }
    }

    private static ObjectNode byTopic(List<TopicPartition> partitions) {
        TreeMap<String, TreeSet<Integer>> grouped = new TreeMap<>();
        partitions.forEach(partition ->
            grouped.computeIfAbsent(partition.topic(), key -> new TreeSet<>()).add(partition.partition()));
        ObjectNode node = JSON.createObjectNode();
        grouped.forEach((topic, numbers) -> node.set(topic, JSON.valueToTree(numbers)));
        return node;
    }

    private static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
