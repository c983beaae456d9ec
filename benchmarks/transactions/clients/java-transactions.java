/*
 * Kafka's own client: load.mjs in Java, with all options of the producer as they are by default. The job is JSON in the first
 * argument, of which it takes names and plain values.
 */
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

class JavaTransactions {
  private final String job;
  private final String topic;
  private final byte[] payload;
  private final KafkaProducer<byte[], byte[]> producer;
  private double[] latencies;
  private double[] commits;

  public static void main(String[] args) throws Exception {
    new JavaTransactions(args[0]).run();
  }

  private JavaTransactions(String job) throws Exception {
    this.job = job;
    topic = text("topic");
    payload = Files.readAllBytes(Path.of(text("payload")));
    producer = new KafkaProducer<>(
        Map.of("bootstrap.servers", text("address"), "transactional.id", topic),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private void run() throws Exception {
    producer.initTransactions();
    make(number("warmUp"));
    System.out.println("{\"event\":\"begin\"}");
    double cpuBefore = cpuSeconds();
    long startedAt = System.nanoTime();
    make(number("transactions"));
    System.out.printf(
        "{\"event\":\"end\",\"elapsedMs\":%s,\"cpuSeconds\":%s,\"maxRssMebibytes\":%s,\"latencies\":%s,\"commits\":%s}%n",
        milliseconds(startedAt), cpuSeconds() - cpuBefore, maxRssMebibytes(), list(latencies), list(commits));
    producer.close();
  }

  private void make(int count) {
    int recordBytes = number("recordBytes");
    int keyBytes = number("keyBytes");
    int batchRecords = number("batchRecords");
    latencies = new double[count];
    commits = new double[count];
    for (int index = 0; index < count; index++) {
      long startedAt = System.nanoTime();
      producer.beginTransaction();
      for (int record = 0; record < batchRecords; record++) {
        int start = (index * batchRecords + record) * recordBytes % payload.length;
        byte[] key = Arrays.copyOfRange(payload, start, start + keyBytes);
        byte[] value = Arrays.copyOfRange(payload, start + keyBytes, start + recordBytes);
        producer.send(new ProducerRecord<>(topic, key, value));
      }
      producer.flush();
      long sentAt = System.nanoTime();
      producer.commitTransaction();
      latencies[index] = milliseconds(startedAt);
      commits[index] = milliseconds(sentAt);
    }
  }

  private String text(String name) {
    var matcher = Pattern.compile("\"" + name + "\":\"?([^\",}]+)").matcher(job);
    if (!matcher.find()) throw new IllegalArgumentException("the job has no " + name);
    return matcher.group(1);
  }

  private int number(String name) {
    return Integer.parseInt(text(name));
  }

  private static double milliseconds(long startedAt) {
    return (System.nanoTime() - startedAt) / 1e6;
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

  private static String list(double[] values) {
    return Arrays.stream(values).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"));
  }
}
