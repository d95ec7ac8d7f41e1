package crawl

import (
	"slices"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license"
)

// TestValues holds that what lang and license say is what documents may hold.
func TestValues(t *testing.T) {
	if kinds := []string{lang.Code, lang.Markup, lang.Prose, lang.Data, lang.Other}; !slices.Equal(kinds, corpus.Kinds()) {
		t.Errorf("kinds: %q, of documents %q", kinds, corpus.Kinds())
	}
	if types := []string{license.Permissive, license.Copyleft, license.Restricted, license.Unknown, license.None}; !slices.Equal(types, corpus.LicenseTypes()) {
		t.Errorf("licence types: %q, of documents %q", types, corpus.LicenseTypes())
	}
	if levels := []string{license.FromHead, license.FromReuse, license.FromFile, license.FromManifest, license.FromReadme, license.FromSource}; !slices.Equal(levels, corpus.LicenseLevels()) {
		t.Errorf("levels: %q, of documents %q", levels, corpus.LicenseLevels())
	}
}
