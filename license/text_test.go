package license

import (
	"bytes"
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDeclared(t *testing.T) {
	const mit = "SPDX-License-Identifier: MIT"
	for text, want := range map[string]string{
		"// " + mit + "\n": "MIT",
		"x\n":              "",
		"/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */": "(GPL-2.0 WITH Linux-syscall-note) OR MIT",
		"<!-- SPDX-License-Identifier: Apache-2.0 -->":                            "Apache-2.0",
		"SPDX-License-Identifier: see below":                                      "",
		strings.Repeat("\n", 19) + mit:                                            "MIT",
		strings.Repeat("\n", 20) + mit:                                            "",
		strings.Repeat(" ", 2000-len(mit)) + mit:                                  "MIT",
		strings.Repeat(" ", 2000-len(mit)+len("MIT")) + mit:                       "", // nothing of the id is within
	} {
		if got := Declared([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestRecognize: copyright lines and case do not matter, a changed clause does,
// and 128 KiB of a text are looked at.
func TestRecognize(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "LICENSE"))
	if err != nil {
		t.Skip(err)
	}
	clause := bytes.Index(text, []byte("Neither the name of"))
	end := bytes.Index(text, []byte("THIS SOFTWARE IS PROVIDED"))
	if clause < 0 || end < clause {
		t.Skip("Go's licence is not the one that is known")
	}
	changed := bytes.Replace(text, text[clause:end], []byte("Everybody who makes a product of it shall send a copy of that product to us within thirty days, and pay for the postage themselves.\n\n"), 1)
	after := func(lines int) []byte { return append(bytes.Repeat([]byte("\n"), lines), text...) }
	var r Recognizer
	for _, c := range []struct {
		name string
		text []byte
		want string
	}{
		{"as it is", text, "BSD-3-Clause"},
		{"of somebody else, in capitals", bytes.ReplaceAll(bytes.ToUpper(text), []byte("COPYRIGHT 2009 THE GO AUTHORS"), []byte("COPYRIGHT 1999 NOBODY")), "BSD-3-Clause"},
		{"with another clause", changed, ""},
		{"to the last byte", after(131072 - len(text)), "BSD-3-Clause"},
		{"half of it beyond", after(131072 - len(text)/2), ""},
		{"no licence", []byte("all rights reserved"), ""},
		{"empty", nil, ""},
		{"brackets", bytes.Repeat([]byte("("), 1<<20), ""},
	} {
		if got, err := r.Recognize(c.text); err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.name, got, err, c.want)
		}
	}
}

// Texts are remembered by their words. Licences differ in a number or in a letter
// beyond ASCII; they do not in case, signs, and whose copyright it is.
func TestWords(t *testing.T) {
	const text = "Copyright 2020 A\nVersion 2.0 (é), a0 z9 AZ\n"
	for other, same := range map[string]bool{
		"# copyright 1999 B and others\n/* VERSION  2-0 é */ A0, z9; az": true,
		"(c) B\n" + text:                     true,
		"Version 3.0 (é), a0 z9 AZ\n":        false,
		"Version 2.0 (e), a0 z9 AZ\n":        false,
		"Version 2.0 (é), a z9 AZ\n":         false,
		"Version 2.0 (é), a0 z AZ\n":         false,
		"Version 2.0 (é), b0 z9 AZ\n":        false,
		"Version 2.0 (é), a0 y9 AZ\n":        false,
		"Version 2.0 (é), a0z9 AZ\n":         false,
		"Version 2.0 (é), a0 z9 AZ\n(d) B\n": false,
	} {
		if got := string(words([]byte(other))) == string(words([]byte(text))); got != same {
			t.Errorf("%q: the same %v, want %v: %q", other, got, same, words([]byte(other)))
		}
	}
}
