// Package ledger holds the counts that every stage keeps, and the ledger that
// must balance.
//
// It imports nothing of codemill, so that receipts can carry counts.
package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Amount is how much of something there was.
type Amount struct {
	Docs   int64 `json:"docs"`
	Bytes  int64 `json:"bytes"`            // of text, UTF-8
	Tokens int64 `json:"tokens,omitempty"` // known from the mix on
}

// Add returns the sum of both.
func (a Amount) Add(b Amount) Amount {
	return Amount{a.Docs + b.Docs, a.Bytes + b.Bytes, a.Tokens + b.Tokens}
}

// Flow is what went into a stage from one source and what became of it.
type Flow struct {
	In      Amount            `json:"in"`
	Kept    Amount            `json:"kept"`
	Reasons map[string]Amount `json:"reasons,omitempty"` // dropped, by reason
}

// Count is what a stage, or one shard of it, did: a flow for every source, and tallies of
// the kept documents by dimensions such as language or license. A dimension has an
// amount for each of its values: {"language": {"Go": …, "C": …}}. The zero Count is empty
// and ready to use. Counts may be added in any order, as long as no dimension has more
// than [MaxValues] values.
//
// Sources and reasons are the recipe's and the program's. The values of a tally
// may come from input that nobody has looked at, and a count stands in every
// receipt: so both their number and their length are bounded.
type Count struct {
	Sources map[string]Flow              `json:"sources,omitempty"`
	Tallies map[string]map[string]Amount `json:"tallies,omitempty"`
}

// Keep counts one document, or any amount, of source that went in and stays.
func (c *Count) Keep(source string, a Amount) { c.flow(source, a, "") }

// Drop counts an amount of source that went in and stays out for reason.
// The reason must not be empty.
func (c *Count) Drop(source, reason string, a Amount) { c.flow(source, a, reason) }

func (c *Count) flow(source string, a Amount, reason string) {
	if c.Sources == nil {
		c.Sources = map[string]Flow{}
	}
	f := c.Sources[source]
	f.In = f.In.Add(a)
	if reason == "" {
		f.Kept = f.Kept.Add(a)
	} else {
		if f.Reasons == nil {
			f.Reasons = map[string]Amount{}
		}
		put(f.Reasons, reason, f.Reasons[reason].Add(a))
	}
	put(c.Sources, source, f)
}

// put sets m[key], and keeps a copy of a new key: it may be borrowed from a
// row group that must not live as long as the counts.
func put[V any](m map[string]V, key string, v V) {
	if _, ok := m[key]; !ok {
		key = strings.Clone(key)
	}
	m[key] = v
}

const (
	// MaxValues is how many values a dimension has at most, [Others] among them.
	// Linguist has 800 languages, SPDX as many licences.
	MaxValues = 2048
	// MaxValueBytes is the length of a value; the rest of a longer one is cut off.
	MaxValueBytes = 256
	// Others is the value under which the smallest values of a dimension are summed
	// up when there are too many. If one of them is counted again later, it is
	// counted by its own name, from zero: what it had before stays with Others.
	Others = "(others)"
)

// Tally adds an amount under a dimension's value.
func (c *Count) Tally(dimension, value string, a Amount) {
	values := c.dimension(dimension)
	value = Cut(value)
	put(values, value, values[value].Add(a))
	if len(values) > MaxValues {
		sumUp(values, MaxValues/2) // and not by one, so that sorting costs little a value
	}
}

func (c *Count) dimension(name string) map[string]Amount {
	if c.Tallies == nil {
		c.Tallies = map[string]map[string]Amount{}
	}
	if c.Tallies[name] == nil {
		c.Tallies[name] = map[string]Amount{}
	}
	return c.Tallies[name]
}

// Cut shortens a value to [MaxValueBytes], at the start of a character.
func Cut(value string) string {
	if len(value) <= MaxValueBytes {
		return value
	}
	const end = "…"
	n := MaxValueBytes - len(end)
	for n > 0 && !utf8.RuneStart(value[n]) {
		n--
	}
	return value[:n] + end
}

// sumUp leaves so many values, those with the most documents, and adds the others to
// Others. Of equal ones it leaves those whose names sort first.
func sumUp(values map[string]Amount, leave int) {
	names := slices.SortedFunc(maps.Keys(values), func(a, b string) int {
		return cmp.Or(cmp.Compare(values[b].Docs, values[a].Docs), cmp.Compare(a, b))
	})
	names = slices.DeleteFunc(names, func(n string) bool { return n == Others })
	rest := values[Others]
	for _, n := range names[leave:] {
		rest = rest.Add(values[n])
		delete(values, n)
	}
	values[Others] = rest
}

// Add merges o into c; o is not changed and shares no memory with c after.
func (c *Count) Add(o Count) {
	// Sums are the same in any order.
	for source, of := range o.Sources {
		if c.Sources == nil {
			c.Sources = map[string]Flow{}
		}
		f := c.Sources[source]
		f.In, f.Kept = f.In.Add(of.In), f.Kept.Add(of.Kept)
		if len(of.Reasons) > 0 && f.Reasons == nil {
			f.Reasons = map[string]Amount{}
		}
		for r, a := range of.Reasons {
			f.Reasons[r] = f.Reasons[r].Add(a)
		}
		c.Sources[source] = f
	}
	// As are these, in any order: only when all are in are some summed up.
	for name, from := range o.Tallies {
		values := c.dimension(name)
		// In any order.
		for v, a := range from {
			put(values, v, values[v].Add(a))
		}
		if len(values) > MaxValues {
			sumUp(values, MaxValues-1)
		}
	}
}

// Total sums the flows of all sources.
func (c Count) Total() Flow {
	var t Count
	for _, s := range slices.Sorted(maps.Keys(c.Sources)) {
		t.Add(Count{Sources: map[string]Flow{"": c.Sources[s]}})
	}
	return t.Sources[""]
}

// Balance reports the first source whose documents in do not equal those kept
// plus those dropped: the promise of conservation.
func (c Count) Balance() error {
	for _, s := range slices.Sorted(maps.Keys(c.Sources)) {
		f := c.Sources[s]
		sum := f.Kept
		// In any order.
		for _, a := range f.Reasons {
			sum = sum.Add(a)
		}
		if sum != f.In {
			return fmt.Errorf("the ledger of source %q does not balance: in %+v, kept and dropped %+v", s, f.In, sum)
		}
	}
	return nil
}

// Follows reports the first source of which c took in another number of
// documents or bytes than before had kept.
func (c Count) Follows(before Count) error {
	names := maps.Clone(c.Sources)
	if names == nil {
		names = map[string]Flow{}
	}
	maps.Copy(names, before.Sources)
	for _, s := range slices.Sorted(maps.Keys(names)) {
		in, kept := c.Sources[s].In, before.Sources[s].Kept
		if in.Docs != kept.Docs || in.Bytes != kept.Bytes {
			return fmt.Errorf("the ledger of source %q does not balance: the stage before kept %+v, this one took in %+v", s, kept, in)
		}
	}
	return nil
}

// Audit is the dimension under which a stage that drops documents for others
// tallies how right it was, by samples. Its values are below.
const (
	Audit               = "audit"
	AuditDropped        = "dropped, looked at again"
	AuditWrong          = "wrongly dropped of these"
	AuditSimilar        = "dropped as similar"
	AuditMissedByCurve  = "similar ones missed, by the curve" // about how many
	AuditMissedBySearch = "similar ones missed, by search"    // about how many
)
