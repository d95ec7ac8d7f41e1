package bpe

import (
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/pretoken"
)

// streamed encodes text through a stream, in pieces of random sizes.
func streamed(t *testing.T, enc *Encoder, r *rand.Rand, text []byte, special bool, least int) []uint32 {
	t.Helper()
	var ids []uint32
	s := enc.newStream(special, least, func(some []uint32) error {
		ids = append(ids, some...)
		return nil
	})
	for len(text) > 0 {
		n := min(len(text), 1+r.IntN(1+r.IntN(1+r.IntN(300))))
		if _, err := s.Write(text[:n]); err != nil {
			t.Fatal(err)
		}
		text = text[n:]
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return ids
}

func checkStream(t *testing.T, enc *Encoder, r *rand.Rand, text []byte, special bool) {
	t.Helper()
	want := enc.Append(nil, text)
	if special {
		want = enc.AppendSpecial(nil, text)
	}
	if got := streamed(t, enc, r, text, special, 1+r.IntN(60)); !slices.Equal(got, want) {
		t.Fatalf("%q, special %t: got %v, want %v", text, special, got, want)
	}
}

// streamTokenizers have every scanner, and the general engine.
func streamTokenizers(t testing.TB) map[string]*Tokenizer {
	list := map[string]*Tokenizer{}
	for name, steps := range bpetest.ScannerCases() {
		tok, err := LoadTiktoken("r50k_base")
		if err != nil {
			t.Fatal(err)
		}
		c := *tok
		tables, err := charset.LoadTables()
		if err == nil {
			c.pre, err = pretoken.New(tables, steps)
		}
		if err != nil || !c.pre.HasScanner() {
			t.Fatal(name, err)
		}
		list[name] = &c
	}
	return list
}

// TestStreamsEqualTheWhole cuts at random: no place at which a text is cut may
// show in the ids.
func TestStreamsEqualTheWhole(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	for name, tok := range streamTokenizers(t) {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 8))
			enc := tok.NewEncoder()
			for range n {
				var text string
				for range 1 + r.IntN(8) {
					text += bpetest.RandomText(r)
				}
				checkStream(t, enc, r, []byte(text), r.IntN(2) == 0)
			}
		})
	}
}

// TestStreamsMergeLongPretokens has runs that are longer than what is merged at
// a time, with what makes them end in one place or another.
func TestStreamsMergeLongPretokens(t *testing.T) {
	runs := []string{"a", "A", "ab", "é", "字", "漢字仮名", " ", "\n", "\t", "\r\n", ".", "=", "'", "1", "\u0301", "\u3000", "。", "\x00", "한글",
		"\U0001F600", "\xff", "qzjxkvw", "\u00a0"}
	around := []string{"", "a", "A", " ", "  ", "\n", " \n", "1", ".", "'ll", "字", "\u0301", "\u3000", "\u3000、", "\u3000a", "x'", "漢"}
	for name, tok := range streamTokenizers(t) {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(17, 18))
			enc := tok.NewEncoder()
			n := 4
			if testing.Short() {
				n = 1
			}
			for _, run := range runs {
				for range n {
					text := around[r.IntN(len(around))] + strings.Repeat(run, 200+r.IntN(3000)) + around[r.IntN(len(around))] + around[r.IntN(len(around))]
					checkStream(t, enc, r, []byte(text), false)
				}
			}
			letters := make([]byte, 20000)
			for i := range letters {
				letters[i] = "etaoinshrdluETAOIN"[r.IntN(12+6*r.IntN(2))]
			}
			checkStream(t, enc, r, letters, false)
		})
	}
}

// TestStreamsFindAddedTokens has every kind of added token, NFC, and texts of
// the pieces that matter to them.
func TestStreamsFindAddedTokens(t *testing.T) {
	pieces := []string{"<s>", "</s>", "<s>x", "<", "ab", "b", " ", "   ", "\t", "\n", "é", "e\u0301", "中", "_", "1", "\u3000", "x y",
		"\u00c5", "\u0301", "\u0323", "word", "\u200d", "\xff", "\xe4\xb8", "<s", "-"}
	r := rand.New(rand.NewPCG(9, 10))
	eachAddedFile(t, func(_ string, tok *Tokenizer, _ []addedCase) {
		enc := tok.NewEncoder()
		for range 100 {
			var text string
			for range 1 + r.IntN(30) {
				text += pieces[r.IntN(len(pieces))]
			}
			checkStream(t, enc, r, []byte(text), r.IntN(2) == 0)
		}
	})
}

