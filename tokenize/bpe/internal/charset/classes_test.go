package charset

import (
	"testing"
	"unicode/utf8"
)

func TestClassesOfEveryCharacter(t *testing.T) {
	tables, err := LoadTables()
	if err != nil {
		t.Fatal(err)
	}
	c := NewClasses(map[uint8]Set{1: tables.Category["L"], 4: tables.Space})
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		var want uint8
		if tables.Category["L"].Has(r) {
			want |= 1
		}
		if tables.Space.Has(r) {
			want |= 4
		}
		if got, n := c.At([]byte(string(r)), 0); got != want || n != utf8.RuneLen(r) {
			t.Fatalf("%U: class %d of %d bytes, want %d", r, got, n, want)
		}
	}
}

func TestDecodeRune(t *testing.T) {
	check := func(text []byte) {
		want, n := utf8.DecodeRune(text)
		if r, m := DecodeRune(text); r != want || m != n {
			t.Fatalf("%x: %U of %d bytes, want %U of %d", text, r, m, want, n)
		}
	}
	for lead := 0xd0; lead < 0x100; lead++ {
		for b := range 0x100 {
			for _, c := range []byte{0, 0x7f, 0x80, 0xbf, 0xc0} {
				check([]byte{byte(lead), byte(b), c, 'a'})
				check([]byte{byte(lead), byte(b), c})
				check([]byte{byte(lead), byte(b)})
			}
		}
	}
}
