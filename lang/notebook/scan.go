package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/codemill/codemill/internal/surrogate"
)

// scanner reads JSON. What it passes over, such as outputs, it reads for strings and
// brackets alone: Python writes NaN into them, which is no JSON, and what is left out
// need not be right. Nesting costs nothing. encoding/json would read every byte four
// times, one by one, and refuse NaN.
type scanner struct {
	b  []byte
	at int
}

// failed is an error that names the place.
func (s *scanner) failed(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", s.at, fmt.Sprintf(format, args...))
}

// next returns the next byte that is no space, 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.b); s.at++ {
		switch c := s.b[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// expect reads one byte.
func (s *scanner) expect(c byte) error {
	if s.next() != c {
		return s.failed("want %q", c)
	}
	s.at++
	return nil
}

// list reads what stands between two brackets with commas between: item reads one.
func (s *scanner) list(open, end byte, item func() error) error {
	if err := s.expect(open); err != nil {
		return err
	}
	for more := false; ; more = true {
		if !more && s.next() == end {
			break
		}
		if err := item(); err != nil {
			return err
		}
		if s.next() != ',' {
			break
		}
		s.at++
	}
	return s.expect(end)
}

// array reads an array: element reads one.
func (s *scanner) array(element func() error) error { return s.list('[', ']', element) }

// object reads an object: member reads the value of a key.
func (s *scanner) object(member func(key string) error) error {
	return s.list('{', '}', func() error {
		key, err := s.text(nil)
		if err != nil && err != ErrHalfPair {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		return member(string(key))
	})
}

// quoted reads a string and returns it as it stands, with its quotes.
func (s *scanner) quoted() ([]byte, error) {
	if s.next() != '"' {
		return nil, s.failed("want a string")
	}
	for from := s.at + 1; ; {
		i := bytes.IndexByte(s.b[from:], '"')
		if i < 0 {
			return nil, s.failed("a string without an end")
		}
		end := from + i
		first := end
		for first > from && s.b[first-1] == '\\' {
			first--
		}
		if (end-first)%2 == 0 {
			q := s.b[s.at : end+1]
			s.at = end + 1
			return q, nil
		}
		from = end + 1
	}
}

// text reads a string and appends what it stands for to b.
func (s *scanner) text(b []byte) ([]byte, error) {
	q, err := s.quoted()
	if err != nil {
		return b, err
	}
	if plain := q[1 : len(q)-1]; bytes.IndexFunc(plain, func(r rune) bool { return r == '\\' || r < ' ' }) < 0 {
		return append(b, plain...), nil
	}
	var text string
	if err := json.Unmarshal(q, &text); err != nil {
		s.at -= len(q)
		return b, s.failed("%v", err)
	}
	if surrogate.Half(q) {
		err = ErrHalfPair
	}
	return append(b, text...), err
}

// skip passes over a value and returns it.
func (s *scanner) skip() ([]byte, error) {
	start := -1
	for depth := 0; ; {
		c := s.next()
		if start < 0 {
			start = s.at
		}
		switch {
		case c == '"':
			if _, err := s.quoted(); err != nil {
				return nil, err
			}
		case c == '{' || c == '[':
			depth++
			s.at++
			continue
		case depth > 0 && (c == '}' || c == ']'):
			depth--
			s.at++
		case depth > 0 && (c == ',' || c == ':'):
			s.at++
		case isLiteral(c):
			for s.at < len(s.b) && isLiteral(s.b[s.at]) {
				s.at++
			}
		default:
			return nil, s.failed("want a value")
		}
		if depth == 0 {
			return s.b[start:s.at], nil
		}
	}
}

// isLiteral reports whether a byte may be of a number, true, false, null or NaN.
func isLiteral(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}

// lookup returns the string at a path of keys within a value that skip has returned, ""
// where there is none.
func lookup(value []byte, keys ...string) string {
	s := &scanner{b: value}
	if len(keys) == 0 {
		text, _ := s.text(nil)
		return string(text)
	}
	found := ""
	_ = s.object(func(key string) error { // an error is at what is not there
		inner, err := s.skip()
		if err == nil && key == keys[0] {
			found = lookup(inner, keys[1:]...)
		}
		return err
	})
	return found
}
