package dedup_test

import (
	"fmt"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/work"
)

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
				job.Stage = work.VerdictsStage(fmt.Sprintf("dedup%d-%d", workers, i))
				runDedup(b, job, dedup.Config{})
				i++
			}
			b.ReportMetric(float64(len(docs))*float64(i)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}
