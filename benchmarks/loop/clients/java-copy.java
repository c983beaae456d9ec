/*
 * Kafka's own client: load.mjs in Java, with all options as they are by default but those that copying in transactions
 * needs. The job is JSON in the first argument, of which it takes names and plain values.
 */
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

class JavaCopy {
  private final String job;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private long records;
  private long transactions;

  public static void main(String[] args) throws Exception {
    new JavaCopy(args[0]).run();
  }

  private JavaCopy(String job) {
    this.job = job;
    producer = new KafkaProducer<>(
        Map.of("bootstrap.servers", text("address"), "transactional.id", text("output")),
        new ByteArraySerializer(),
        new ByteArraySerializer());
    consumer = new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", text("address"), "group.id", text("group"), "max.poll.records", text("batchRecords"),
            "enable.auto.commit", "false", "auto.offset.reset", "earliest", "isolation.level", "read_committed"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private void run() throws Exception {
    producer.initTransactions();
    consumer.subscribe(List.of(text("topic")));
    long warmUp = Long.parseLong(text("warmUp"));
    copyPast(warmUp);
    System.out.println("{\"event\":\"begin\"}");
    double cpuBefore = cpuSeconds();
    long recordsBefore = records;
    long transactionsBefore = transactions;
    long startedAt = System.nanoTime();
    copyPast(warmUp + Long.parseLong(text("records")));
    System.out.printf(
        "{\"event\":\"end\",\"elapsedMs\":%s,\"cpuSeconds\":%s,\"maxRssMebibytes\":%s,\"records\":%d,\"transactions\":%d}%n",
        (System.nanoTime() - startedAt) / 1e6, cpuSeconds() - cpuBefore, maxRssMebibytes(),
        records - recordsBefore, transactions - transactionsBefore);
    System.exit(0);
  }

  private void copyPast(long enough) {
    String output = text("output");
    while (records < enough) {
      var polled = consumer.poll(Duration.ofMillis(100));
      if (polled.isEmpty()) continue;
      producer.beginTransaction();
      Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
      for (ConsumerRecord<byte[], byte[]> record : polled) {
        producer.send(new ProducerRecord<>(output, record.key(), record.value()));
        ends.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
      }
      producer.sendOffsetsToTransaction(ends, consumer.groupMetadata());
      producer.commitTransaction();
      records += polled.count();
      transactions++;
    }
  }

  private String text(String name) {
    var matcher = Pattern.compile("\"" + name + "\":\"?([^\",}]+)").matcher(job);
    if (!matcher.find()) throw new IllegalArgumentException("the job has no " + name);
    return matcher.group(1);
  }

  private static double cpuSeconds() {
    var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }

  private static double maxRssMebibytes() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
    }
    return 0;
  }
}
