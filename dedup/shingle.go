package dedup

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	// maxNgram bounds Near.Ngram.
	maxNgram = 64
	// MaxShingles is how many different shingles a document may have and still
	// be compared for near-duplicates; one with more, 10 MB of code or so, is
	// compared exactly only. It bounds the memory that a document takes.
	MaxShingles = 1 << 21
)

// Constants of the token and shingle hashes: odd, with about as many ones as
// zeros (wyhash's). Changing them changes every sketch: raise Version.
const (
	k0 = 0xa0761d6478bd642f
	k1 = 0xe7037ed1a0b428db
	k2 = 0x8ebc6af09c88c6e3
	k3 = 0x589965cc75374cc3
)

// fold multiplies to 128 bits and folds them: every bit of the result depends
// on every bit of both.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashToken hashes the bytes of one token, which is not empty.
func hashToken(b []byte) uint64 {
	h := uint64(len(b)) ^ k0
	for len(b) > 8 {
		h = fold(h^binary.LittleEndian.Uint64(b), k2)
		b = b[8:]
	}
	var v uint64
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	return fold(v^k1, h)
}

// emptyToken is the hash of a token of no bytes.
const emptyToken = k3

// shingler turns the hashes of tokens, in the order of the text, into the set
// of its shingles.
type shingler struct {
	n    int    // tokens to a shingle
	out  uint64 // what the hash of a token is multiplied with when it leaves the window
	set  []uint64
	full bool // there are more shingles than MaxShingles

	tokens [1024]uint64 // waiting; the first n are those before them, if have is n
	have   int          // tokens before those waiting, up to n
	used   int
	sum    uint64 // rolling hash of the last n tokens
}

func (s *shingler) reset(n int, set []uint64) {
	s.n, s.set, s.full, s.have, s.used, s.sum = n, set[:0], false, 0, 0, 0
	s.out = 1
	for range n {
		s.out *= k3
	}
}

// flush makes shingles of the tokens waiting. A shingle's hash is that of the
// polynomial over its tokens' hashes, which rolls.
func (s *shingler) flush() {
	if len(s.set)+s.used > 2*MaxShingles {
		if s.set = sortSet(s.set); len(s.set) > MaxShingles {
			s.full = true
		}
	}
	sum, out, tokens := s.sum, s.out, s.tokens[:s.used]
	i := s.have
	for ; i < len(tokens) && i < s.n; i++ { // the window fills
		sum = sum*k3 + tokens[i]
		if i == s.n-1 {
			s.set = append(s.set, fold(sum^k1, k2))
		}
	}
	if i < len(tokens) {
		s.set = slices.Grow(s.set, len(tokens)-i)
		set := s.set[:len(s.set)+len(tokens)-i]
		to := set[len(s.set):]
		old := tokens[i-s.n:]
		for j, t := range tokens[i:] {
			sum = sum*k3 + t - old[j]*out
			to[j] = fold(sum^k1, k2)
		}
		s.set = set
	}
	s.sum = sum
	s.have = min(s.used, s.n)
	copy(s.tokens[:], tokens[s.used-s.have:])
	s.used = s.have
}

func (s *shingler) add(token uint64) {
	if s.used == len(s.tokens) {
		s.flush()
	}
	s.tokens[s.used] = token
	s.used++
}

// The classes of bytes in split "code".
const (
	blank = iota
	word
	operator
)

// classes returns the class of every byte: controls and space are blank;
// letters, digits, underscore and all of non-ASCII are word.
func classes() (t [256]uint8) {
	for b := range t {
		switch {
		case b <= ' ' || b == 0x7f:
			t[b] = blank
		case b == '_' || b >= 0x80 || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z':
			t[b] = word
		default:
			t[b] = operator
		}
	}
	return t
}

// code takes runs of word bytes and runs of operator bytes as tokens.
func (s *shingler) code(text []byte, class *[256]uint8) {
	for i := 0; i < len(text) && !s.full; {
		c := class[text[i]]
		if c == blank {
			i++
			continue
		}
		start := i
		for i++; i < len(text) && class[text[i]] == c; i++ {
		}
		if start+8 <= len(text) && i-start <= 8 {
			// hashToken of a short token, without its loop.
			n := uint(i - start)
			v := binary.LittleEndian.Uint64(text[start:]) & (1<<(8*n&63) - 1 | -(uint64(n) >> 3))
			s.add(fold(v^k1, uint64(n)^k0))
		} else {
			s.add(hashToken(text[start:i]))
		}
	}
}

// pieces takes what stands between separators as tokens, empty ones too, as
// Python's re.split does; the word function says which characters are none.
func (s *shingler) pieces(text []byte, word func(rune) bool, lower bool) {
	var buf []byte
	for i := 0; i <= len(text) && !s.full; {
		token := text[i:]
		next := len(text) + 1
		if j, size := indexSeparator(token, word); j >= 0 {
			token, next = token[:j], i+j+size
		}
		if lower {
			buf = buf[:0]
			for k := 0; k < len(token); {
				r, size := utf8.DecodeRune(token[k:])
				buf = utf8.AppendRune(buf, unicode.ToLower(r))
				k += size
			}
			token = buf
		}
		if len(token) == 0 {
			s.add(emptyToken)
		} else {
			s.add(hashToken(token))
		}
		i = next
	}
}

func indexSeparator(text []byte, word func(rune) bool) (at, size int) {
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if !word(r) {
			return at, size
		}
		at += size
	}
	return -1, 0
}

func asciiWord(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

// unicodeWord is Python's \w.
func unicodeWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
}

// chars takes every character as a token.
func (s *shingler) chars(text []byte) {
	for i := 0; i < len(text) && !s.full; {
		_, size := utf8.DecodeRune(text[i:])
		s.add(hashToken(text[i : i+size]))
		i += size
	}
}

// maxBuckets is the most buckets that sortSet deals values out to.
const maxBuckets = 1 << 12

// sortSet sorts hashes and drops repeated ones, in place; the slice may move
// where its capacity is not twice its length. Hashes are spread evenly, so
// dealing them out by their first bits leaves little to sort.
func sortSet(set []uint64) []uint64 {
	n := len(set)
	if n < 32 {
		slices.Sort(set)
		return slices.Compact(set)
	}
	shift := 64 - min(bits.Len(uint(n))-2, bits.Len(maxBuckets)-1)
	set = slices.Grow(set, n)
	var ends [maxBuckets]uint32
	buckets := ends[:1<<(64-shift)]
	for _, h := range set {
		buckets[h>>shift]++
	}
	sum := uint32(0)
	for i, c := range buckets {
		buckets[i] = sum
		sum += c
	}
	dealt := set[n : 2*n]
	for _, h := range set {
		p := &buckets[h>>shift]
		dealt[*p] = h
		*p++
	}
	set = set[:0]
	start := uint32(0)
	for _, end := range buckets {
		set = appendSorted(set, dealt[start:end])
		start = end
	}
	return set
}

// appendSorted sorts a few values and appends them to a set of smaller ones.
func appendSorted(set, few []uint64) []uint64 {
	if len(few) > 24 {
		slices.Sort(few)
	} else {
		for i := 1; i < len(few); i++ {
			h, j := few[i], i
			for ; j > 0 && few[j-1] > h; j-- {
				few[j] = few[j-1]
			}
			few[j] = h
		}
	}
	for i, h := range few {
		if i == 0 || h != few[i-1] {
			set = append(set, h)
		}
	}
	return set
}
