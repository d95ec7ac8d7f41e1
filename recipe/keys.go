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
	index []int        // where it is in the struct, for reflect's FieldByIndex
	typ   reflect.Type // as declared: it may be a pointer
}

// fields lists the keys of a struct by its yaml tags, in the order of its fields, those
// of inlined structs among them. A field without a tag has its name in lower case, as the
// YAML library has it. Fields that are tagged "-" or not exported are no keys.
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

// find returns the field of a struct that has this key.
func find(t reflect.Type, key string) (field, bool) {
	list := fields(t)
	i := slices.IndexFunc(list, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return list[i], true
}

// keysOf returns the keys of a struct, in the order of its fields.
func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range fields(t) {
		keys = append(keys, f.key)
	}
	return keys
}

// deref returns the type that a pointer points to, however many deep; any other type as
// it is.
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

// opaque reports whether a type reads its own YAML, as [Size] reads "1GiB": what stands
// there is no matter of its Go fields, and is not checked here.
func opaque(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(textType) || p.Implements(bytesType) || p.Implements(interfaceType)
}

// keyed is a map type that takes none but these keys. Keys is called on a nil map.
type keyed interface{ Keys() []string }

// checkMapKey refuses a key that a map of type t does not take; a map that is not [keyed]
// takes any. at is the dotted path of the map, for the message.
func checkMapKey(t reflect.Type, at, key string) error {
	m, ok := reflect.Zero(t).Interface().(keyed)
	if !ok || slices.Contains(m.Keys(), key) {
		return nil
	}
	return errors.New(unknown(at, key, m.Keys()))
}

// unknown is the message for a key that is not one of known, with the nearest of them if
// one is like it: `unknown key "presset" in filter; did you mean "preset"?`. where is the
// dotted path that the key stands in, "" for the top of the recipe.
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
