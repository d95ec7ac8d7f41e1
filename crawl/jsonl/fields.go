package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/internal/surrogate"
)

// fields are those of a JSON object: an [origin.Fields]. Values stay JSON until somebody
// asks for them, since most rows have many columns of which a few are read.
type fields struct {
	values map[string]json.RawMessage // of a name that is there twice, the last one
	inner  map[string]*fields         // of values that are objects, once they were looked into; nil for those that are none
}

// Decode reads a line as a JSON object, or says why it is none: exactly one of the results
// is nil. The fields share no memory with the line.
//
// What begins as an object and is not UTF-8 is left out for its encoding. What does not
// even begin as one is malformed, whatever its bytes: a file of another format is bad
// input, not a text in another encoding.
func Decode(line []byte) (origin.Fields, *origin.Left) {
	if bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")) && !utf8.Valid(line) {
		return nil, &origin.Left{Reason: origin.Encoding, Detail: "the line is not valid UTF-8"}
	}
	f := &fields{}
	if err := json.Unmarshal(line, &f.values); err != nil {
		detail := err.Error()
		if e := (*json.UnmarshalTypeError)(nil); errors.As(err, &e) {
			detail = fmt.Sprintf("%s instead of an object", e.Value)
		}
		return nil, &origin.Left{Reason: origin.Malformed, Detail: detail}
	}
	if f.values == nil {
		return nil, &origin.Left{Reason: origin.Malformed, Detail: "null instead of an object"}
	}
	return f, nil
}

// Field finds a field by its name, or else by its dotted path, as [Value] reads it; nil if
// there is none. "meta.path" is the field of this name, or the field path of the object
// meta. It takes one look at the maps for each dot.
func (f *fields) Field(name string) any {
	if v, ok := f.values[name]; ok {
		return Value(v)
	}
	for at := f; at != nil; {
		head, rest, dotted := strings.Cut(name, ".")
		if !dotted {
			return Value(at.values[name])
		}
		at, name = at.in(head), rest
	}
	return nil
}

// in returns the fields of a value, nil where it is no object. It decodes an object once,
// however many of its fields are asked for.
func (f *fields) in(name string) *fields {
	inner, known := f.inner[name]
	if known {
		return inner
	}
	if v := f.values[name]; len(v) > 0 && v[0] == '{' {
		inner = &fields{}
		if json.Unmarshal(v, &inner.values) != nil {
			inner = nil
		}
	}
	if f.inner == nil {
		f.inner = map[string]*fields{}
	}
	f.inner[name] = inner
	return inner
}

// Names returns the names of all fields, sorted.
func (f *fields) Names() []string { return slices.Sorted(maps.Keys(f.values)) }

// Value reads what is known to be JSON as [origin.Fields] returns it: a string, or an
// origin.Replaced where a character had to be replaced; an origin.Number, in the digits of
// the file; a bool; a []any of these; an origin.Object, whose fields are asked for by their
// dotted paths; nil for null and for nothing.
func Value(v json.RawMessage) any {
	if len(v) == 0 {
		return nil
	}
	switch v[0] {
	case 'n':
		return nil
	case 't', 'f':
		return v[0] == 't'
	case '{':
		return origin.Object{}
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(v, &list) != nil {
			return nil
		}
		values := make([]any, len(list))
		for i, e := range list {
			values[i] = Value(e)
		}
		return values
	case '"':
		s, ok := unquoted(v)
		if ok {
			return s
		}
		if json.Unmarshal(v, &s) != nil {
			return nil
		}
		if surrogate.Half(v) {
			return origin.Replaced(s)
		}
		return s
	}
	return origin.Number(v)
}

// unquoted reads a JSON string, which is the most of what most rows hold, at several
// times the decoder's speed; but for one with surrogates, or that is not UTF-8.
func unquoted(v []byte) (string, bool) {
	if len(v) < 2 || v[len(v)-1] != '"' || !utf8.Valid(v) {
		return "", false
	}
	v = v[1 : len(v)-1]
	var s strings.Builder
	s.Grow(len(v))
	for {
		i := bytes.IndexByte(v, '\\')
		if i < 0 {
			s.Write(v)
			return s.String(), true
		}
		s.Write(v[:i])
		v = v[i:]
		if r := surrogate.Escaped(v); r >= 0 && !utf16.IsSurrogate(r) {
			s.WriteRune(r)
			v = v[6:]
			continue
		}
		if len(v) < 2 {
			return "", false
		}
		at := strings.IndexByte(`"\/bfnrt`, v[1])
		if at < 0 {
			return "", false
		}
		s.WriteByte("\"\\/\b\f\n\r\t"[at])
		v = v[2:]
	}
}
