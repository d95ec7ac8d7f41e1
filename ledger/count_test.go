package ledger_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/codemill/codemill/ledger"
)

func random(r *rand.Rand) ledger.Count {
	var c ledger.Count
	for range r.IntN(6) {
		a := ledger.Amount{Docs: 1, Bytes: r.Int64N(100), Tokens: r.Int64N(9)}
		source := string(rune('a' + r.IntN(3)))
		if r.IntN(2) == 0 {
			c.Keep(source, a)
		} else {
			c.Drop(source, string(rune('x'+r.IntN(3))), a)
		}
		c.Tally("language", source, a)
	}
	return c
}

func TestCountsAddInAnyOrderAndStayBalanced(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		x, y, z := random(r), random(r), random(r)
		var a, b ledger.Count
		for _, c := range []ledger.Count{x, y, z} {
			a.Add(c)
		}
		for _, c := range []ledger.Count{z, x, y} {
			b.Add(c)
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
		if err := a.Balance(); err != nil {
			t.Fatal(err)
		}
		if a.Total().In.Docs != x.Total().In.Docs+y.Total().In.Docs+z.Total().In.Docs {
			t.Fatal("documents were lost in adding")
		}
	}
}

func TestAddSharesNoMemory(t *testing.T) {
	var x, sum ledger.Count
	x.Drop("s", "r", ledger.Amount{Docs: 1})
	sum.Add(x)
	sum.Drop("s", "r", ledger.Amount{Docs: 1})
	if x.Sources["s"].Reasons["r"].Docs != 1 {
		t.Fatal("the addend changed")
	}
}

func TestBalanceAndFollowsFindWhatIsLost(t *testing.T) {
	var before, c ledger.Count
	before.Keep("s", ledger.Amount{Docs: 2, Bytes: 20})
	before.Drop("s", "empty", ledger.Amount{Docs: 5})
	c.Keep("s", ledger.Amount{Docs: 1, Bytes: 10})
	if err := c.Follows(before); err == nil || !strings.Contains(err.Error(), `"s"`) {
		t.Fatal("a lost document was not found:", err)
	}
	c.Drop("s", "x", ledger.Amount{Docs: 1, Bytes: 10})
	if err := c.Follows(before); err != nil {
		t.Fatal(err)
	}
	f := c.Sources["s"]
	f.In.Docs++
	c.Sources["s"] = f
	if err := c.Balance(); err == nil {
		t.Fatal("a ledger that does not balance passed")
	}
	before.Keep("gone", ledger.Amount{Docs: 1})
	if err := c.Follows(before); err == nil {
		t.Fatal("a lost source was not found")
	}
}
