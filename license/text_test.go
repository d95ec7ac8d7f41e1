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
		strings.Repeat("\n", declaredLines-1) + mit:                               "MIT",
		strings.Repeat("\n", declaredLines) + mit:                                 "",
		strings.Repeat(" ", declaredBytes-len(mit)) + mit:                         "MIT",
		strings.Repeat(" ", declaredBytes-len(mit)+4) + mit:                       "", // cut off within the mark's line
	} {
		if got := Declared([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRecognize(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "LICENSE"))
	if err != nil {
		t.Skip(err)
	}
	var r Recognizer
	again := bytes.ReplaceAll(bytes.ToUpper(text), []byte("COPYRIGHT 2009 THE GO AUTHORS"), []byte("COPYRIGHT 1999 NOBODY"))
	for _, c := range []struct {
		text []byte
		want string
	}{{text, "BSD-3-Clause"}, {again, "BSD-3-Clause"}, {[]byte("all rights reserved"), ""}, {nil, ""}, {bytes.Repeat([]byte("("), 1<<20), ""}} {
		if got, err := r.Recognize(c.text); err != nil || got != c.want {
			t.Errorf("%.30q: %q %v, want %q", c.text, got, err, c.want)
		}
	}
}
