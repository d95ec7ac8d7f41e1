package ledger_test

import (
	"encoding/json"
	"fmt"
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

// TestTalliesAreBounded counts as many values as are told apart, and one more.
func TestTalliesAreBounded(t *testing.T) {
	const common = "MIT"
	one := ledger.Amount{Docs: 1, Bytes: 3}
	for _, n := range []int{ledger.MaxValues, ledger.MaxValues + 1, 20 * ledger.MaxValues} {
		var whole, sum ledger.Count
		for from := 0; from < n; from += 999 {
			var part ledger.Count
			for i := from; i < min(from+999, n); i++ {
				value := fmt.Sprint("licence ", i)
				if i%100 == 0 {
					value = common
				}
				whole.Tally("license", value, one)
				part.Tally("license", value, one)
			}
			sum.Add(part)
		}
		for what, count := range map[string]ledger.Count{"one by one": whole, "parts": sum} {
			values, all := count.Tallies["license"], ledger.Amount{}
			for _, a := range values {
				all = all.Add(a)
			}
			if all != (ledger.Amount{Docs: int64(n), Bytes: 3 * int64(n)}) {
				t.Errorf("%d values, %s: %+v", n, what, all)
			}
			if want := int64(n+99) / 100; values[common].Docs != want {
				t.Errorf("%d values, %s: the most common one has %d of %d", n, what, values[common].Docs, want)
			}
			if len(values) > ledger.MaxValues {
				t.Errorf("%d values, %s: %d are told apart", n, what, len(values))
			}
		}
	}
}

// What a receipt may grow to is known: the limits are these.
func TestLimits(t *testing.T) {
	if ledger.MaxValues != 2048 || ledger.MaxValueBytes != 256 {
		t.Error(ledger.MaxValues, ledger.MaxValueBytes)
	}
}

func TestManyValuesAreSummedUp(t *testing.T) {
	var c ledger.Count
	for i := range ledger.MaxValues {
		c.Tally("license", fmt.Sprintf("%05d", i), ledger.Amount{Docs: 1})
		if _, ok := c.Tallies["license"][ledger.Others]; ok {
			t.Fatalf("%d values are summed up", i+1)
		}
	}
	var sum ledger.Count
	if sum.Add(c); len(sum.Tallies["license"]) != ledger.MaxValues || sum.Tallies["license"]["00000"].Docs != 1 {
		t.Error("as many as may be are summed up in adding")
	}
	c.Tally("license", "the last", ledger.Amount{Docs: 1})
	values := c.Tallies["license"]
	if len(values) != ledger.MaxValues/2+1 || values[ledger.Others].Docs != ledger.MaxValues/2+1 || values["00000"].Docs != 1 {
		t.Errorf("%d values, %+v", len(values), values[ledger.Others])
	}
}

func TestLongValuesAreCut(t *testing.T) {
	long := strings.Repeat("é", ledger.MaxValueBytes/2)
	var c ledger.Count
	for _, v := range []string{long, long + "x", long + "y"} {
		c.Tally("license", v, ledger.Amount{Docs: 1})
	}
	cut := strings.Repeat("é", ledger.MaxValueBytes/2-2) + "…"
	if got := c.Tallies["license"]; len(got) != 2 || got[long].Docs != 1 || got[cut].Docs != 2 || len(cut) > ledger.MaxValueBytes {
		t.Errorf("%v", got)
	}
	c = ledger.Count{}
	c.Tally("license", strings.Repeat("\x80", 2*ledger.MaxValueBytes), ledger.Amount{Docs: 1}) // no character begins
	if got := c.Tallies["license"]; len(got) != 1 || got["…"].Docs != 1 {
		t.Errorf("%v", got)
	}
}

// Documents and bytes are both looked at; tokens are not, for stages before mix
// do not count them.
func TestFollowsLooksAtDocumentsAndBytes(t *testing.T) {
	kept := func(a ledger.Amount) (c ledger.Count) {
		c.Keep("s", a)
		return c
	}
	before := kept(ledger.Amount{Docs: 2, Bytes: 20})
	for _, c := range []struct {
		in   ledger.Amount
		good bool
	}{
		{ledger.Amount{Docs: 2, Bytes: 20}, true},
		{ledger.Amount{Docs: 2, Bytes: 20, Tokens: 9}, true},
		{ledger.Amount{Docs: 2, Bytes: 19}, false},
		{ledger.Amount{Docs: 2, Bytes: 21}, false},
		{ledger.Amount{Docs: 1, Bytes: 20}, false},
		{ledger.Amount{Docs: 3, Bytes: 20}, false},
	} {
		if err := kept(c.in).Follows(before); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.in, err)
		}
	}
	if err := (ledger.Count{}).Follows(ledger.Count{}); err != nil {
		t.Error(err)
	}
	if (ledger.Count{}).Follows(before) == nil || before.Follows(ledger.Count{}) == nil {
		t.Error("a source that only one of them has was not found")
	}
}

// A source of which nothing was dropped has no reasons, not an empty list: sums
// are compared by their fingerprints.
func TestAddMakesNoEmptyReasons(t *testing.T) {
	var kept, sum ledger.Count
	kept.Keep("s", ledger.Amount{Docs: 1})
	sum.Add(kept)
	if sum.Sources["s"].Reasons != nil {
		t.Error("there are reasons")
	}
}

func TestMeter(t *testing.T) {
	var m ledger.Meter
	m.Expect(5)
	m.Expect(6)
	m.Did(1, 2)
	m.Did(3, 4)
	m.Skip()
	m.Finish()
	m.Finish()
	if got, want := m.Read(), (ledger.Reading{Total: 11, Bytes: 6, Docs: 4, Skipped: 1, Finished: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	var none *ledger.Meter
	none.Expect(1)
	none.Did(1, 1)
	none.Skip()
	none.Finish()
	if none.Read() != (ledger.Reading{}) {
		t.Error("no meter has counted")
	}
}

func TestJSON(t *testing.T) {
	var c ledger.Count
	c.Keep("s", ledger.Amount{Docs: 1})
	b, err := ledger.JSON([]ledger.StageCount{{Stage: "docs", Count: c}})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Format int
		Stages []struct {
			Stage string
			Total ledger.Flow
			Count ledger.Count
		}
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != 1 || len(got.Stages) != 1 || got.Stages[0].Stage != "docs" || got.Stages[0].Total.Kept.Docs != 1 || !reflect.DeepEqual(got.Stages[0].Count, c) {
		t.Errorf("%s", b)
	}
}
