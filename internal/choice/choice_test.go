package choice

import (
	"maps"
	"testing"

	"github.com/codemill/codemill/corpus"
)

func TestKinds(t *testing.T) {
	for _, kind := range corpus.Kinds() {
		if ValidKind(kind) != nil || Value(kind) != kind || Value(Name(kind)) != kind {
			t.Errorf("%q becomes %q, %q, %v", kind, Value(kind), Name(kind), ValidKind(kind))
		}
	}
	if ValidKind(Other) != nil || Value(Other) != corpus.Other || Name(corpus.Other) != Other || Name("Go") != "Go" || ValidKind("prosa") == nil || ValidKind("Code") == nil {
		t.Error("names that are no kinds, and other")
	}
}

func TestSet(t *testing.T) {
	if Set(nil) != nil || Set([]string{}) != nil {
		t.Error("an empty list chooses everything")
	}
	if got := SetOf([]string{Other, "code", "code"}, Value); !maps.Equal(got, map[string]bool{corpus.Other: true, corpus.Code: true}) {
		t.Error(got)
	}
	if got := Set([]string{Other}); !maps.Equal(got, map[string]bool{Other: true}) {
		t.Error(got)
	}
}
