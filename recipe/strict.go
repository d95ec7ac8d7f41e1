package recipe

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/printer"
	"github.com/goccy/go-yaml/token"
)

// decode reads YAML into v, a pointer to a settings struct. A key that the struct does
// not have is an error that names the nearest one it has. Errors say file, line and
// column and show the lines around, as a [*LocatedError], as far as the library says
// where. file is for messages alone.
//
// The bytes are read three times: plain refuses what would take too long, checkKeys looks
// for unknown keys, and then the library decodes. The library's own check of keys
// (Strict) stays as a second one: its messages know no nearest name.
func decode(file string, b []byte, v any) error {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) // a byte order mark, which some editors write
	if err := plain(b); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	parsed, err := parser.ParseBytes(b, 0)
	if err != nil {
		return located(file, err)
	}
	for i, doc := range parsed.Docs {
		if i > 0 && doc.Body != nil {
			return fmt.Errorf("%s: more than one YAML document", file)
		}
		if err := checkKeys(doc.Body, reflect.TypeOf(v), ""); err != nil {
			return located(file, err)
		}
	}
	if err := yaml.UnmarshalWithOptions(b, v, yaml.Strict()); err != nil {
		return located(file, err)
	}
	return nil
}

// What a recipe may have. The YAML library takes time that grows with the square
// of a map's keys and with that of the depth: within these limits it takes a
// second at most, and the published recipes have less than a twentieth. Long
// lists of repositories stand in files of their own ([crawl.Source]'s List).
const (
	maxBytes  = 256 << 10
	maxLines  = 5_000  // a block of text takes time with their square
	maxTabs   = 1_000  // so does a line with these
	maxTokens = 20_000 // names, values, signs and comments
	maxDepth  = 100    // how many lists and maps stand in one another, by brackets or on one line
)

// plain refuses what the YAML library would take minutes or gigabytes for, or would read
// as something else than it is. It looks at tokens, which the library finds in one pass.
//
// Depth is counted in two ways. In brackets, [[[ is three deep. Without brackets a line
// may begin several levels at once: "- - - a: b" begins four. Levels of earlier lines, by
// indentation, are not counted: as each is indented further than the one before, a recipe
// of maxBytes has some hundreds of them at most.
func plain(b []byte) error {
	if len(b) > maxBytes {
		return fmt.Errorf("larger than %v, which no recipe is", Size(maxBytes))
	}
	if !utf8.Valid(b) {
		return errors.New("not UTF-8 text")
	}
	if n := bytes.Count(b, []byte{'\n'}) + bytes.Count(b, []byte{'\r'}); n > maxLines {
		return fmt.Errorf("more than %d lines, which no recipe has", maxLines)
	}
	if bytes.Count(b, []byte{'\t'}) > maxTabs {
		return fmt.Errorf("more than %d tabs, which no recipe has", maxTabs)
	}
	tokens := lexer.Tokenize(string(b))
	if len(tokens) > maxTokens {
		return fmt.Errorf("more than %d names, values and signs, which no recipe has", maxTokens)
	}
	depth, line, headers := 0, 0, 0 // open brackets, levels begun on this line, "---" so far
	for _, t := range tokens {
		switch t.Type {
		case token.DocumentHeaderType:
			if headers++; headers > 1 { // the library would pass over what follows an empty document
				return errors.New("more than one YAML document")
			}
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			line++
		case token.MappingValueType:
			if depth == 0 { // within brackets, many pairs may stand on a line
				line++
			}
		}
		if depth > maxDepth || line > maxDepth {
			return fmt.Errorf("line %d: nested more than %d deep", t.Position.Line, maxDepth)
		}
		if t.Next == nil || t.Next.Position.Line != t.Position.Line {
			line = 0
		}
	}
	return nil
}

