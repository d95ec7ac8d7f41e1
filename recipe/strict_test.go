package recipe

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Types that read their own YAML, in each of the three ways.
type (
	byText      struct{ S string }
	byBytes     struct{ S string }
	byInterface struct{ S string }
)

func (v *byText) UnmarshalText(b []byte) error {
	v.S = string(b)
	return nil
}

func (v *byBytes) UnmarshalYAML(b []byte) error {
	v.S = string(b)
	return nil
}

func (v *byInterface) UnmarshalYAML(decode func(any) error) error { return decode(&v.S) }

type (
	Low  struct{ Low int }
	High struct{ High int }
)

// forms has a field of every form that settings may have.
type forms struct {
	Low   `yaml:",inline"` // its keys are these
	High  `yaml:"under"`
	Plain string // its key is its name in small letters
	Not   int    `yaml:"-"`
	not   int
	Pair  [2]Low
	Each  map[string]Low
	Half  float32
	Text  byText
	Bytes byBytes
	Other byInterface
}

func TestKeysOfEveryForm(t *testing.T) {
	want := []string{"low", "under", "plain", "pair", "each", "half", "text", "bytes", "other"}
	if got := keysOf(reflect.TypeFor[forms]()); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[byText](), reflect.TypeFor[byBytes](), reflect.TypeFor[byInterface]()} {
		if !opaque(typ) {
			t.Errorf("%v reads its own YAML", typ)
		}
	}
	var v forms
	good := "low: 1\nunder: {high: 2}\nplain: x\npair: [{low: 4}, {low: 5}]\neach: {a: {low: 6}}\nhalf: 0.5\ntext: t\nbytes: b\nother: o\n"
	if err := decode("f", []byte(good), &v); err != nil || v.not != 0 {
		t.Fatal(err)
	}
	for _, c := range []struct{ yaml, want string }{
		{"pair: [{lo: 4}]", `f:1:9: unknown key "lo" in pair[0]; did you mean "low"?`},
		{"each: {a: {lo: 4}}", `f:1:12: unknown key "lo" in each.a; did you mean "low"?`},
		{"under: {low: 4}", `f:1:9: unknown key "low" in under; known are high`},
		{"not: 4", `f:1:1: unknown key "not"`},
		{"half: x", "f:1:7: wanted here: a number"},
		{"low: x", "f:1:6: wanted here: a whole number"},
		{"low: 1.5", "f:1:6: wanted here: a whole number"},
	} {
		if err := decode("f", []byte(c.yaml), new(forms)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.yaml, err, c.want)
		}
	}
	if err := put(reflect.ValueOf(&v).Elem(), "", []string{"text", "s"}, "x"); err == nil {
		t.Error("a field of what reads its own text was set")
	}
	for _, c := range []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[bool](), "true or false"}, {reflect.TypeFor[string](), "a text"}, {reflect.TypeFor[*int8](), "a whole number"},
		{reflect.TypeFor[uint64](), "a whole number that is not negative"}, {reflect.TypeFor[float32](), "a number"}, {reflect.TypeFor[float64](), "a number"},
		{reflect.TypeFor[[]int](), "a list"}, {reflect.TypeFor[[2]int](), "a list"}, {reflect.TypeFor[forms](), "keys with their values"},
	} {
		if got := wanted(c.typ); got != c.want {
			t.Errorf("%v: %q, want %q", c.typ, got, c.want)
		}
	}
}

// Of a value of many lines the first few are shown.
func TestExcerpt(t *testing.T) {
	err := decode("f", []byte("low: \""+strings.Repeat("x\n  ", 50)+"\""), new(forms))
	if err == nil || strings.Count(err.Error(), "\n") != 8 {
		t.Error(err)
	}
}
