package merge

import (
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

func modelOf(t testing.TB, name string) *Model {
	t.Helper()
	m, err := New(bpetest.Load(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func toyModel(t testing.TB) *Model {
	t.Helper()
	d, err := vocab.ReadHF(bpetest.ToyFile(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
