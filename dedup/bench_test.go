package dedup_test

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/work"
)

// benchTexts returns real files, up to this many bytes.
func benchTexts(b *testing.B, bytes int) (texts [][]byte, size int64) {
	for _, t := range goFiles(b, 1<<20, 1<<20) {
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
	for _, split := range []string{dedup.SplitCode, dedup.SplitStackV1, dedup.SplitStackV2, dedup.SplitChars} {
		b.Run("split="+split, func(b *testing.B) {
			d, err := dedup.New(dedup.Config{Near: dedup.Near{Split: split}})
			if err != nil {
				b.Fatal(err)
			}
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
	for _, sketch := range []string{dedup.FSS, dedup.MinHash} {
		b.Run("sketch="+sketch, func(b *testing.B) {
			d, err := dedup.New(dedup.Config{Near: dedup.Near{Sketch: sketch}})
			if err != nil {
				b.Fatal(err)
			}
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
		})
	}
}

func BenchmarkJaccard(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	d, err := dedup.New(dedup.Config{})
	if err != nil {
		b.Fatal(err)
	}
	texts, _ := benchTexts(b, 1<<20)
	var text []byte
	for _, t := range texts {
		text = append(text, t...)
	}
	x, _ := d.Shingles(nil, text)
	y, _ := d.Shingles(nil, []byte(mutate(rng, string(text), 0.05)))
	b.SetBytes(int64(8 * (len(x) + len(y))))
	for b.Loop() {
		dedup.Jaccard(x, y)
	}
}

// BenchmarkRun is the whole stage on files of GOROOT, reading and writing
// included, and so wall time: divide by the workers for a core's rate.
func BenchmarkRun(b *testing.B) {
	var docs []*corpus.Doc
	var size int64
	for i, t := range goFiles(b, 1<<20, 1<<20) {
		docs = append(docs, makeDoc(fmt.Sprint("r", i/50), fmt.Sprint(i), t))
		size += int64(len(t))
	}
	job := mustDocs(b, cut(docs, 1000))
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.SetBytes(size)
			job.Workers = workers
			i := 0
			for b.Loop() {
				job.Stage = work.VerdictsDir(fmt.Sprintf("dedup%d-%d", workers, i))
				runDedup(b, job, dedup.Config{})
				i++
			}
			b.ReportMetric(float64(len(docs))*float64(i)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}
