// The program on franz-go that the benchmarks compare with: takes one job as JSON from its arguments, warms up, and prints a
// line when what is measured begins and one when it has ended, the latter with what it took.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type job struct {
	Address      string  `json:"address"`
	Topic        string  `json:"topic"`
	Codec        string  `json:"codec"`
	Mode         string  `json:"mode"`
	Outstanding  int     `json:"outstanding"`
	Payload      string  `json:"payload"`
	RecordBytes  int     `json:"recordBytes"`
	KeyBytes     int     `json:"keyBytes"`
	WarmUp       int     `json:"warmUp"`
	Records      int     `json:"records"`
	Partitions   int     `json:"partitions"`
	Group        string  `json:"group"`
	IntervalMs   float64 `json:"intervalMs"`
	Transactions int     `json:"transactions"`
	BatchRecords int     `json:"batchRecords"`
}

// What a mode finds; what is empty is left out of the line.
type found struct {
	Latencies []float64 `json:"latencies,omitempty"`
	Commits   []float64 `json:"commits,omitempty"`
	FirstMs   float64   `json:"firstMs,omitempty"`
	Digest    uint64    `json:"digest,omitempty"`
}

type result struct {
	Event     string  `json:"event"`
	ElapsedMs float64 `json:"elapsedMs"`
	CPU       float64 `json:"cpuSeconds"`
	MaxRss    float64 `json:"maxRssMebibytes"`
	found
}

func main() {
	var j job
	must(json.Unmarshal([]byte(os.Args[1]), &j))
	modes := map[string]func(job){
		"produce":      runProducer,
		"latency":      runProducer,
		"read":         runReader,
		"end to end":   runEndToEnd,
		"first record": runFirstRecord,
		"transactions": runTransactions,
	}
	modes[j.Mode](j)
}

func measured(work func() found) {
	fmt.Println(`{"event":"begin"}`)
	cpuBefore := cpuSeconds()
	startedAt := time.Now()
	what := work()
	elapsedMs := milliseconds(time.Since(startedAt))
	line, err := json.Marshal(result{"end", elapsedMs, cpuSeconds() - cpuBefore, maxRssMebibytes(), what})
	must(err)
	fmt.Println(string(line))
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
