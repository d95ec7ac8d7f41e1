package bpe

import (
	"bytes"
	"slices"
	"strings"
)

// A matcher finds added tokens in text, the leftmost first, of those that begin
// at one place the longest. Nil finds nothing.
type matcher struct {
	byFirst [256][]candidate // by first byte, the longest first
	firsts  []byte           // the first bytes there are
}

type candidate struct {
	content string
	id      uint32
	text    bool // a special token that is to stay text; what it spans is skipped
}

// newMatcher makes the matcher for the tokens that are, or are not, looked for
// in normalized text. With specialsAreText special tokens are found only to be
// passed over, as in Hugging Face's encode_special_tokens: nothing is matched
// inside of them.
func newMatcher(added []AddedToken, normalized, specialsAreText bool) *matcher {
	m := new(matcher)
	any := false
	for _, a := range added {
		if a.Normalized != normalized || a.Content == "" {
			continue
		}
		c := candidate{a.Content, a.ID, a.Special && specialsAreText}
		any = any || !c.text
		first := a.Content[0]
		if m.byFirst[first] == nil {
			m.firsts = append(m.firsts, first)
		}
		m.byFirst[first] = append(m.byFirst[first], c)
	}
	if !any {
		return nil
	}
	for _, list := range m.byFirst {
		slices.SortFunc(list, func(a, b candidate) int {
			if d := len(b.content) - len(a.content); d != 0 {
				return d
			}
			return strings.Compare(a.content, b.content)
		})
	}
	return m
}

// find is the first token in text[pos:], as text[from:to]; ok is false if there
// is none.
func (m *matcher) find(text []byte, pos int) (from, to int, id uint32, ok bool) {
	for pos < len(text) {
		i := m.indexFirst(text[pos:])
		if i < 0 {
			break
		}
		pos += i
		c := m.at(text[pos:])
		switch {
		case c == nil:
			pos++
		case c.text:
			pos += len(c.content)
		default:
			return pos, pos + len(c.content), c.id, true
		}
	}
	return 0, 0, 0, false
}

// indexFirst is the index of the first byte that begins a token, or -1.
func (m *matcher) indexFirst(text []byte) int {
	if len(m.firsts) == 1 {
		return bytes.IndexByte(text, m.firsts[0])
	}
	for i, b := range text {
		if m.byFirst[b] != nil {
			return i
		}
	}
	return -1
}

func (m *matcher) at(text []byte) *candidate {
	list := m.byFirst[text[0]]
	for i := range list {
		c := &list[i]
		if len(text) >= len(c.content) && string(text[:len(c.content)]) == c.content {
			return c
		}
	}
	return nil
}
