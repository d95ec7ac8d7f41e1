package recipe

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/codemill/codemill/internal/nearest"
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
		case strings.Contains(options, "inline"):
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

// keyed is a map type that takes none but these keys.
type keyed interface{ Keys() []string }

// checkMapKey refuses a key that a map of type t does not take.
func checkMapKey(t reflect.Type, at, key string) error {
	m, ok := reflect.Zero(t).Interface().(keyed)
	if !ok || slices.Contains(m.Keys(), key) {
		return nil
	}
	return errors.New(unknown(at, key, m.Keys()))
}

// unknown is the message for a key that is not one of known.
func unknown(where, key string, known []string) string {
	msg := fmt.Sprintf("unknown key %q", key)
	if where != "" {
		msg = fmt.Sprintf("unknown key %q in %s", key, where)
	}
	if best, near := nearest.Name(key, known); near {
		return msg + fmt.Sprintf("; did you mean %q?", best)
	}
	if len(known) == 0 {
		return msg + "; it has no keys"
	}
	return msg + "; known are " + strings.Join(known, ", ")
}
