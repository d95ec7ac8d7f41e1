package tokenize

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// checkPacked holds the laws of packing: every token once, no sequence over
// seqLen or empty, pieces of a sequence in the documents' order.
func checkPacked(t *testing.T, lengths []int, seqLen int, seqs [][]Piece) {
	t.Helper()
	seen := make([][]Piece, len(lengths))
	for i, s := range seqs {
		sum := 0
		for k, p := range s {
			if p.Len <= 0 {
				t.Fatalf("sequence %d: piece %+v", i, p)
			}
			if k > 0 && p.Doc <= s[k-1].Doc {
				t.Fatalf("sequence %d: document %d after %d", i, p.Doc, s[k-1].Doc)
			}
			sum += p.Len
			seen[p.Doc] = append(seen[p.Doc], p)
		}
		if sum == 0 || sum > seqLen {
			t.Fatalf("sequence %d has %d tokens, seq_len is %d", i, sum, seqLen)
		}
	}
	for doc, pieces := range seen {
		slices.SortFunc(pieces, func(a, b Piece) int { return a.Start - b.Start })
		at := 0
		for _, p := range pieces {
			if p.Start != at {
				t.Fatalf("document %d of %d tokens: a piece at %d, want %d", doc, lengths[doc], p.Start, at)
			}
			at += p.Len
		}
		if at != lengths[doc] {
			t.Fatalf("document %d: %d of %d tokens", doc, at, lengths[doc])
		}
	}
}

// bestFitOracle is best fit decreasing by looking at every bin, the plain way.
func bestFitOracle(lengths []int, seqLen int) [][]Piece {
	type bin struct {
		opener Piece
		left   int
		since  int // when it came to have this room
		pieces []Piece
	}
	var bins []*bin
	var rests []Piece
	for doc, n := range lengths {
		start := 0
		for ; n-start >= seqLen; start += seqLen {
			p := Piece{doc, start, seqLen}
			bins = append(bins, &bin{opener: p, pieces: []Piece{p}})
		}
		if n > start {
			rests = append(rests, Piece{doc, start, n - start})
		}
	}
	slices.SortStableFunc(rests, func(a, b Piece) int { return b.Len - a.Len })
	for i, p := range rests {
		var best *bin
		for _, b := range bins {
			if b.left >= p.Len && (best == nil || b.left < best.left || b.left == best.left && b.since < best.since) {
				best = b
			}
		}
		if best == nil {
			best = &bin{opener: p, left: seqLen}
			bins = append(bins, best)
		}
		best.pieces, best.left, best.since = append(best.pieces, p), best.left-p.Len, i
	}
	slices.SortFunc(bins, func(a, b *bin) int {
		if a.opener.Doc != b.opener.Doc {
			return a.opener.Doc - b.opener.Doc
		}
		return a.opener.Start - b.opener.Start
	})
	seqs := [][]Piece{}
	for _, b := range bins {
		slices.SortFunc(b.pieces, func(a, b Piece) int { return a.Doc - b.Doc })
		seqs = append(seqs, b.pieces)
	}
	return seqs
}

func randomLengths(rng *rand.Rand, n, seqLen int) []int {
	lengths := make([]int, n)
	for i := range lengths {
		switch rng.IntN(4) {
		case 0:
			lengths[i] = rng.IntN(3)
		case 1:
			lengths[i] = rng.IntN(4 * seqLen)
		default:
			lengths[i] = rng.IntN(seqLen + 1)
		}
	}
	return lengths
}

func TestPacking(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		seqLen := []int{2, 3, 7, 64, 65, 200, 5000}[rng.IntN(7)]
		lengths := randomLengths(rng, rng.IntN(120), seqLen)
		best := PackBestFit(lengths, seqLen)
		checkPacked(t, lengths, seqLen, best)
		if want := bestFitOracle(lengths, seqLen); len(best)+len(want) > 0 && !reflect.DeepEqual(best, want) {
			t.Fatalf("seq_len %d, lengths %v:\ngot  %v\nwant %v", seqLen, lengths, best, want)
		}
		concat := PackConcat(lengths, seqLen)
		checkPacked(t, lengths, seqLen, concat)
		total := 0
		for _, n := range lengths {
			total += n
		}
		if want := (total + seqLen - 1) / seqLen; len(concat) != want {
			t.Fatalf("concatenation made %d sequences, want %d", len(concat), want)
		}
		// Two sequences that are each half empty would have been one.
		half := 0
		for _, s := range best {
			sum := 0
			for _, p := range s {
				sum += p.Len
			}
			if 2*sum <= seqLen {
				half++
			}
		}
		if half > 1 {
			t.Fatalf("%d sequences are half empty", half)
		}
	}
}

func TestBestFitCutsOnlyWhatDoesNotFit(t *testing.T) {
	got := PackBestFit([]int{3, 10, 25, 0, 7}, 10)
	want := [][]Piece{
		{{1, 0, 10}},
		{{2, 0, 10}},
		{{2, 10, 10}},
		{{2, 20, 5}},
		{{0, 0, 3}, {4, 0, 7}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func FuzzPack(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 0, 9}, uint16(10))
	f.Add([]byte{255, 255}, uint16(2))
	f.Fuzz(func(t *testing.T, raw []byte, seqLen uint16) {
		n := max(int(seqLen), 2)
		lengths := make([]int, len(raw))
		for i, b := range raw {
			lengths[i] = int(b) * int(b)
		}
		checkPacked(t, lengths, n, PackBestFit(lengths, n))
		checkPacked(t, lengths, n, PackConcat(lengths, n))
	})
}

func BenchmarkPack(b *testing.B) {
	const docs, seqLen = 20000, 4096
	rng := rand.New(rand.NewPCG(3, 4))
	lengths, total := make([]int, docs), int64(0)
	for i := range lengths {
		lengths[i] = int(rng.ExpFloat64() * 900)
		total += int64(lengths[i])
	}
	for name, pack := range map[string]func([]int, int) [][]Piece{"best_fit": PackBestFit, "concat": PackConcat} {
		b.Run("packing="+name, func(b *testing.B) {
			b.SetBytes(4 * total)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = len(pack(lengths, seqLen))
			}
			b.ReportMetric(100*(1-float64(total)/float64(n*seqLen)), "%pad")
		})
	}
}
