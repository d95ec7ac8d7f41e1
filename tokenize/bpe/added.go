package bpe

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
)

// An AddedToken is matched in the text as it is written, before the
// pre-tokenizer sees it.
type AddedToken struct {
	Content string
	ID      uint32
	// Special tokens are control tokens, which Append takes for text and
	// AppendSpecial recognises. The others are recognised by both.
	Special bool
	// Normalized tokens are looked for behind the others, in normalized text,
	// and their content is normalized for that.
	Normalized bool
	// SingleWord tokens are not recognised beside a word character, Rust's \w.
	SingleWord bool
	// LStrip and RStrip tokens take the white space in front of them, or behind.
	LStrip, RStrip bool
}

// A matcher finds added tokens in text, the leftmost first, of those that begin
// at one place the longest, each search going on behind the last match: the
// automaton of the tokenizers library. It is a trie; a search takes, at every
// byte that begins a token, as many steps as the longest token has bytes at
// most.
type matcher struct {
	first  [256]int32 // node by first byte, or 0
	firsts []byte     // the bytes that have one
	nodes  []trieNode // nodes[0] is not used
	tokens []candidate
	word   charset.Set // \w, where a token is SingleWord
	lstrip bool        // some token is LStrip
	max    int         // the longest content, in bytes
}

type trieNode struct {
	edges []byte
	kids  []int32
	token int32 // index into tokens, or -1
}

type candidate struct {
	AddedToken
	text bool // a special token that is to stay text; what it spans is skipped
}

// newMatcher makes the matcher for the tokens that are, or are not, looked for
// in normalized text; nil if there are none. With specialsAreText special tokens
// are found only to be passed over, as in Hugging Face's encode_special_tokens:
// nothing is matched inside of them.
func newMatcher(t *charset.Tables, added []AddedToken, nfcFirst, normalized, specialsAreText bool) (*matcher, error) {
	m := &matcher{nodes: make([]trieNode, 1)}
	any := false
	for _, a := range added {
		if a.Normalized != normalized || a.Content == "" {
			continue
		}
		c := candidate{a, a.Special && specialsAreText}
		content := []byte(a.Content)
		if normalized && nfcFirst {
			content = charset.NFC(content)
		}
		if other := m.insert(content, c); other != nil {
			return nil, fmt.Errorf("added tokens %q and %q are one in normalized text: not supported", other.Content, a.Content)
		}
		any = any || !c.text
		m.lstrip = m.lstrip || a.LStrip
		m.max = max(m.max, len(content))
		if a.SingleWord && m.word == nil {
			m.word = t.Word()
		}
	}
	if !any {
		return nil, nil
	}
	return m, nil
}

// insert enters a token; if there is one of that content already it is returned.
func (m *matcher) insert(content []byte, c candidate) *candidate {
	at := m.first[content[0]]
	if at == 0 {
		at = m.node()
		m.first[content[0]] = at
		m.firsts = append(m.firsts, content[0])
	}
	for _, b := range content[1:] {
		i := bytes.IndexByte(m.nodes[at].edges, b)
		if i < 0 {
			kid := m.node()
			n := &m.nodes[at]
			i = len(n.edges)
			n.edges, n.kids = append(n.edges, b), append(n.kids, kid)
		}
		at = m.nodes[at].kids[i]
	}
	if k := m.nodes[at].token; k >= 0 {
		return &m.tokens[k]
	}
	m.nodes[at].token = int32(len(m.tokens))
	m.tokens = append(m.tokens, c)
	return nil
}

func (m *matcher) node() int32 {
	m.nodes = append(m.nodes, trieNode{token: -1})
	return int32(len(m.nodes) - 1)
}

// at is the longest token at the beginning of text, which is not empty, and its
// length; nil for none.
func (m *matcher) at(text []byte) (*candidate, int) {
	var found *candidate
	length := 0
	at := m.first[text[0]]
	for i := 1; at != 0; i++ {
		n := &m.nodes[at]
		if n.token >= 0 {
			found, length = &m.tokens[n.token], i
		}
		if i == len(text) {
			break
		}
		k := bytes.IndexByte(n.edges, text[i])
		if k < 0 {
			break
		}
		at = n.kids[k]
	}
	return found, length
}

// wordBefore and wordAfter tell that the character there is a word character.
func (m *matcher) wordBefore(text []byte) bool {
	r, n := utf8.DecodeLastRune(text)
	return n > 0 && m.word.Has(r)
}

