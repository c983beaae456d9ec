// The producer: producer/load.mjs in Go.
package main

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func runProducer(j job) {
	payload, err := os.ReadFile(j.Payload)
	must(err)
	client := connectProducer(j)
	send := sendOutstanding
	if j.Mode == "latency" {
		send = sendOneByOne
	}
	send(client, j, payload, j.WarmUp)
	measured(func() found {
		return found{Latencies: send(client, j, payload, j.Records)}
	})
	client.Close()
}

// Idempotent and acknowledged by all is its default. A full buffer makes Produce wait, which bounds what is outstanding.
func connectProducer(j job) *kgo.Client {
	linger := 5 * time.Millisecond
	if j.Mode == "latency" {
		linger = 0
	}
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(),
		"lz4":  kgo.Lz4Compression(),
		"zstd": kgo.ZstdCompression(),
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(j.Address),
		kgo.DefaultProduceTopic(j.Topic),
		kgo.ProducerBatchCompression(codecs[j.Codec]),
		kgo.MaxBufferedRecords(j.Outstanding),
		kgo.ProducerLinger(linger),
	)
	must(err)
	return client
}

func recordAt(j job, payload []byte, index int) *kgo.Record {
	start := index * j.RecordBytes % len(payload)
	return &kgo.Record{
		Key:   payload[start : start+j.KeyBytes],
		Value: payload[start+j.KeyBytes : start+j.RecordBytes],
	}
}

func sendOutstanding(client *kgo.Client, j job, payload []byte, count int) []float64 {
	ctx := context.Background()
	var outstanding sync.WaitGroup
	outstanding.Add(count)
	delivered := func(_ *kgo.Record, err error) {
		must(err)
		outstanding.Done()
	}
	for index := 0; index < count; index++ {
		client.Produce(ctx, recordAt(j, payload, index), delivered)
	}
	outstanding.Wait()
	return nil
}

func sendOneByOne(client *kgo.Client, j job, payload []byte, count int) []float64 {
	ctx := context.Background()
	latencies := make([]float64, 0, count)
	for index := 0; index < count; index++ {
		startedAt := time.Now()
		must(client.ProduceSync(ctx, recordAt(j, payload, index)).FirstErr())
		latencies = append(latencies, milliseconds(time.Since(startedAt)))
	}
	return latencies
}
