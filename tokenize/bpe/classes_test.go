package bpe

import (
	"testing"
	"unicode/utf8"
)

func TestClassesOfEveryCharacter(t *testing.T) {
	tables, err := loadCharTables()
	if err != nil {
		t.Fatal(err)
	}
	c := newClasses(map[uint8]runeSet{1: tables.cat["L"], 4: tables.space})
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		var want uint8
		if tables.cat["L"].has(r) {
			want |= 1
		}
		if tables.space.has(r) {
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
		if r, m := decodeRune(text); r != want || m != n {
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