func (m *matcher) wordAfter(text []byte) bool {
	r, n := utf8.DecodeRune(text)
	return n > 0 && m.word.Has(r)
}

// A stretch is text[from:to].
type stretch struct{ from, to int }

// A cutter cuts a text at the added tokens of a matcher, in the steps of the
// library's find_matches, whose order shows where a token is white space that
// another takes. No run of white space is looked at more than twice.
type cutter struct {
	m    *matcher
	text []byte
	// before is what stands in front of the text, of which the last character
	// is looked at.
	before []byte
	pos    int // where the search goes on: behind the last match
	start  int // where text goes on: behind the last token and the white space it took
	spaces stretch
	seek   [4]int // the next position of each of the matcher's first bytes, if not before pos
}

func newCutter(m *matcher, text []byte) cutter {
	return cutter{m: m, text: text, seek: [4]int{-1, -1, -1, -1}}
}

// next is the text before the next token, and the token with the white space it
// takes. At the end ok is false, and plain is the rest of the text.
func (c *cutter) next() (plain, token stretch, id uint32, ok bool) {
	for {
		from, to, a := c.find()
		if a == nil {
			return stretch{min(c.start, len(c.text)), len(c.text)}, stretch{}, 0, false
		}
		c.pos = to
		if a.text || a.SingleWord && !c.alone(from, to) {
			continue
		}
		if a.LStrip {
			from = c.spaceBefore(from)
		}
		if a.RStrip {
			to = c.spaceAfter(to)
		}
		if from >= to {
			continue // the last token took it as its white space, and LStrip takes nothing twice
		}
		plain = stretch{min(c.start, from), from}
		c.start = to
		return plain, stretch{from, to}, a.ID, true
	}
}

// find is the next match, found at or behind pos.
func (c *cutter) find() (from, to int, a *candidate) {
	for i := c.pos; i < len(c.text); i++ {
		if i = c.indexFirst(i); i == len(c.text) {
			break
		}
		if a, n := c.m.at(c.text[i:]); a != nil {
			return i, i + n, a
		}
	}
	return 0, 0, nil
}

// indexFirst is the first index from pos on of a byte that begins a token, or
// the text's length.
func (c *cutter) indexFirst(pos int) int {
	if len(c.m.firsts) > len(c.seek) {
		for pos < len(c.text) && c.m.first[c.text[pos]] == 0 {
			pos++
		}
		return pos
	}
	best := len(c.text)
	for j, b := range c.m.firsts {
		if c.seek[j] < pos {
			c.seek[j] = len(c.text)
			if i := bytes.IndexByte(c.text[pos:], b); i >= 0 {
				c.seek[j] = pos + i
			}
		}
		best = min(best, c.seek[j])
	}
	return best
}

// alone tells that no word character is beside text[from:to].
func (c *cutter) alone(from, to int) bool {
	before := c.text[:from]
	if from == 0 {
		before = c.before
	}
	return !c.m.wordBefore(before) && !c.m.wordAfter(c.text[to:])
}

// spaceBefore is where the white space before text[i] begins, of what no token
// has taken.
func (c *cutter) spaceBefore(i int) int {
	for i > c.start {
		r, n := utf8.DecodeLastRune(c.text[c.start:i])
		if !isWhite(r) {
			break
		}
		i -= n
	}
	return max(i, c.start)
}

// spaceAfter is where the white space from text[i] on ends.
func (c *cutter) spaceAfter(i int) int {
	if i < c.spaces.from || i >= c.spaces.to {
		c.spaces = stretch{i, i + leadingSpace(c.text[i:])}
	}
	return c.spaces.to
}

// leadingSpace is the length of the white space at the beginning of text.
func leadingSpace(text []byte) int {
	i := 0
	for i < len(text) {
		r, n := utf8.DecodeRune(text[i:])
		if !isWhite(r) {
			break
		}
		i += n
	}
	return i
}

// isWhite is the property White_Space.
func isWhite(r rune) bool {
	switch {
	case r >= 0x9 && r <= 0xd, r == ' ', r == 0x85, r == 0xa0, r == 0x1680, r >= 0x2000 && r <= 0x200a,
		r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000:
		return true
	}
	return false
}

// matchers are those for text and for normalized text.
type matchers [2]*matcher

func newMatchers(t *charset.Tables, added []AddedToken, nfcFirst, specialsAreText bool) (list matchers, err error) {
	for i, normalized := range []bool{false, true} {
		if list[i], err = newMatcher(t, added, nfcFirst, normalized, specialsAreText); err != nil {
			return list, err
		}
	}
	return list, nil
}
