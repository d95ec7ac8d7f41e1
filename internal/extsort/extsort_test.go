package extsort_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/internal/faultfs"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

func scratch(t testing.TB, fsys vfs.FS) *work.Scratch {
	t.Helper()
	w, err := work.Open(fsys, t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.Scratch("sort")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		w.Close()
	})
	return s
}

// oracle cuts data into records and sorts them.
func oracle(data []byte, width int) [][]byte {
	records := slices.Collect(slices.Chunk(data, width))
	slices.SortFunc(records, bytes.Compare)
	return records
}

func collect(t testing.TB, s *extsort.Sorter) [][]byte {
	t.Helper()
	c, err := s.Sort()
	if err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	for r, err := range c.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, bytes.Clone(r))
	}
	return got
}

func TestSorterEqualsSlicesSort(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, width := range []int{1, 3, 8, 13, 65} {
		for _, n := range []int{0, 1, 2, 30, 1000, 60_000} {
			for _, alphabet := range []int{1, 3, 256} {
				t.Run(fmt.Sprintf("width=%d/n=%d/alphabet=%d", width, n, alphabet), func(t *testing.T) {
					data := make([]byte, n*width)
					for i := range data {
						data[i] = byte(rng.IntN(alphabet))
					}
					s := extsort.New(width, 0, scratch(t, vfs.OS{})) // the least budget
					defer s.Close()
					for rest := data; len(rest) > 0; {
						k := min(len(rest), width*(1+rng.IntN(2000)))
						if err := s.Add(rest[:k]); err != nil {
							t.Fatal(err)
						}
						rest = rest[k:]
					}
					if s.Len() != int64(n) {
						t.Fatalf("Len %d, added %d", s.Len(), n)
					}
					if !slices.EqualFunc(collect(t, s), oracle(data, width), bytes.Equal) {
						t.Fatal("not what slices.SortFunc gives")
					}
				})
			}
		}
	}
}

func TestAddFromManyGoroutines(t *testing.T) {
	for _, budget := range []int64{0, 1 << 30} {
		s := extsort.New(4, budget, scratch(t, vfs.OS{}))
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range 5000 {
					if err := s.Add([]byte{byte(i >> 8), byte(i), 0, byte(g)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		got := collect(t, s)
		if len(got) != 40_000 || !slices.IsSortedFunc(got, bytes.Compare) {
			t.Fatalf("%d records, sorted %v", len(got), slices.IsSortedFunc(got, bytes.Compare))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A sorter on a disk that fails says so and does not hang or lose records.
func TestFaults(t *testing.T) {
	const width, n = 8, 20_000
	data := make([]byte, width*n)
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	for op := int64(0); ; op++ {
		fsys := faultfs.At(op)
		w, err := work.Open(fsys, t.TempDir(), "test")
		if err != nil {
			continue
		}
		got, err := sortThrough(w, data, width)
		w.Close()
		if err != nil {
			if !errors.Is(err, faultfs.ErrInjected) {
				t.Fatalf("operation %d: %v", op, err)
			}
			continue
		}
		if !slices.EqualFunc(got, oracle(data, width), bytes.Equal) {
			t.Fatalf("operation %d: wrong records without an error", op)
		}
		if op < 8 {
			t.Fatalf("only %d operations: nothing was spilled", op)
		}
		return
	}
}

func sortThrough(w *work.Folder, data []byte, width int) ([][]byte, error) {
	files, err := w.Scratch("sort")
	if err != nil {
		return nil, err
	}
	s := extsort.New(width, 0, files)
	if err := s.Add(data); err != nil {
		return nil, err
	}
	c, err := s.Sort()
	if err != nil {
		return nil, err
	}
	var got [][]byte
	for r, err := range c.All() {
		if err != nil {
			return nil, err
		}
		got = append(got, bytes.Clone(r))
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return got, files.Close()
}

func FuzzSorter(f *testing.F) {
	f.Add([]byte("the quick brown fox"), uint8(3), uint16(7))
	f.Add(bytes.Repeat([]byte{1, 0}, 5000), uint8(2), uint16(500))
	f.Fuzz(func(t *testing.T, data []byte, w uint8, repeat uint16) {
		width := 1 + int(w)%70
		data = bytes.Repeat(data, 1+int(repeat)%64) // so that some inputs are spilled
		data = data[:len(data)/width*width]
		s := extsort.New(width, 0, scratch(t, vfs.OS{}))
		defer s.Close()
		if err := s.Add(data); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(collect(t, s), oracle(data, width), bytes.Equal) {
			t.Fatal("not what slices.SortFunc gives")
		}
	})
}

func BenchmarkSorter(b *testing.B) {
	const n = 1 << 20
	for _, width := range []int{8, 13, 65} {
		for _, budget := range []int64{1 << 20, 1 << 30} {
			b.Run(fmt.Sprintf("width=%d/budget=%d", width, budget), func(b *testing.B) {
				data := make([]byte, n*width)
				rng := rand.New(rand.NewPCG(5, 6))
				for i := range data {
					data[i] = byte(rng.Uint32())
				}
				files := scratch(b, vfs.OS{})
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					s := extsort.New(width, budget, files)
					if err := s.Add(data); err != nil {
						b.Fatal(err)
					}
					c, err := s.Sort()
					if err != nil {
						b.Fatal(err)
					}
					for _, err := range c.All() {
						if err != nil {
							b.Fatal(err)
						}
					}
					s.Close()
				}
			})
		}
	}
}
