package recipe

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Override is a setting given beside the recipe, by a flag: a dotted key and its value as
// YAML. Keys reach into a list by number, from 0, or by its element's name. The first part
// of a key is one of the recipe's, or the name of a pass:
//
//	seed                          42
//	crawl.sources.go.path         /src      the source whose name is go
//	crawl.sources.0.path          /src      the first source
//	filter.limits.max_line_length 900       the pass whose name is filter
//	v1.5.limits.max_line_length   900       the pass v1.5; of passes v1 and v1.5 the longer name goes before
//	filter.languages.include      Go, C     a list may lack its brackets
type Override struct{ Key, Value string }

// set puts one override into the recipe. It may set anything that the file may. It can add
// to a map, but not to a list: that it replaces as a whole, or in one of its elements.
func (r *Recipe) set(o Override) error {
	keys := strings.Split(o.Key, ".")
	v, at := reflect.ValueOf(r).Elem(), ""
	if i, n := addressed(reflect.ValueOf(r.Passes), keys); i >= 0 {
		v, at, keys = reflect.ValueOf(r.Passes[i].Settings).Elem(), r.Passes[i].Name, keys[n:]
	} else if _, ok := find(v.Type(), keys[0]); !ok {
		return errors.New(unknown("", keys[0], append(keysOf(v.Type()), r.PassNames()...)))
	}
	return put(v, at, keys, o.Value)
}

// put reads a value into what stands in v under keys. v can be set; at is the dotted path
// of v, for messages. It goes down one key a call, until none is left.
func put(v reflect.Value, at string, keys []string, value string) error {
	if len(keys) == 0 {
		return assign(v, value)
	}
	v = reach(v)
	if p, ok := v.Addr().Interface().(*Pass); ok { // its keys are those of its form
		form := p.form()
		err := put(form, at, keys, value)
		p.fromForm(form)
		return err
	}
	key := keys[0]
	switch v.Kind() {
	case reflect.Struct:
		f, ok := find(v.Type(), key)
		if !ok || opaque(v.Type()) {
			return errors.New(unknown(at, key, keysOf(v.Type())))
		}
		return put(v.FieldByIndex(f.index), join(at, key), keys[1:], value)
	case reflect.Slice:
		i, n := addressed(v, keys)
		if number, err := strconv.Atoi(key); err == nil && n <= 1 {
			i, n = number, 1
		}
		if i < 0 || i >= v.Len() {
			return fmt.Errorf("%s has %d elements, none of them %q", at, v.Len(), key)
		}
		return put(v.Index(i), join(at, strings.Join(keys[:n], ".")), keys[n:], value)
	case reflect.Map:
		_, closed := reflect.Zero(v.Type()).Interface().(keyed)
		if !closed && scalar(v.Type().Elem()) { // nothing is in its elements: all that is left is the key
			key, keys = strings.Join(keys, "."), keys[len(keys)-1:]
		}
		if err := checkMapKey(v.Type(), at, key); err != nil {
			return err
		}
		// An element of a map cannot be set in place: a copy is, and then put back.
		e := reflect.New(v.Type().Elem()).Elem()
		k := reflect.ValueOf(key).Convert(v.Type().Key())
		if old := v.MapIndex(k); old.IsValid() {
			e.Set(old)
		}
		if err := put(e, join(at, key), keys[1:], value); err != nil {
			return err
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		v.SetMapIndex(k, e)
		return nil
	default:
		return fmt.Errorf("%s is a single value, it has no %q in it", at, key)
	}
}

// reach follows pointers to what they point to. Where one is nil it makes a zero value
// for it: a section that the recipe lacks is begun by a flag that addresses it.
func reach(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	return v
}

// addressed returns the number of the element that the first n keys name, in a list of
// structs: -1 for none. A name may have dots, so it may be of several keys. Of two names
// that fit, "v1" and "v1.5", the longer one is meant.
func addressed(v reflect.Value, keys []string) (number, n int) {
	for n = len(keys); n > 0; n-- {
		if i := named(v, strings.Join(keys[:n], ".")); i >= 0 {
			return i, n
		}
	}
	return -1, 0
}

// scalar reports whether values of a type are single ones: neither structs nor lists nor
// maps.
func scalar(t reflect.Type) bool {
	k := deref(t).Kind()
	return k != reflect.Struct && k != reflect.Slice && k != reflect.Map
}

// named returns the number of the element, in a list of structs, whose key "name" has
// this value: -1 for none, and for a list of something else.
func named(v reflect.Value, key string) int {
	for i := range v.Len() {
		e := reflect.Indirect(v.Index(i))
		if e.Kind() != reflect.Struct {
			break
		}
		if f, ok := find(e.Type(), "name"); ok && fmt.Sprint(e.FieldByIndex(f.index)) == key {
			return i
		}
	}
	return -1
}

// assign reads a flag's value into v, in the place of what is there. Strings are taken as
// they are: --name=on is the text "on", and quotes are part of it. Lists may leave out
// their brackets: "a, b" is [a, b], and an empty value is the empty list. All else is
// YAML.
func assign(v reflect.Value, value string) error {
	t := deref(v.Type())
	switch {
	case strings.TrimSpace(value) == "" && t.Kind() != reflect.String && t.Kind() != reflect.Slice:
		return errors.New("a value is missing")
	case opaque(t):
	case t.Kind() == reflect.String:
		reach(v).SetString(value)
		return nil
	case t.Kind() == reflect.Slice && !strings.HasPrefix(strings.TrimSpace(value), "["):
		value = "[" + value + "]"
	}
	fresh := reflect.New(t)
	if err := decode("value", []byte(value), fresh.Interface()); err != nil {
		var at *LocatedError
		if errors.As(err, &at) {
			return fmt.Errorf("%q: %s", value, at.Message)
		}
		if within := errors.Unwrap(err); within != nil {
			return within // without the "file"
		}
		return err
	}
	reach(v).Set(fresh.Elem())
	return nil
}
