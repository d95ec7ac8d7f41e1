package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/license/spdx"
)

func TestTables(t *testing.T) {
	of := tables([]string{"MIT", "OFL-1.1"}, []scanned{
		{Category: "Permissive", ID: "Zlib", OtherIDs: []string{"LicenseRef-Z", "LicenseRef-scancode-zlib"}},
		{Category: "Permissive", ID: "LicenseRef-scancode-z"},
		{Category: "Public Domain", ID: "CC0-1.0"},
		{Category: "Copyleft", ID: "GPL-2.0-only", OtherIDs: []string{"GPL-2.0+", "GPL-2.0", "GPL 2.0"}},
		{Category: "Copyleft Limited", ID: "OFL-1.1"},
		{Category: "Copyleft Limited", ID: "GCC-exception-3.1", Exception: "yes"},
		{Category: "Copyleft Limited"},
		{Category: "Source-available", ID: "SSPL-1.0", OtherIDs: []string{"LicenseRef-scancode-sspl"}},
		{Category: "Permissive", ID: "JSON"},
		{Category: "Patent License", ID: "PL-1.0"},
	})
	for id := range decided {
		for of, list := range of {
			of, id := of, spdx.Base(id)
			if i := slices.IndexFunc(list, func(s string) bool { return spdx.Base(s) == id }); i >= 0 && of != decided[list[i]] {
				t.Errorf("%s is %s", list[i], of)
			}
		}
	}
	for t1, want := range map[string][]string{
		permissive: {"CC0-1.0", "LicenseRef-scancode-z", "LicenseRef-Z", "MIT", "OFL-1.1", "Zlib"},
		copyleft:   {"GPL-2.0"},
		restricted: {"JSON", "SSPL-1.0"},
	} {
		got := slices.DeleteFunc(slices.Clone(of[t1]), func(id string) bool { _, ok := decided[id]; return ok && id != "JSON" })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", t1, got, want)
		}
	}
}

// TestPatterns: a text is a pattern from its first sentence on; of what is not
// permissive, the first words are enough, as many as set it apart.
func TestPatterns(t *testing.T) {
	long := strings.Repeat("one two three four five six seven eight nine ten\n", 4)
	if got, want := body("Title\n\nCopyright (c) 2020 A\n\n"+long+"Copyright 2021 <name>\nand ((all)) the <rest> of it\n"), long+"((\n__25__\n))??\nand  all  the  __8__  of it\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	short := signature(long, nil)
	if n := len(words(short)); n < signatureWords || n > signatureWords+10 || !strings.HasPrefix(strings.ReplaceAll(long, "\n", " "), strings.TrimSpace(strings.ReplaceAll(short, "\n", " "))) {
		t.Errorf("%q", short)
	}
	if got := signature(long, []string{" " + strings.Join(words(long), " ") + " "}); got != long {
		t.Errorf("%q", got)
	}
}

func TestWrap(t *testing.T) {
	a, b := strings.Repeat("a", 60), strings.Repeat("b", 59)
	if got := wrap([]string{a, b, "c", "d"}); got != a+" "+b+"\nc d\n" {
		t.Errorf("%q", got)
	}
}
