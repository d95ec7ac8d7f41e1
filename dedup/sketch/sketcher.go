package sketch

import "sync"

// Config is how texts are cut into shingles, and how many values a sketch
// has. All of it must be set.
type Config struct {
	Ngram        int    // tokens to a shingle, 1 to MaxNgram
	Split        string // how a text is cut into tokens: see [Sketcher.Shingles]
	Permutations int    // values of a sketch
}

// Sketcher makes shingles and sketches. It is safe for concurrent use.
type Sketcher struct {
	c    Config
	pool sync.Pool // of *shingler
	bins sync.Pool // of *[]uint64, for fss
}

// New returns a Sketcher for valid settings.
func New(c Config) *Sketcher {
	s := &Sketcher{c: c}
	s.pool.New = func() any { return new(shingler) }
	s.bins.New = func() any {
		bins := make([]uint64, c.Permutations)
		return &bins
	}
	return s
}

// The values of Config.Split.
const (
	SplitCode    = "code"
	SplitStackV1 = "stack-v1"
	SplitStackV2 = "stack-v2"
	SplitChars   = "chars"
)

// Splits lists them.
func Splits() []string { return []string{SplitCode, SplitStackV1, SplitStackV2, SplitChars} }

// Shingles returns the hashes of a text's shingles, the runs of Config.Ngram
// tokens, sorted and each once. It writes over set, whose memory it may use.
// The set is empty for a text with too few tokens to make a shingle, and false
// is returned for one with more than [MaxShingles].
//
// What a token is depends on Config.Split:
//
//   - code: a run of letters, digits, underscores and non-ASCII characters, or
//     a run of other visible characters, such as ":=" or "});". White space
//     only separates.
//   - stack-v1: what stands between characters other than [A-Za-z_0-9], empty
//     where two of these follow each other or one begins or ends the text, as
//     The Stack v1's code has it (bigcode-dataset, near_deduplication,
//     minhash_deduplication.py). A text of fewer than 5 tokens has no shingle,
//     however short these are.
//   - stack-v2: what stands between characters that are not \w in the
//     lower-cased text, empty likewise, as The Stack v2's code has it
//     (near_deduplication/bigcode-v2/intra_dedup.py). A text of fewer than 5
//     tokens has no shingle, one of 5 and more and fewer than Config.Ngram a
//     single one of them all. Letters and their cases are those of the Unicode
//     version of Go's tables, as there they are those of Python's.
//   - chars: a single character, white space included.
func (k *Sketcher) Shingles(set []uint64, text []byte) ([]uint64, bool) {
	s := k.pool.Get().(*shingler)
	defer k.pool.Put(s)
	s.reset(k.c.Ngram, len(text))
	switch k.c.Split {
	case SplitCode:
		s.code(text)
		s.flush()
	case SplitStackV1:
		s.stackV1(text)
	case SplitStackV2:
		s.stackV2(text)
	case SplitChars:
		s.chars(text)
		s.flush()
	}
	if set = s.sorted(set[:0]); s.full || len(set) > MaxShingles {
		return set[:0], false
	}
	return set, true
}

// Sign writes the sketch of a set of shingles over sketch. The set must not be
// empty; sketches of other lengths or settings are not comparable.
func (k *Sketcher) Sign(sketch []uint16, set []uint64) []uint16 {
	n := k.c.Permutations
	if cap(sketch) < n {
		sketch = make([]uint16, n)
	}
	sketch = sketch[:n]
	bins := k.bins.Get().(*[]uint64)
	fss(sketch, set, *bins)
	k.bins.Put(bins)
	return sketch
}