func FuzzStream(f *testing.F) {
	tokenizers := streamTokenizers(f)
	var names []string
	encoders := map[string]*Encoder{}
	for name, tok := range tokenizers {
		names = append(names, name)
		encoders[name] = tok.NewEncoder()
	}
	slices.Sort(names)
	f.Add(uint64(1), uint8(0), []byte("漢AAA'll  \n\n  x\u3000、\u3000\u3000y  "))
	f.Fuzz(func(t *testing.T, seed uint64, pick uint8, text []byte) {
		r := rand.New(rand.NewPCG(seed, 1))
		checkStream(t, encoders[names[int(pick)%len(names)]], r, text, seed%2 == 0)
	})
}

// repeated is a reader of n bytes of a text said over and over.
type repeated struct {
	text string
	at   int
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && r.n > 0 {
		k := copy(p[n:min(len(p), n+r.n)], r.text[r.at:])
		r.at = (r.at + k) % len(r.text)
		n, r.n = n+k, r.n-k
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// TestStreamsKeepLittle encodes lines without an end: what a stream takes does
// not depend on how much there is.
func TestStreamsKeepLittle(t *testing.T) {
	stream := func(enc *Encoder, text string, size int) (spent uint64) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tokens := 0
		s := enc.NewStream(false, func(ids []uint32) error { tokens += len(ids); return nil })
		if _, err := io.Copy(s, &repeated{text: text, n: size}); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err := s.Close(); err != nil || tokens < size/256 {
			t.Fatalf("%q: %d tokens, %v", text, tokens, err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	for _, name := range []string{"r50k_base", "cl100k_base", "o200k_base", "deepseek-coder", "deepseek-v3"} {
		t.Run(name, func(t *testing.T) {
			enc := load(t, name).NewEncoder()
			for _, text := range []string{"the quick brown fox ", "中文，没有空格。", "a.b;c=", "1", "\n", "é"} {
				stream(enc, text, 1<<18) // scratch memory
				if spent := stream(enc, text, 4<<20); spent > 4<<20 {
					t.Errorf("%q: %d bytes allocated", text, spent)
				}
			}
		})
	}
}

func TestStreamErrors(t *testing.T) {
	tok := toy(t)
	enc := tok.NewEncoder()
	stop := errors.New("stop")
	s := enc.NewStream(true, func([]uint32) error { return stop })
	if _, err := s.Write([]byte(strings.Repeat("a ", 1<<16))); !errors.Is(err, stop) {
		t.Errorf("emit's error came back as %v", err)
	}
	if err := s.Close(); !errors.Is(err, stop) {
		t.Errorf("after an error Close gives %v", err)
	}
	s = enc.NewStream(true, func([]uint32) error { return nil })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Write([]byte("a")); !errors.Is(err, ErrClosed) {
		t.Errorf("writing to a closed stream: %v", err)
	}
	if err := s.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("closing twice: %v", err)
	}
}

// TestStreamsKeepNoMoreThanTheyMay has text whose tokens stay undecided.
func TestStreamsKeepNoMoreThanTheyMay(t *testing.T) {
	if testing.Short() {
		t.Skip("takes memory")
	}
	tok := toy(t)
	tok.pre = withoutScanner(t)
	s := tok.NewEncoder().NewStream(false, func([]uint32) error { return nil })
	n, err := io.Copy(s, &repeated{text: "a b ", n: MaxPending + 1<<20})
	if !errors.Is(err, ErrPending) || n > MaxPending {
		t.Errorf("%d bytes taken, error %v", n, err)
	}
	if err := s.Close(); !errors.Is(err, ErrPending) {
		t.Errorf("closed with %v", err)
	}
}
