package spdx

import (
	"slices"
	"strings"
	"testing"
)

// shape writes an expression with all its brackets.
func shape(s string) (string, bool) {
	return Eval(s, func(id, with string) string {
		if with != "" {
			return id + "+" + with
		}
		return id
	}, func(a, b string) string { return "(" + a + "|" + b + ")" }, func(a, b string) string { return "(" + a + "&" + b + ")" })
}

func TestEval(t *testing.T) {
	for in, want := range map[string]string{
		"MIT": "MIT", "a or b and c": "(a|(b&c))", "(a OR b) AND c": "((a|b)&c)", "a OR b OR c": "((a|b)|c)",
		"GPL-2.0 WITH Classpath-exception-2.0 OR MIT": "(GPL-2.0+Classpath-exception-2.0|MIT)", "((a))": "a",
		"": "", "a b": "", "a OR": "", "(a": "", "a)": "", "OR": "", "a WITH": "", "a WITH (b)": "", "a/b": "",
		strings.Repeat("(", 1000) + "a" + strings.Repeat(")", 1000): "",
	} {
		got, ok := shape(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%.40q: %q, %v, want %q", in, got, ok, want)
		}
		if Valid(in) != ok {
			t.Errorf("%.40q: Valid says %v", in, !ok)
		}
	}
	if got := Names("(MIT or x y) AND"); !slices.Equal(got, []string{"MIT", "x", "y"}) {
		t.Errorf("%q", got)
	}
	for _, id := range []string{"GPL-2.0", "gpl-2.0+", "GPL-2.0-only", "GPL-2.0-or-later"} {
		if got := Base(id); got != "gpl-2.0" {
			t.Errorf("%s: %s", id, got)
		}
	}
}

// FuzzEval: whatever is read as an expression names what Names finds in it, in
// that order, and reads the same in brackets.
func FuzzEval(f *testing.F) {
	for _, s := range []string{"MIT", "(MIT OR GPL-2.0) AND ISC", "((((", "a with b with c", ") AND"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var names []string
		first := func(a, _ bool) bool { return a }
		_, ok := Eval(s, func(id, with string) bool {
			names = append(names, id)
			if with != "" {
				names = append(names, with)
			}
			return true
		}, first, first)
		if ok && !slices.Equal(names, Names(s)) {
			t.Fatalf("%q: %q, Names has %q", s, names, Names(s))
		}
		if ok != Valid(s) || ok && strings.Count(s, "(") < 40 && !Valid("("+s+") OR MIT") {
			t.Fatalf("%q: %v", s, ok)
		}
	})
}
