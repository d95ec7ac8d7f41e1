package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/codemill/codemill/crawl/origin"
)

// fields are those of a JSON object.
type fields struct {
	values map[string]json.RawMessage
	// replacements says that the line itself has U+FFFD. Then one in a string is not
	// a sign that the decoder could not read something.
	replacements bool
}

// Decode reads a line as a JSON object, or says why it is none.
func Decode(line []byte) (origin.Fields, *origin.Left) {
	if !utf8.Valid(line) {
		return nil, &origin.Left{Reason: origin.Encoding, Detail: "the line is not valid UTF-8"}
	}
	f := &fields{replacements: bytes.ContainsRune(line, utf8.RuneError) || bytes.Contains(line, []byte(`\ufffd`)) || bytes.Contains(line, []byte(`\uFFFD`))}
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

// Field finds a field by its name, or else by its dotted path.
func (f *fields) Field(name string) any {
	if v, ok := f.values[name]; ok {
		return f.value(v)
	}
	for at := f.values; ; {
		head, rest, dotted := strings.Cut(name, ".")
		if !dotted {
			return f.value(at[name])
		}
		in := at[head]
		at = nil
		if len(in) == 0 || in[0] != '{' || json.Unmarshal(in, &at) != nil {
			return nil
		}
		name = rest
	}
}

// Value reads a JSON value as [origin.Fields] returns one.
func Value(v json.RawMessage) any { return (&fields{replacements: true}).value(v) }

// value reads what is known to be JSON.
func (f *fields) value(v json.RawMessage) any {
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
			values[i] = f.value(e)
		}
		return values
	case '"':
		var s string
		if json.Unmarshal(v, &s) != nil {
			return nil
		}
		if !f.replacements && strings.ContainsRune(s, utf8.RuneError) {
			return origin.Replaced(s)
		}
		return s
	}
	return origin.Number(v)
}
