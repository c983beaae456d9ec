// The program on franz-go that the benchmark compares with: load.mjs in Go. Takes one job as JSON from its arguments, warms
// up, and prints a line when what is measured begins and one when it has ended, the latter with what it took.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type job struct {
	Address     string `json:"address"`
	Topic       string `json:"topic"`
	Codec       string `json:"codec"`
	Mode        string `json:"mode"`
	Outstanding int    `json:"outstanding"`
	Payload     string `json:"payload"`
	RecordBytes int    `json:"recordBytes"`
	KeyBytes    int    `json:"keyBytes"`
	WarmUp      int    `json:"warmUp"`
	Records     int    `json:"records"`
}

type result struct {
	Event     string    `json:"event"`
	ElapsedMs float64   `json:"elapsedMs"`
	CPU       float64   `json:"cpuSeconds"`
	MaxRss    float64   `json:"maxRssMebibytes"`
	Latencies []float64 `json:"latencies,omitempty"`
}

func main() {
	var j job
	must(json.Unmarshal([]byte(os.Args[1]), &j))
	payload, err := os.ReadFile(j.Payload)
	must(err)
	client := connect(j)
	send := sendOutstanding
	if j.Mode == "latency" {
		send = sendOneByOne
	}
	send(client, j, payload, j.WarmUp)
	fmt.Println(`{"event":"begin"}`)
	cpuBefore := cpuSeconds()
	startedAt := time.Now()
	latencies := send(client, j, payload, j.Records)
	elapsedMs := milliseconds(time.Since(startedAt))
	line, err := json.Marshal(result{"end", elapsedMs, cpuSeconds() - cpuBefore, maxRssMebibytes(), latencies})
	must(err)
	fmt.Println(string(line))
	client.Close()
}

// Idempotent and acknowledged by all is its default. A full buffer makes Produce wait, which bounds what is outstanding.
func connect(j job) *kgo.Client {
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

func milliseconds(duration time.Duration) float64 {
	return float64(duration) / float64(time.Millisecond)
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// Not of getrusage, whose figure survives an exec.
func maxRssMebibytes() float64 {
	status, err := os.ReadFile("/proc/self/status")
	must(err)
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kibibytes, err := strconv.ParseFloat(fields[1], 64)
			must(err)
			return kibibytes / 1024
		}
	}
	return 0
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
