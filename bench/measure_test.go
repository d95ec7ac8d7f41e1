package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestMeasureProcess: this test, run again by itself, is what is measured.
func TestMeasureProcess(t *testing.T) {
	if os.Getenv("BENCH_MEASURED") != "" {
		data := make([]byte, 64<<20)
		for end := cpuTime() + 100*time.Millisecond; cpuTime() < end; {
			for i := range data {
				data[i]++
			}
		}
		return
	}
	t.Setenv("BENCH_MEASURED", "yes")
	out := filepath.Join(t.TempDir(), "usage")
	if err := measureProcess(out, []string{os.Args[0], "-test.run=TestMeasureProcess"}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var u usage
	if err := json.Unmarshal(b, &u); err != nil {
		t.Fatal(err)
	}
	if u.CPU < 100*time.Millisecond || u.Wall <= 0 || u.Peak < 64<<20 || u.Peak > 1<<30 {
		t.Errorf("a process of 100 ms and 64 MiB was measured as %+v", u)
	}
	if err := measureProcess(out, nil); err == nil {
		t.Error("no program was measured")
	}
}
