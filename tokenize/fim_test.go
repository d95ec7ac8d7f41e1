package tokenize

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
)

func checkCut(t *testing.T, text []byte, a, b uint64) {
	t.Helper()
	p, m, s := Cut(text, a, b)
	if got := bytes.Join([][]byte{p, m, s}, nil); !bytes.Equal(got, text) {
		t.Fatalf("%q was cut into %q, %q and %q", text, p, m, s)
	}
	if utf8.Valid(text) && !(utf8.Valid(p) && utf8.Valid(m) && utf8.Valid(s)) {
		t.Fatalf("%q was cut within a character: %q, %q, %q", text, p, m, s)
	}
}

func FuzzFIM(f *testing.F) {
	f.Add("héllo, 日本 🙂\n", uint64(1)<<62, uint64(3)<<62, uint8(1))
	f.Add("", uint64(0), uint64(math.MaxUint64), uint8(2))
	f.Add(dsHole+dsPrefix+dsMiddle+dsEnd, uint64(1)<<63, uint64(1)<<61, uint8(1))
	f.Add("a\xff\xfeb\x00", uint64(9), uint64(math.MaxUint64), uint8(2))
	c := Config{FIM: FIM{Rate: 1, SPMRate: .5}, BOS: true}
	tok := deepSeek(f, &c)
	k, err := New(c, tok)
	if err != nil {
		f.Fatal(err)
	}
	enc := tok.NewEncoder()
	f.Fuzz(func(t *testing.T, text string, a, b uint64, seed uint8) {
		checkCut(t, []byte(text), a, b)
		d := &corpus.Doc{Kind: corpus.Code, Text: []byte(text)}
		d.SetIDs()
		ids, form := k.Encode(enc, nil, d, uint64(seed), int64(a>>40))
		if got, err := k.Decode(nil, ids, form); err != nil || string(got) != text {
			t.Fatalf("%s: %v: %q came back as %q", form, err, text, got)
		}
		if (form == Plain) != (text == "") {
			t.Fatalf("%q is %s at rate 1", text, form)
		}
	})
}

// Each of n+1 boundaries of n characters is drawn equally often, and both
// draws are: the middle is short, long and empty as often as chance says.
func TestCutIsUniform(t *testing.T) {
	text := []byte("aé日🙂")
	const n = 20000
	from, to := map[int]int{}, map[int]int{}
	for i := range uint64(n) {
		var id corpus.ID
		p, m, _ := Cut(text, corpus.Hash(1, "a", id, i), corpus.Hash(1, "b", id, i))
		from[utf8.RuneCount(p)]++
		to[utf8.RuneCount(p)+utf8.RuneCount(m)]++
	}
	for i := range 5 {
		// P(min = i) and P(max = 4-i) of two draws from 5.
		want := float64(2*(4-i)+1) / 25 * n
		for _, got := range []int{from[i], to[4-i]} {
			if math.Abs(float64(got)-want) > 5*math.Sqrt(want) {
				t.Errorf("boundary %d was drawn %d times, want about %.0f", i, got, want)
			}
		}
	}
}

func TestRatesOfFIM(t *testing.T) {
	const n = 20000
	count := map[Form]int{}
	for i := range int64(n) {
		count[FIM{Rate: .5, SPMRate: .2}.form(3, corpus.ID{1}, i)]++
	}
	for form, want := range map[Form]float64{Plain: .5, PSM: .4, SPM: .1} {
		if got := float64(count[form]) / n; math.Abs(got-want) > .02 {
			t.Errorf("%s: %.3f of the documents, want %.3f", form, got, want)
		}
	}
	for i := range int64(100) {
		if f := (FIM{}).form(3, corpus.ID{}, i); f != Plain {
			t.Error("rate 0 gives", f)
		}
		if f := (FIM{Rate: 1}).form(3, corpus.ID{}, i); f != PSM {
			t.Error("rate 1 gives", f)
		}
	}
}

// The order of the sentinels is that of the published models.
func TestOrderOfFIM(t *testing.T) {
	for _, spm := range []float64{0, 1} {
		c := Config{FIM: FIM{Rate: 1, SPMRate: spm}}
		tok := deepSeek(t, &c)
		k, err := New(c, tok)
		if err != nil {
			t.Fatal(err)
		}
		d := &corpus.Doc{Kind: corpus.Code, Text: []byte("0123456789")}
		ids, form := k.Encode(tok.NewEncoder(), nil, d, 5, 0)
		p, m, s := Cut(d.Text, corpus.Hash(5, "fim.cut.a", d.ID, 0), corpus.Hash(5, "fim.cut.b", d.ID, 0))
		want := fmt.Sprintf("%s%s%s%s%s%s%s", dsPrefix, p, dsHole, s, dsMiddle, m, dsEnd)
		if spm == 1 {
			want = fmt.Sprintf("%s%s%s%s%s%s%s", dsPrefix, dsHole, s, dsMiddle, p, m, dsEnd)
		}
		if got := string(tok.AppendDecoded(nil, ids)); got != want {
			t.Errorf("%s: %s, want %s", form, got, want)
		}
	}
}

func TestPartsRefusesOtherForms(t *testing.T) {
	s := Sentinels{1, 2, 3}
	for _, c := range []struct {
		ids  []uint32
		form Form
	}{
		{nil, PSM}, {[]uint32{1, 2}, PSM}, {[]uint32{1, 3, 2}, PSM}, {[]uint32{9, 1, 2, 3}, PSM},
		{[]uint32{1, 2, 3, 2}, PSM}, {[]uint32{1, 9, 2, 3}, SPM}, {[]uint32{1, 2, 3}, Padding},
	} {
		if parts, err := s.Parts(c.ids, c.form); err == nil {
			t.Errorf("%v as %s gave %v", c.ids, c.form, parts)
		}
	}
}

func TestLiteralSpecialTokensStayText(t *testing.T) {
	c := Config{BOS: true}
	tok := deepSeek(t, &c)
	k, err := New(c, tok)
	if err != nil {
		t.Fatal(err)
	}
	d := &corpus.Doc{Text: []byte(strings.Join([]string{dsBegin, dsEnd, dsHole, dsPrefix, dsMiddle}, " "))}
	ids, _ := k.Encode(tok.NewEncoder(), nil, d, 0, 0)
	for i, id := range ids {
		for _, s := range tok.Specials() {
			if id == s.ID && i != 0 && i != len(ids)-1 {
				t.Errorf("token %d of the text is %s", i, s.Content)
			}
		}
	}
	if ids[0] != *k.BOS || ids[len(ids)-1] != *k.EOS || len(ids) < len(d.Text)/2 {
		t.Error(ids)
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"a/b.go", "a\xffb", `"a"`, `"\377"`, "\xff\\\"\n", `\377`, `"`, "\xc3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		q := Quote(path)
		if !utf8.ValidString(q) {
			t.Fatalf("%q became %q", path, q)
		}
		if got := unquote(q); got != path {
			t.Fatalf("%q became %q and %q", path, q, got)
		}
	})
}
