// The consumer: consumer/load.mjs in Go.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func runReader(j job) {
	if j.WarmUp > 0 {
		warmUp := j
		warmUp.Group += "-warm-up"
		client, _ := readAll(warmUp, newTally(j.WarmUp, j.Partitions))
		client.Close()
	}
	var client *kgo.Client
	measured(func() found {
		var what found
		client, what = readAll(j, newTally(j.Records, j.Partitions))
		return what
	})
	client.Close()
}

func runFirstRecord(j job) {
	var client *kgo.Client
	measured(func() found {
		var what found
		client, what = readAll(j, newTally(1, j.Partitions))
		return what
	})
	client.Close()
}

// One client for both, sending on a schedule and reading what comes back.
func runEndToEnd(j job) {
	payload, err := os.ReadFile(j.Payload)
	must(err)
	client, err := kgo.NewClient(append(consumerOptions(j),
		kgo.DefaultProduceTopic(j.Topic),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0),
	)...)
	must(err)
	exchange(client, j, payload, 0, j.WarmUp)
	measured(func() found {
		return found{Latencies: exchange(client, j, payload, j.WarmUp, j.Records)}
	})
	client.Close()
}

// Sends `count` records, whose keys are numbers from `first` on, and waits until all are back.
func exchange(client *kgo.Client, j job, payload []byte, first, count int) []float64 {
	ctx := context.Background()
	sentAt := make([]time.Time, count)
	latencies := make([]float64, count)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for left := count; left > 0; {
			fetches := client.PollFetches(ctx)
			failOn(fetches)
			fetches.EachRecord(func(record *kgo.Record) {
				index := int(binary.BigEndian.Uint64(record.Key)) - first
				if latencies[index] != 0 {
					must(fmt.Errorf("record %d has come twice", index))
				}
				latencies[index] = milliseconds(time.Since(sentAt[index]))
				left--
			})
		}
	}()
	interval := time.Duration(j.IntervalMs * float64(time.Millisecond))
	startedAt := time.Now()
	for index := 0; index < count; index++ {
		time.Sleep(time.Until(startedAt.Add(time.Duration(index) * interval)))
		record := recordAt(j, payload, index)
		record.Key = binary.BigEndian.AppendUint64(nil, uint64(first+index))
		sentAt[index] = time.Now()
		client.Produce(ctx, record, func(_ *kgo.Record, err error) { must(err) })
	}
	<-done
	return latencies
}

func consumerOptions(j job) []kgo.Opt {
	return []kgo.Opt{
		kgo.SeedBrokers(j.Address),
		kgo.ConsumerGroup(j.Group),
		kgo.ConsumeTopics(j.Topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	}
}

func readAll(j job, t *tally) (*kgo.Client, found) {
	startedAt := time.Now()
	client, err := kgo.NewClient(consumerOptions(j)...)
	must(err)
	var firstMs float64
	for t.left > 0 {
		fetches := client.PollFetches(context.Background())
		failOn(fetches)
		if firstMs == 0 && !fetches.Empty() {
			firstMs = milliseconds(time.Since(startedAt))
		}
		fetches.EachRecord(t.take)
	}
	return client, found{FirstMs: firstMs, Digest: t.digest}
}

func failOn(fetches kgo.Fetches) {
	for _, failure := range fetches.Errors() {
		must(failure.Err)
	}
}

// Every record of a partition once and in order, keys and values touched: consumer/tally.mjs in Go.
type tally struct {
	left   int
	next   []int64
	digest uint64
}

func newTally(records, partitions int) *tally {
	return &tally{left: records, next: make([]int64, partitions)}
}

func (t *tally) take(record *kgo.Record) {
	if record.Offset != t.next[record.Partition] {
		must(fmt.Errorf("offset %d of partition %d came in place of %d", record.Offset, record.Partition, t.next[record.Partition]))
	}
	t.next[record.Partition]++
	if t.left == 0 {
		return
	}
	t.left--
	t.digest += uint64(record.Key[len(record.Key)-1]) + uint64(record.Value[len(record.Value)/2])
}
