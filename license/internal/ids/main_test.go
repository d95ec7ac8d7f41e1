package main

import (
	"slices"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	permissive, copyleft := tables([]string{"MIT", "OFL-1.1"}, []scanned{
		{Category: "Permissive", ID: "Zlib", OtherIDs: []string{"LicenseRef-Z"}},
		{Category: "Permissive", ID: "LicenseRef-scancode-z"},
		{Category: "Public Domain", ID: "CC0-1.0"},
		{Category: "Copyleft", ID: "GPL-2.0-only", OtherIDs: []string{"GPL-2.0+", "GPL-2.0", "GPL 2.0"}},
		{Category: "Copyleft Limited", ID: "OFL-1.1"},
		{Category: "Copyleft Limited", ID: "GCC-exception-3.1", Exception: "yes"},
		{Category: "Copyleft Limited"},
		{Category: "Proprietary Free", ID: "SSPL-1.0"},
	})
	if want := []string{"cc0-1.0", "licenseref-z", "mit", "ofl-1.1", "zlib"}; !slices.Equal(permissive, want) {
		t.Errorf("permissive: %q, want %q", permissive, want)
	}
	if want := []string{"gpl-2.0"}; !slices.Equal(copyleft, want) {
		t.Errorf("copyleft: %q, want %q", copyleft, want)
	}
}

func TestWrap(t *testing.T) {
	a, b := strings.Repeat("a", 60), strings.Repeat("b", 59)
	if got := wrap([]string{a, b, "c", "d"}); got != a+" "+b+"\nc d\n" {
		t.Errorf("%q", got)
	}
}
