package tokenize

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/codemill/codemill/corpus"
)

// What tokens, memory and files follow from: by others, old ones are not read.
func TestConstants(t *testing.T) {
	if Version != 1 || OutputFormat != 1 || SpillFormat != 1 || footerBytes != 16 || fixedBytes != 54 || spillBytes != 32<<20 || checkEvery != 1000 ||
		batchBytes != 16<<20 || maxRowBytes != 1<<30 {
		t.Error("a constant was changed")
	}
}

// Every range holds its ends and nothing beyond them.
func TestLimitsOfSettings(t *testing.T) {
	fim := func(rate, spm float64) Config { return Config{FIM: FIM{Rate: rate, SPMRate: spm}} }
	tokens := func(p, s, m string) Config { return Config{FIM: FIM{Tokens: FIMTokens{p, s, m}}} }
	for _, c := range []struct {
		config Config
		good   bool
	}{
		{Config{SeqLen: 1}, false},
		{Config{SeqLen: 2}, true},
		{Config{SeqLen: 1 << 20}, true},
		{Config{SeqLen: 1<<20 + 1}, false},
		{Config{BatchRows: -1}, false},
		{Config{BatchRows: 1}, true},
		{Config{BatchRows: 100_000}, true},
		{Config{BatchRows: 100_001}, false},
		{Config{Packing: "concat"}, true},
		{Config{Packing: "best_fit"}, true},
		{fim(0, 0), true},
		{fim(1, 1), true},
		{fim(1.001, 0), false},
		{fim(0, 1.001), false},
		{fim(-0.001, 0), false},
		{fim(0, math.NaN()), false},
		{tokens("a", "b", "c"), true},
		{tokens("a", "b", ""), false},
		{tokens("", "", "c"), false},
	} {
		if err := c.config.Validate(); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
	for name, path := range map[string]bool{"cl100k_base": false, "x.json": true, "a/b": true, `a\b`: true, "$HOME": true, "json": false} {
		if c := (Config{Tokenizer: name}); (len(c.Paths()) > 0) != path {
			t.Errorf("%s: a path: %v, want %v", name, !path, path)
		}
	}
}

// No two of the three sentinels may be one.
func TestSentinelsDiffer(t *testing.T) {
	for tokens, good := range map[FIMTokens]bool{
		{"9001", "9002", "9003"}: true, {"9001", "9001", "9003"}: false, {"9001", "9002", "9002"}: false, {"9001", "9002", "9001"}: false,
	} {
		c := Config{FIM: FIM{Rate: .5, Tokens: tokens}}
		if _, err := New(c, loadBytes(t, &c, dsEnd)); (err == nil) != good {
			t.Errorf("%v: %v", tokens, err)
		}
	}
}

// A document has to begin and to end as its vocabulary says.
func TestDecodeWantsBothEnds(t *testing.T) {
	c := Config{BOS: true}
	k, err := New(c, deepSeek(t, &c))
	if err != nil {
		t.Fatal(err)
	}
	bos, eos := *k.BOS, *k.EOS
	for _, ids := range [][]uint32{nil, {bos}, {eos}, {'a', eos}, {bos, 'a'}, {eos, 'a', bos}} {
		if text, err := k.Decode(nil, ids, Plain); err == nil {
			t.Errorf("%v became %q", ids, text)
		}
	}
	if _, err := k.Decode(nil, []uint32{bos, eos}, Plain); err != nil {
		t.Error(err)
	}
}

// Only names that are not plain are quoted.
func TestQuote(t *testing.T) {
	for path, want := range map[string]string{`a"b`: `a"b`, `"a`: `"\"a"`, "\xff\\": `"\377\\"`, "\ufffd": "\ufffd", "\xff\ufffd": "\"\\377\ufffd\""} {
		if got := Quote(path); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

// A record that was cut anywhere, or of another form, is damaged.
func TestDamagedRecords(t *testing.T) {
	r, _ := randomRecord(rand.New(rand.NewPCG(5, 6)))
	whole := appendRecord(nil, &r, []uint32{1, 2})
	damaged := func(what string, b []byte) {
		if _, _, err := parseRecord(b); !errors.Is(err, corpus.ErrCorrupt) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for n := range whole {
		damaged("cut", whole[:n])
		if n >= 4 { // as long as it says
			b := bytes.Clone(whole[:n])
			binary.LittleEndian.PutUint32(b, uint32(n-4))
			if left := len(whole) - n; left != 4 && left != 8 { // tokens are missing, which the row's sum shows
				damaged("shorter", b)
			}
		}
	}
	other := bytes.Clone(whole)
	other[4+28] = byte(Padding)
	damaged("padding", other)
	other[4+28] = byte(SPM)
	if _, rest, err := parseRecord(append(other, 7)); err != nil || len(rest) != 1 {
		t.Error(rest, err)
	}
}

// A spill file of others buckets, of another format or of none is damaged, as is
// one whose runs are not within it.
func TestDamagedSpills(t *testing.T) {
	const buckets = 2
	file := func(ends [buckets + 1]uint64, runs, of, format uint32, magic string) []byte {
		b := make([]byte, 10)
		for _, e := range ends {
			b = binary.LittleEndian.AppendUint64(b, e)
		}
		for _, n := range []uint32{runs, of, format} {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
		return append(b, magic...)
	}
	for _, c := range []struct {
		file []byte
		size int64 // of the second bucket; -1 for damage
	}{
		{file([3]uint64{0, 4, 10}, 1, buckets, SpillFormat, spillMagic), 6},
		{file([3]uint64{0, 4, 4}, 1, buckets, SpillFormat, spillMagic), 0},
		{file([3]uint64{0, 0, 10}, 1, buckets, SpillFormat, spillMagic), 10},
		{file([3]uint64{0, 4, 11}, 1, buckets, SpillFormat, spillMagic), -1},
		{file([3]uint64{0, 5, 4}, 1, buckets, SpillFormat, spillMagic), -1},
		{file([3]uint64{0, 1 << 63, 4}, 1, buckets, SpillFormat, spillMagic), -1},
		{file([3]uint64{0, 4, 10}, 2, buckets, SpillFormat, spillMagic), -1},
		{file([3]uint64{0, 4, 10}, 1, buckets+1, SpillFormat, spillMagic), -1},
		{file([3]uint64{0, 4, 10}, 1, buckets, SpillFormat+1, spillMagic), -1},
		{file([3]uint64{0, 4, 10}, 1, buckets, SpillFormat, "spil."[1:]), -1},
		{nil, -1},
	} {
		extents, err := shardExtents(bytes.NewReader(c.file), int64(len(c.file)), buckets, 1)
		size := int64(0)
		for _, e := range extents {
			size += e.size
		}
		if c.size < 0 != errors.Is(err, corpus.ErrCorrupt) || c.size >= 0 && (err != nil || size != c.size) {
			t.Errorf("%x: %d bytes, %v, want %d", c.file, size, err, c.size)
		}
	}
}
