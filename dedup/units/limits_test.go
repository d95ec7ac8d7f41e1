package units

import (
	"math"
	"slices"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/work"
)

// What sketches, records and memory follow from: by others, old ones are not read.
func TestConstants(t *testing.T) {
	if Version != 5 || EntrySize != 78 || rankKeySize != 68 || startSize != 16 || MaxUnits != math.MaxUint32 || uint64(indexBit) != 1<<63 || pieceBytes != 1<<20 {
		t.Error("a constant of units was changed")
	}
	if sketchMemory != work.TableMemory+40*sketch.MaxShingles || pileMemory != 48*sketch.MaxShingles || OpenFiles != 200 {
		t.Error("a constant of memory was changed")
	}
	for workers, want := range map[int]int{0: 200, 1: 200, 2: 100, 50: 4, 51: 4, 300: 4} {
		if got := OpenFilesOfTask(work.Job{Workers: workers}); got != want {
			t.Errorf("%d workers: %d files, want %d", workers, got, want)
		}
	}
	if IsIndexPos(corpus.NoPos) || IsIndexPos(corpus.At(3, 4)) || !IsIndexPos(IndexPos(3, 4)) {
		t.Error("what is no position of the index is one, or the reverse")
	}
}

// Documents that follow each other are one unit by source and repository alone.
func TestGrouping(t *testing.T) {
	docs := []corpus.Doc{
		{Source: "s", Repo: "r"}, {Source: "s", Repo: "r"}, {Source: "t", Repo: "r"}, {Source: "t", Repo: "q"}, {Source: "t", Repo: "q"},
		{Source: "t"}, {Source: "t"}, {Source: "t", Repo: "q"},
	}
	for level, want := range map[string][]bool{
		LevelRepository: {true, false, true, true, false, true, true, true},
		LevelFile:       {true, true, true, true, true, true, true, true},
	} {
		g := (&Maker{Settings: Settings{Level: level}}).Grouping()
		var got []bool
		for i := range docs {
			got = append(got, g.Starts(&docs[i]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", level, got, want)
		}
	}
	g := (&Maker{Settings: Settings{Level: LevelRepository}}).Grouping()
	if !g.Starts(&corpus.Doc{}) {
		t.Error("the first document of no source begins nothing")
	}
}

func TestTakes(t *testing.T) {
	for _, c := range []struct {
		languages, except []string
		want              string // of Go, C and none
	}{
		{nil, nil, "yyy"}, {[]string{"Go"}, nil, "ynn"}, {nil, []string{"Go"}, "nyy"}, {[]string{"Go", "C"}, []string{"C"}, "ynn"}, {[]string{""}, nil, "nny"},
	} {
		m := &Maker{Settings: Settings{Languages: c.languages, Except: c.except}}
		got := ""
		for _, language := range []string{"Go", "C", ""} {
			if m.Takes(&corpus.Doc{Language: language}) {
				got += "y"
			} else {
				got += "n"
			}
		}
		if got != c.want {
			t.Errorf("%q, but %q: %s, want %s", c.languages, c.except, got, c.want)
		}
	}
}

// More shingles come before a shorter path, and behind what is older; a number that an
// entry cannot hold is its largest.
func TestShinglesInOrder(t *testing.T) {
	of := func(order []string, n int, scale uint8, path uint32, created int64) string {
		e := Entry{path: path, created: created}
		e.measure(make([]uint64, n), scale)
		o, _ := NewOrder(order, nil, nil)
		return string(e.AppendRank(nil, o, false))
	}
	for _, c := range []struct{ better, worse string }{
		{of(Terms(), 9, 0, 50, 1), of(Terms(), 8, 0, 3, 1)},
		{of(Terms(), 8, 0, 3, 1), of(Terms(), 8, 0, 50, 1)},
		{of(Terms(), 3, 0, 50, 1), of(Terms(), 900, 0, 3, 2)},
		{of(Terms(), 5, 1, 50, 1), of(Terms(), 9, 0, 3, 1)},
		{of(Terms(), 1, 0, 50, 1), of(Terms(), 0, 7, 3, 1)},
		{of([]string{"path"}, 1, 0, 3, 1), of([]string{"path"}, 900, 0, 50, 1)},
	} {
		if c.better >= c.worse {
			t.Errorf("%x is not before %x", c.better, c.worse)
		}
	}
	for scale, want := range map[uint8]uint32{29: 7 << 29, 30: math.MaxUint32, 40: math.MaxUint32} {
		var e Entry
		if e.measure(make([]uint64, 7), scale); e.shingles != want {
			t.Errorf("7 of scale %d: %d, want %d", scale, e.shingles, want)
		}
	}
}

// The first pattern that a source fits counts, and one that none fits is told.
func TestPriority(t *testing.T) {
	o, idle := NewOrder(nil, []string{"b*", "none", "*oks"}, []string{"books", "blogs", "looks", "code"})
	if !slices.Equal(idle, []string{"none"}) {
		t.Errorf("%q", idle)
	}
	for source, want := range map[string]uint16{"books": 0, "blogs": 0, "looks": 2, "code": 3, "unheard of": 3} {
		if got := o.priority(sourceKey(source)); got != want {
			t.Errorf("%s: %d, want %d", source, got, want)
		}
	}
}

// Settings that differ are named; those that are the same differ in nothing.
func TestDifferences(t *testing.T) {
	a := Settings{Near: true, Ngram: 5, Level: LevelFile}
	for want, b := range map[string]Settings{
		"":                            a,
		"near.ngram: 5 there, 6 here": {Near: true, Ngram: 6, Level: LevelFile},
		"near.with_license_header: false there, true here":                     {Near: true, Ngram: 5, Level: LevelFile, WithLicenseHeader: true},
		"near.off: false there, true here; level: file there, repository here": {Ngram: 5, Level: LevelRepository},
		"of another version": {Near: true, Ngram: 5, Level: LevelFile, Languages: []string{}}, // none, said in another way
	} {
		if got := a.Differences(b); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
