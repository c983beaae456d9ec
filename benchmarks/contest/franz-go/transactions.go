// Transactions: transactions/load.mjs in Go.
package main

import (
	"context"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func runTransactions(j job) {
	payload, err := os.ReadFile(j.Payload)
	must(err)
	client, err := kgo.NewClient(
		kgo.SeedBrokers(j.Address),
		kgo.DefaultProduceTopic(j.Topic),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0),
		kgo.TransactionalID(j.Topic),
	)
	must(err)
	makeTransactions(client, j, payload, j.WarmUp)
	measured(func() found {
		return makeTransactions(client, j, payload, j.Transactions)
	})
	client.Close()
}

func makeTransactions(client *kgo.Client, j job, payload []byte, count int) found {
	ctx := context.Background()
	what := found{Latencies: make([]float64, 0, count), Commits: make([]float64, 0, count)}
	for index := 0; index < count; index++ {
		startedAt := time.Now()
		must(client.BeginTransaction())
		for record := 0; record < j.BatchRecords; record++ {
			client.Produce(ctx, recordAt(j, payload, index*j.BatchRecords+record), func(_ *kgo.Record, err error) { must(err) })
		}
		must(client.Flush(ctx))
		sentAt := time.Now()
		must(client.EndTransaction(ctx, kgo.TryCommit))
		what.Latencies = append(what.Latencies, milliseconds(time.Since(startedAt)))
		what.Commits = append(what.Commits, milliseconds(time.Since(sentAt)))
	}
	return what
}
