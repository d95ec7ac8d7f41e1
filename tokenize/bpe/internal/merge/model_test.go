package merge

import (
	"sync"
	"testing"

	"github.com/codemill/codemill/tokenize/bpe/internal/bpetest"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// models are those of modelOf by their names. No test changes one.
var models sync.Map

func modelOf(t testing.TB, name string) *Model {
	t.Helper()
	if m, ok := models.Load(name); ok {
		return m.(*Model)
	}
	m, err := New(bpetest.Load(t, name))
	if err != nil {
		t.Fatal(err)
	}
	models.Store(name, m)
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
