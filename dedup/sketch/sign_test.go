package sketch

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/codemill/codemill/internal/doctrine"
)

// benchTexts returns real files, up to this many bytes.
func benchTexts(b *testing.B, bytes int) (texts [][]byte, size int64) {
	for _, t := range doctrine.GoFiles(b, 1<<20, 1<<20) {
		texts = append(texts, []byte(t))
		if size += int64(len(t)); size > int64(bytes) {
			break
		}
	}
	return texts, size
}

// perCore reports the rate by the processor time that the loop took, which
// other programs on the machine change less than they do the wall time.
func perCore(b *testing.B, size int64, loop func()) {
	now := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	n, start := 0, now()
	for b.Loop() {
		loop()
		n++
	}
	b.ReportMetric(float64(size)*float64(n)/1e6/(now()-start).Seconds(), "MB/cpu-s")
}

func BenchmarkShingles(b *testing.B) {
	texts, size := benchTexts(b, 8<<20)
	for _, split := range Splits() {
		b.Run("split="+split, func(b *testing.B) {
			d := New(Config{5, split, 256})
			var set []uint64
			b.SetBytes(size)
			b.ReportAllocs()
			perCore(b, size, func() {
				for _, t := range texts {
					set, _ = d.Shingles(set, t)
				}
			})
		})
	}
}

// BenchmarkSign is from text to sketch.
func BenchmarkSign(b *testing.B) {
	texts, size := benchTexts(b, 8<<20)
	d := New(Config{5, SplitCode, 256})
	var set []uint64
	var values []uint16
	b.SetBytes(size)
	b.ReportAllocs()
	perCore(b, size, func() {
		for _, t := range texts {
			if set, _ = d.Shingles(set, t); len(set) > 0 {
				values = d.Sign(values, set)
			}
		}
	})
}

func BenchmarkJaccard(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	d := New(Config{5, SplitCode, 256})
	texts, _ := benchTexts(b, 1<<20)
	var text []byte
	for _, t := range texts {
		text = append(text, t...)
	}
	x, _ := d.Shingles(nil, text)
	y, _ := d.Shingles(nil, []byte(doctrine.Mutate(rng, string(text), 0.05)))
	b.SetBytes(int64(8 * (len(x) + len(y))))
	for b.Loop() {
		Jaccard(x, y)
	}
}
