package dedup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/dedup/near"
)

// generated returns files from one template, each of which has lines of its own.
func generated(template string, first, n int) (docs []corpus.Doc) {
	for i := range n {
		var b strings.Builder
		for l := range 60 {
			fmt.Fprintf(&b, "func (m *%s) F%d() int64 { return m.f[%d] }\n", template, l, l)
		}
		for l := range 24 + i%3 {
			fmt.Fprintf(&b, "const C%d_%d = %d * %d\n", first+i/2, l, (first+i/2)*7919+l, l*l)
		}
		d := corpus.Doc{Source: "s", Repo: "r", Path: fmt.Sprint(template, first+i), Text: []byte(b.String())}
		d.SetIDs()
		docs = append(docs, d)
	}
	return docs
}

// Whatever the sieve lets through of the index, the same comes out, also where
// buckets of it are overfull.
func TestSieveChangesNothing(t *testing.T) {
	c := Config{Near: near.Config{BucketCap: 8}, Index: index.Config{Path: filepath.Join(t.TempDir(), "index"), As: "a"}}
	if _, err := Run(context.Background(), docsJob(t, append(generated("M", 0, 600), generated("Other", 5000, 900)...)), c); err != nil {
		t.Fatal(err)
	}
	c.Index.As = ""
	docs := append(generated("M", 280, 500), generated("M", 9000, 50)...)
	var want []string
	for _, memory := range []int64{0, 8, 1 << 10} {
		job := docsJob(t, docs)
		d, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		d.sieveMemory = memory
		if _, err := d.run(context.Background(), job); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range []string{"00000.parquet", "00000.known.parquet", "summary.json"} {
			b, err := os.ReadFile(filepath.Join(job.Dir().Path(), name))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(b))
		}
		if want == nil {
			s, err := ReadSummary(job.Dir())
			if want = got; err != nil || s.HotBuckets == 0 || s.ForIndexed == 0 || s.Near == s.ForIndexed {
				t.Fatalf("%+v, %v: the test shows nothing", s, err)
			}
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("a sieve of %d bytes: file %d differs", memory, i)
			}
		}
	}
}
