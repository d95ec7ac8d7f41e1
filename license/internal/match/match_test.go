package match_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/licensecheck"

	"github.com/codemill/codemill/license/internal/compile/tables"
	"github.com/codemill/codemill/license/internal/match"
)

// TestTablesAreCurrent: the tables are those of the patterns; go generate makes them.
func TestTablesAreCurrent(t *testing.T) {
	for name, make := range map[string]func() ([]byte, error){
		"licensecheck.zst": tables.Builtin,
		"own.zst":          func() ([]byte, error) { return tables.Own("../..") },
	} {
		want, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the patterns make; run go generate ./license/internal/match (%v)", name, err)
		}
	}
}

// A pair is a scanner and licensecheck's of the same patterns.
type pair struct {
	name   string
	ours   *match.Scanner
	theirs *licensecheck.Scanner
	list   []licensecheck.License
}

var pairs = sync.OnceValue(func() []pair {
	own, err := tables.Patterns("../..")
	if err != nil {
		panic(err)
	}
	all := []pair{{name: "builtin", ours: match.Builtin(), list: licensecheck.BuiltinLicenses()}, {name: "own", ours: match.Own(), list: own}}
	for i := range all {
		if all[i].theirs, err = licensecheck.NewScanner(all[i].list); err != nil {
			panic(err)
		}
	}
	return all
})

func compare(t *testing.T, p pair, text []byte) int {
	t.Helper()
	got := fmt.Sprint(p.ours.Scan(text))
	var list []match.Match
	for _, m := range p.theirs.Scan(text).Match {
		list = append(list, match.Match{ID: m.ID, Start: m.Start, End: m.End})
	}
	if want := fmt.Sprint(list); got != want {
		t.Fatalf("%s: got %s, licensecheck has %s in\n%s", p.name, got, want, text)
	}
	return len(list)
}

var notWords = regexp.MustCompile(`\(\(|\)\)(\?\?)?|\|\||__\d+__|//\*\*|\*\*//`)

// TestScansAsLicensecheck compares the matches in the texts of the patterns themselves,
// whole and damaged in all the ways that are forgiven, with licensecheck's.
func TestScansAsLicensecheck(t *testing.T) {
	marks := []string{" ", "\n", ", ", "-", "(c) ", " © ", "©", "&copy;", "(s)", " copyright ", "<b>", "<a@b>", "{#x} ", "](http://a b) ", "](#x)", "é", "\u0301", "ſ", "K", "\xff",
		"https://www.apache.org/licenses/LICENSE-2.0 ", "http://creativecommons.org/licenses/by/3.0/us/", " are these copies ", "\r\n * "}
	rng := rand.New(rand.NewPCG(1, 2))
	matches := 0
	for _, p := range pairs() {
		share := 0.2
		if testing.Short() {
			share = 0.01
		}
		for _, l := range p.list {
			if rng.Float64() > share && len(l.LRE) > 500 {
				continue
			}
			text := notWords.ReplaceAllString(l.LRE, " ")
			matches += compare(t, p, []byte(text))
			for _, every := range []int{300, 60, 12} {
				var b strings.Builder
				for _, w := range strings.SplitAfter(text, " ") {
					switch at := rng.IntN(max(1, len(w))); rng.IntN(every) {
					case 0: // it is gone
					case 1:
						b.WriteString(w[:at] + marks[rng.IntN(len(marks))] + w[at:])
					case 2:
						b.WriteString(w[:at] + "x" + w[min(len(w), at+rng.IntN(2)):])
					case 3:
						b.WriteString(strings.TrimRight(w, " \n"))
					case 4:
						b.WriteString(w[:at] + w[min(len(w), at+1):])
					default:
						b.WriteString(w)
					}
				}
				matches += compare(t, p, []byte(b.String()))
			}
		}
	}
	if matches < 300 {
		t.Errorf("only %d matches compared", matches)
	}
}

// TestScanIsLinear: what licensecheck looks at again and again is looked at once.
func TestScanIsLinear(t *testing.T) {
	for _, piece := range []string{"{#", "](#", "](http://", "<a", "&a", "copyright ", "permission is ", "© "} {
		match.Builtin().Scan([]byte(strings.Repeat(piece, 1<<20/len(piece)))) // what takes long would be taken for a hang
	}
}

func FuzzScansAsLicensecheck(f *testing.F) {
	f.Add([]byte("Copyright (c) 2020 Permission is hereby granted, free of charge, to any per-\nson"))
	f.Add([]byte("see https://www.apache.org/licenses/LICENSE-2.0 <b>the</b> notice(s) {#a} ](#b)"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, p := range pairs() {
			compare(t, p, text)
		}
	})
}

func TestTablesThatAreDamaged(t *testing.T) {
	whole, err := (&match.Tables{Words: []string{"a", "b"}, IDs: []string{"x"}, Starts: [][2]int32{{0, 1}}, URLs: [][2]string{{"u", "x"}},
		States: []int32{2, 0, 3, 2, 1, 6, 1, 0}}).Pack()
	if err != nil {
		t.Fatal(err)
	}
	s, err := match.Read(whole)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.Scan([]byte("c a b"))); got != "[{x 0 5}]" && got != "[{x 2 5}]" {
		t.Error(got)
	}
	for n := range whole {
		if _, err := match.Read(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d are read", n, len(whole))
		}
	}
}
