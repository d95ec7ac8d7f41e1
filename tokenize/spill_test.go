package tokenize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/doctrine"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
)

func randomRecord(rng *rand.Rand) (record, []uint32) {
	r := record{
		shuffleKey: shuffleKey{rng.Uint64(), corpus.At(rng.IntN(9), rng.Int64N(99)), rng.Int64N(3)},
		Part:       rng.IntN(5), Form: Form(rng.IntN(int(Padding))), Bytes: rng.Int64N(1 << 40), Checked: rng.IntN(2) == 0,
		Source: "s", Repo: fmt.Sprint("repo", rng.IntN(100)), Path: "p\xff", License: "", Language: "Go",
	}
	ids := make([]uint32, rng.IntN(50))
	for i := range ids {
		ids[i] = rng.Uint32()
		r.ids = append(r.ids, byte(ids[i]), byte(ids[i]>>8), byte(ids[i]>>16), byte(ids[i]>>24))
	}
	return r, ids
}

// What is spilled comes back: every record in its output, in the order of the
// shuffle within a run, whatever the size of a run.
func TestSpillsAreReadBack(t *testing.T) {
	for _, limit := range []int{1, 500, 1 << 20} {
		rng := rand.New(rand.NewPCG(1, uint64(limit)))
		const outputs = 7
		want := map[int][]record{}
		w := doctrine.Open(t, faultfs.Sound(), t.TempDir())
		j := work.Job{Work: w, Stage: "x", Workers: 1}
		_, err := j.Run(t.Context(), work.Stage{Tasks: []work.Task{{Shard: "00000", Make: func(_ context.Context, out *work.Output) error {
			f, err := out.Create("00000.spill")
			if err != nil {
				return err
			}
			s := newSpiller(f, outputs)
			s.limit = limit
			for range 200 {
				r, ids := randomRecord(rng)
				b := rng.IntN(outputs - 1) // the last one stays empty
				want[b] = append(want[b], r)
				if err := s.add(int64(b), &r, ids); err != nil {
					return err
				}
			}
			return s.close()
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		f, err := j.Dir().Open("00000", "00000.spill")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for b := range outputs {
			extents, err := shardExtents(f, f.Info.Size, outputs, b)
			if err != nil {
				t.Fatal(err)
			}
			var got []record
			for _, e := range extents {
				raw := make([]byte, e.size)
				if _, err := io.ReadFull(io.NewSectionReader(f, e.at, e.size), raw); err != nil {
					t.Fatal(err)
				}
				first := len(got)
				for len(raw) > 0 {
					var r record
					if r, raw, err = parseRecord(raw); err != nil {
						t.Fatal(err)
					}
					got = append(got, r)
				}
				if !slices.IsSortedFunc(got[first:], func(a, b record) int { return a.shuffleKey.compare(b.shuffleKey) }) {
					t.Errorf("output %d: a run is not sorted", b)
				}
			}
			byPlace := func(a, b record) int { return a.shuffleKey.compare(b.shuffleKey) }
			slices.SortFunc(got, byPlace)
			slices.SortFunc(want[b], byPlace)
			for i := range got {
				if len(got[i].ids) == 0 {
					got[i].ids = nil
				}
			}
			if !reflect.DeepEqual(got, want[b]) {
				t.Errorf("limit %d, output %d: %d records, want %d", limit, b, len(got), len(want[b]))
			}
		}
	}
}

func FuzzSpill(f *testing.F) {
	r, ids := randomRecord(rand.New(rand.NewPCG(5, 6)))
	whole := appendRecord(nil, &r, ids)
	f.Add(whole, 3, 1)
	f.Add(append(bytes.Clone(whole), 1, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 's', 'p', 'i', 'l'), 3, 2)
	f.Add([]byte{}, 0, 0)
	f.Fuzz(func(t *testing.T, b []byte, outputs, output int) {
		if outputs < 1 || outputs > corpus.MaxOutputShards || output < 0 || output >= outputs {
			return
		}
		extents, err := shardExtents(bytes.NewReader(b), int64(len(b)), outputs, output)
		for _, e := range extents {
			if e.at < 0 || e.size <= 0 || e.at+e.size > int64(len(b)) {
				t.Fatalf("extent %+v in %d bytes", e, len(b))
			}
		}
		if err != nil && !errors.Is(err, corpus.ErrCorrupt) {
			t.Fatal(err)
		}
		if _, _, err := parseRecord(b); err != nil && !errors.Is(err, corpus.ErrCorrupt) {
			t.Fatal(err)
		}
	})
}