// checkKeys looks for keys in a YAML tree that type t does not have, and for fractions
// where it has whole numbers. at is the dotted path of n, "crawl.sources[0]". Nodes of
// another kind than t wants are passed over: the library names them when it decodes.
func checkKeys(n ast.Node, t reflect.Type, at string) error {
	t = deref(t)
	if t == passType {
		t = passForm()
	}
	if opaque(t) {
		return nil
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			if err := checkKey(v, t, at); err != nil {
				return err
			}
		}
	case *ast.FloatNode: // the library would cut 1.5 to 1
		if k := t.Kind(); k >= reflect.Int && k <= reflect.Uint64 && n.Value != math.Trunc(n.Value) {
			return &yaml.TypeError{DstType: t, SrcType: reflect.TypeFor[float64](), Token: n.GetToken()}
		}
	case *ast.AnchorNode:
		return checkKeys(n.Value, t, at)
	case *ast.SequenceNode:
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
			return nil
		}
		for i, v := range n.Values {
			if err := checkKeys(v, t.Elem(), fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkKey does so for one key and its value. The keys behind a merge key ("<<: {a: 1}")
// are keys of t itself. Where it names an anchor ("<<: *x") they are left to the library.
func checkKey(v *ast.MappingValueNode, t reflect.Type, at string) error {
	if v.Key.IsMergeKey() {
		return checkKeys(v.Value, t, at)
	}
	tok := v.Key.GetToken()
	switch t.Kind() {
	case reflect.Struct:
		f, ok := find(t, tok.Value)
		if !ok {
			return &yaml.UnknownFieldError{Message: unknown(at, tok.Value, keysOf(t)), Token: tok}
		}
		return checkKeys(v.Value, f.typ, join(at, f.key))
	case reflect.Map:
		if err := checkMapKey(t, at, tok.Value); err != nil {
			return &yaml.UnknownFieldError{Message: err.Error(), Token: tok}
		}
		return checkKeys(v.Value, t.Elem(), join(at, tok.Value))
	}
	return nil
}

// join appends a key to a dotted path, "" being the top.
func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

// located puts file, line and column before an error of the YAML library, and the lines
// around after it. An error that says no place gets the file alone. What is said of Go
// types is put in terms of a recipe: not "cannot unmarshal string into Go value of type
// int64", but "wanted here: a whole number".
func located(file string, err error) error {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil || y.GetToken().Position == nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	message := y.GetMessage()
	var mistyped *yaml.TypeError
	if errors.As(err, &mistyped) {
		message = "wanted here: " + wanted(mistyped.DstType)
	}
	var outside *yaml.OverflowError
	if errors.As(err, &outside) {
		message = fmt.Sprintf("wanted here: %s of %d bits", wanted(outside.DstType), outside.DstType.Bits())
	}
	tok := y.GetToken()
	return &LocatedError{File: file, Line: tok.Position.Line, Column: tok.Position.Column, Message: message, Excerpt: excerpt(tok)}
}

// wanted names a Go type for people who write recipes.
func wanted(t reflect.Type) string {
	switch k := deref(t).Kind(); {
	case k == reflect.Bool:
		return "true or false"
	case k == reflect.String:
		return "a text"
	case k >= reflect.Int && k <= reflect.Int64:
		return "a whole number"
	case k >= reflect.Uint && k <= reflect.Uint64:
		return "a whole number that is not negative"
	case k == reflect.Float32 || k == reflect.Float64:
		return "a number"
	case k == reflect.Slice || k == reflect.Array:
		return "a list"
	default:
		return "keys with their values"
	}
}

// LocatedError is an error at a place of a recipe.
type LocatedError struct {
	File         string // as it was given to Load or Parse
	Line, Column int    // from 1
	Message      string // what is wrong, in one line
	Excerpt      string // the lines around, the one meant marked; eight at most
}

func (e *LocatedError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s\n%s", e.File, e.Line, e.Column, e.Message, e.Excerpt)
}

// excerpt returns the lines around a token. A token may have many lines (a block of
// text): of those it shows the first few.
func excerpt(tok *token.Token) string {
	const most = 8
	var p printer.Printer
	lines := strings.Split(strings.TrimRight(p.PrintErrorToken(tok, false), "\n "), "\n")
	return strings.Join(lines[:min(most, len(lines))], "\n")
}
