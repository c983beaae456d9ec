/*
 * Kafka's own client: one transaction for what a poll gives. See transformer-steps.mjs for the steps; its arguments are
 * ADDRESS TOPIC OUTPUTS GROUP TRANSACTIONAL_ID TRANSACTION_TIMEOUT_MS MOST [HALT_AT HALT_AFTER], with commas between outputs.
 */
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

class JavaTransformer {
  private static String haltAt = "";
  private static int haltAfter;
  private static int committed;

  public static void main(String[] args) throws Exception {
    String topic = args[1];
    String[] outputs = args[2].split(",");
    if (args.length > 7) {
      haltAt = args[7];
      haltAfter = Integer.parseInt(args[8]);
    }
    Map<String, Object> producing = Map.of(
        "bootstrap.servers", args[0], "transactional.id", args[4], "transaction.timeout.ms", args[5]);
    Map<String, Object> consuming = Map.of(
        "bootstrap.servers", args[0], "group.id", args[3], "group.protocol", "classic", "max.poll.records", args[6],
        "enable.auto.commit", "false", "auto.offset.reset", "earliest");
    try (var producer = new KafkaProducer<>(producing, new StringSerializer(), new StringSerializer());
        var consumer = new KafkaConsumer<>(consuming, new StringDeserializer(), new StringDeserializer())) {
      producer.initTransactions();
      consumer.subscribe(List.of(topic));
      for (;;) {
        var records = consumer.poll(Duration.ofSeconds(1));
        if (!records.isEmpty()) transform(records, outputs, producer, consumer);
      }
    }
  }

  private static void transform(
      ConsumerRecords<String, String> records,
      String[] outputs,
      KafkaProducer<String, String> producer,
      KafkaConsumer<String, String> consumer)
      throws Exception {
    producer.beginTransaction();
    List<Future<?>> sends = new ArrayList<>();
    Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
    for (ConsumerRecord<String, String> record : records) {
      for (String output : outputs) {
        sends.add(producer.send(new ProducerRecord<>(output, record.partition(), null, record.value() + "!")));
      }
      ends.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
    }
    for (Future<?> send : sends) send.get();
    reached("sent");
    producer.sendOffsetsToTransaction(ends, consumer.groupMetadata());
    reached("offsets");
    reached("commit");
    producer.commitTransaction();
    reached("committed");
  }

  private static void reached(String step) throws InterruptedException {
    if (step.equals("committed")) committed++;
    System.out.println(step);
    if (!step.equals(haltAt) || committed < haltAfter) return;
    System.out.println("halted");
    if (!step.equals("commit")) Thread.sleep(Long.MAX_VALUE);
  }
}
