package recipe

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// field is one key of a settings struct.
type field struct {
	key   string
	index []int
	typ   reflect.Type
}

// fields lists the keys of a struct by its yaml tags, those of inlined structs
// among them.
func fields(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || key == "-":
		case strings.Contains(options, "inline") || f.Anonymous && key == "":
			for _, in := range fields(deref(f.Type)) {
				list = append(list, field{in.key, append([]int{i}, in.index...), in.typ})
			}
		default:
			if key == "" {
				key = strings.ToLower(f.Name)
			}
			list = append(list, field{key, []int{i}, f.Type})
		}
	}
	return list
}

func find(t reflect.Type, key string) (field, bool) {
	list := fields(t)
	i := slices.IndexFunc(list, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return list[i], true
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range fields(t) {
		keys = append(keys, f.key)
	}
	return keys
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

var (
	textType      = reflect.TypeFor[encoding.TextUnmarshaler]()
	bytesType     = reflect.TypeFor[yaml.BytesUnmarshaler]()
	interfaceType = reflect.TypeFor[yaml.InterfaceUnmarshaler]()
)

// opaque reports whether a type reads its own YAML, so that its keys are not
// those of its fields.
func opaque(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(textType) || p.Implements(bytesType) || p.Implements(interfaceType)
}

// unknown is the message for a key that is not one of known.
func unknown(where, key string, known []string) string {
	msg := fmt.Sprintf("unknown key %q", key)
	if where != "" {
		msg = fmt.Sprintf("unknown key %q in %s", key, where)
	}
	if near := Nearest(key, known); near != "" {
		return msg + fmt.Sprintf("; did you mean %q?", near)
	}
	if len(known) == 0 {
		return msg + "; it has no keys"
	}
	return msg + "; known are " + strings.Join(known, ", ")
}

// Nearest returns the candidate that differs least from name, "" if none is
// near enough to be what was meant.
func Nearest(name string, candidates []string) string {
	best, near := "", 1+max(2, len(name)/3)
	for _, c := range candidates {
		d := distance(strings.ToLower(name), strings.ToLower(c))
		if len(name) > 3 && (strings.HasPrefix(c, name) || strings.HasSuffix(c, name)) {
			d = min(d, 2)
		}
		if d < near && d < max(len(name), len(c)) {
			best, near = c, d
		}
	}
	return best
}

// distance counts insertions, deletions, replacements and swaps of neighbours
// that turn a into b.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev2, prev, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		rows = [3][]int{prev, row, prev2}
	}
	return rows[1][len(b)]
}
