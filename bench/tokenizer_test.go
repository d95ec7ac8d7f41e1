package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe"
)

func TestFilesOfTextsAndIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	texts := [][]byte{[]byte("a"), {}, bytes.Repeat([]byte("b"), 1<<17)}
	if err := writeTexts(path, texts); err != nil {
		t.Fatal(err)
	}
	if got, err := readTexts(path); err != nil || !slices.EqualFunc(got, texts, bytes.Equal) {
		t.Errorf("texts read back: %v, %d of them", err, len(got))
	}
	ids := [][]uint32{{1, 1 << 31}, {}, {7}}
	if err := writeIDs(path, ids); err != nil {
		t.Fatal(err)
	}
	if got, err := readIDs(path); err != nil || !slices.EqualFunc(got, ids, slices.Equal[[]uint32]) {
		t.Errorf("ids read back: %v, %v", err, got)
	}
	if err := os.Truncate(path, 6); err != nil {
		t.Fatal(err)
	}
	if _, err := readIDs(path); err == nil {
		t.Error("half a record was read without an error")
	}
}

func TestMedianAndQuotients(t *testing.T) {
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("median is %v", got)
	}
	if got := median([]float64{4, 2}); got != 2 {
		t.Errorf("median of two is %v", got)
	}
	if got := quotients([]float64{6, 8, 1}, []float64{3, 2}); !slices.Equal(got, []float64{2, 4}) {
		t.Errorf("quotients are %v", got)
	}
}

func TestCompareIDs(t *testing.T) {
	a, b := [][]uint32{{1, 2}, {3}}, [][]uint32{{1, 2}, {4}}
	for _, c := range []struct {
		have [][]uint32
		want string
	}{{a, "equal in 2"}, {b, "1 of 2 differ"}, {a[:1], "1 texts instead of 2"}} {
		if got := compareIDs(c.have, a); got != c.want {
			t.Errorf("%v against %v: %q, want %q", c.have, a, got, c.want)
		}
	}
}

func TestNotes(t *testing.T) {
	b := &tokenizerBench{vocabs: "cl100k,v3", ratios: map[string]float64{}, rates: map[string]float64{}, walls: map[string]float64{}}
	for _, v := range []string{"cl100k", "v3"} {
		for n, scale := range []float64{1, 1.9} {
			all := []*contest{
				{side: &side{name: "codemill"}, cold: []float64{100 * scale, 90 * scale, 110 * scale}, warm: []float64{200, 200, 200}, wall: [2]float64{100 * scale, 200}},
				{side: &side{name: portable}, cold: []float64{50, 50, 50}, warm: []float64{100, 100, 100}},
				{side: &side{name: "tiktoken"}, cold: []float64{10, 10, 10}, warm: []float64{10, 10, 10}},
				{side: &side{name: "peer"}, cold: []float64{50, 30, 44}, warm: []float64{100, 50, 200}, ids: "equal in 3"},
			}
			b.note(all, vocabulary{name: v}, &corpusFile{name: "code"}, n+1)
		}
	}
	b.ownRatios()
	for key, want := range map[string]float64{
		"peer/cl100k/code/1thread/cold":                     2.5,
		"peer/v3/code/1thread/warm":                         2,
		"codemill/cl100k/code/allthreads:1thread/cold":      1.9,
		"codemill/v3:cl100k/code/1thread/cold":              1,
		"codemill/v3:cl100k/code/allthreads/warm":           1,
		"codemill/cl100k/code/allthreads:1thread/warm":      1,
		"codemill-purego:tiktoken/cl100k/code/1thread/cold": 5,
		"codemill-purego:tiktoken/v3/code/allthreads/warm":  10,
	} {
		if got := b.ratios[key]; got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	if len(b.rows) != 16 {
		t.Errorf("%d rows", len(b.rows))
	}
}

// TestTokenizerJSON: the file that is given to peers means the same as the
// ranks that it is made of.
func TestTokenizerJSON(t *testing.T) {
	for name, known := range openAI {
		v, err := findVocabulary(name, t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		want, err := bpe.LoadTiktoken(known.encoding)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(v.json)
		if err != nil {
			t.Fatal(err)
		}
		have, err := bpe.LoadHF(file)
		if err != nil {
			t.Fatal(err)
		}
		text := []byte("func main() { fmt.Println(\"Hello, Wörld 你好 12345\") }\n\n\t// it's DON'T\r\n   ʼ̂x")
		if a, b := have.NewEncoder().Append(nil, text), want.NewEncoder().Append(nil, text); !slices.Equal(a, b) {
			t.Errorf("%s: %v, want %v", name, a, b)
		}
	}
	if _, err := findVocabulary("nonesuch", t.TempDir(), t.TempDir()); err == nil {
		t.Error("a vocabulary that is not there was found")
	}
}

// TestProtocol talks to codemill's own side as the benchmark does.
func TestProtocol(t *testing.T) {
	dir := t.TempDir()
	texts, out := filepath.Join(dir, "texts"), filepath.Join(dir, "ids")
	if err := writeTexts(texts, [][]byte{[]byte("Hello world"), []byte("a"), []byte("b")}); err != nil {
		t.Fatal(err)
	}
	commands := []string{"texts\t" + texts, "load\tcl100k_base\tranks\tjson", "pass\t3", "ids\t2\t" + out, "nonsense", "texts\t" + dir + "/none"}
	var answers bytes.Buffer
	if err := serveSide("codemill", strings.NewReader(strings.Join(commands, "\n")), &answers); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(answers.String()), "\n")
	for i, want := range []string{"ok\t3", "ok\t", "ok\t", "ok\t2", "error\t", "error\t"} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("answers %q; number %d should begin with %q", lines, i, want)
		}
	}
	if ids, err := readIDs(out); err != nil || len(ids) != 2 || !slices.Equal(ids[0], []uint32{9906, 1917}) {
		t.Errorf("ids %v, %v", ids, err)
	}
	if err := serveSide("nonesuch", strings.NewReader(""), io.Discard); err == nil {
		t.Error("a side that is not there was served")
	}
}

// TestReport: the last line is one JSON object.
func TestReport(t *testing.T) {
	var out bytes.Buffer
	err := report(&out, benchmark{name: "x", run: func(w io.Writer, _ []string) (map[string]float64, error) {
		return map[string]float64{"a/b": 2}, table(w, [][]string{{"h", "longer"}, {"1", "2"}})
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var last struct {
		Bench  string
		Ratios map[string]float64
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Bench != "x" || last.Ratios["a/b"] != 2 {
		t.Errorf("last line %q: %v", lines[len(lines)-1], err)
	}
	if len(lines) != 3 || !strings.Contains(lines[1], "1") {
		t.Errorf("table %q", lines)
	}
}
