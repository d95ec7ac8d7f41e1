// Package report renders what a run came to: the dataset card, README.md beside the token
// shards. It knows counts alone, and neither files nor stages, so that whoever has the
// counts can make a card.
//
// Names in the counts come from input that nobody has looked at. All of them go through
// text or code, so that none acts on whoever reads the card.
package report

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/codemill/codemill/ledger"
)

// Card is what a dataset card says of token shards. What is empty is left out of it, but
// for the first table.
type Card struct {
	Tokenizer string // name and fingerprint: "cl100k_base, 2f60c7d1a4b0e9f3"
	SeqLen    int    // tokens of a sequence, padding included
	Sequences int64  // how many there are; Hugging Face's size of the dataset
	Padding   int64  // tokens that only fill sequences up
	Settings  []Setting
	Blend     []BlendPart
	// Stages are the counts of all stages in their order. The last is the one that wrote
	// the tokens: its tallies are what the tables of sources, languages and licences show.
	Stages []ledger.StageCount
}

// Setting is one line of the table of settings, in the order in which they were given.
type Setting struct{ Name, Value string }

// BlendPart is one component of the blend, asked and reached.
type BlendPart struct {
	Name          string
	Asked, Target float64       // shares of the tokens, 0 to 1: the recipe's, and after redistribution
	Reached       ledger.Amount // written, repetitions included
	Epochs        float64       // how often a token of it is used, on average
	Shortage      string        // what could not be met, in words; "" if nothing
}

// most is how many lines a table of values has. What comes after them is summed up in one
// line more.
const most = 30

// Markdown renders the card as Hugging Face reads it: YAML front matter, then
// tables. Nothing in it depends on when or where the shards were made, so that
// the same tokens have the same card.
func (c Card) Markdown() []byte {
	var tokens ledger.Count
	if n := len(c.Stages); n > 0 {
		tokens = c.Stages[n-1].Count
	}
	kept := tokens.Total().Kept
	var b bytes.Buffer
	fmt.Fprintf(&b, "---\npretty_name: Token shards by codemill\ntags:\n- code\n- pretokenized\n- codemill\n"+
		"task_categories:\n- text-generation\nsize_categories:\n- %s\n"+
		"configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data-*.arrow\n---\n\n", sizeCategory(c.Sequences))
	b.WriteString("# Token shards\n\nPacked sequences of tokens for the pretraining of language models, made by codemill.\n" +
		"`input_ids` holds the tokens; `seq_lengths`, `doc_ids`, `repos`, `paths`, `licenses`, `fims`, `starts` and `epochs` have one value\n" +
		"for each segment, a run of one document's tokens. Open with `datasets.load_from_disk`.\n\n")
	total := kept.Tokens + c.Padding
	table(&b, "", []string{"", ""}, [][]string{
		{"sequences", number(c.Sequences)},
		{"tokens a sequence", number(int64(c.SeqLen))},
		{"tokens of documents", number(kept.Tokens)},
		{"tokens of padding", fmt.Sprintf("%s (%s)", number(c.Padding), percent(c.Padding, total))},
		{"documents, repetitions included", number(kept.Docs)},
		{"bytes of text", number(kept.Bytes)},
		{"tokenizer", code(c.Tokenizer)},
	})
	c.blend(&b)
	for _, t := range []struct{ title, dimension string }{
		{"Sources", "source"}, {"Languages", "language"}, {"Licences", "license"}, {"Arrangement (fill in the middle)", "fim"},
	} {
		values(&b, t.title, tokens.Tallies[t.dimension])
	}
	c.ledger(&b)
	c.audit(&b)
	var rows [][]string
	for _, s := range c.Settings {
		rows = append(rows, []string{text(s.Name), code(s.Value)})
	}
	table(&b, "Settings", []string{"setting", "value"}, rows)
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n')
}

// audit writes what stages say of how right they were: one line for each that tallies
// ledger.Audit, as dedup does. A share of nothing is an empty cell, not 0 %.
func (c Card) audit(b *bytes.Buffer) {
	var rows [][]string
	for _, s := range c.Stages {
		t, ok := s.Count.Tallies[ledger.Audit]
		if !ok {
			continue
		}
		// recall is the share found of all that are similar: found / (found + missed).
		recall := func(missed string) string {
			return percent(t[ledger.AuditSimilar].Docs, t[ledger.AuditSimilar].Docs+t[missed].Docs)
		}
		dropped, wrong := t[ledger.AuditDropped].Docs, t[ledger.AuditWrong].Docs
		row := []string{text(s.Stage), number(dropped), percent(dropped-wrong, dropped), number(t[ledger.AuditSimilar].Docs), "", ""}
		if t[ledger.AuditSimilar].Docs > 0 {
			row[4], row[5] = recall(ledger.AuditMissedByCurve), recall(ledger.AuditMissedBySearch)
		}
		if dropped == 0 {
			row[2] = ""
		}
		rows = append(rows, row)
	}
	table(b, "How right duplicates were found, by samples",
		[]string{"stage", "dropped and looked at again", "precision", "dropped as similar", "recall by the bands' curve", "recall by search"}, rows)
}

// blend writes the parts as they were asked for and reached.
func (c Card) blend(b *bytes.Buffer) {
	var all int64
	for _, p := range c.Blend {
		all += p.Reached.Tokens
	}
	var rows [][]string
	for _, p := range c.Blend {
		rows = append(rows, []string{text(p.Name), share(p.Asked), share(p.Target), percent(p.Reached.Tokens, all), number(p.Reached.Tokens), fmt.Sprintf("%.2f", p.Epochs), text(p.Shortage)})
	}
	table(b, "Blend", []string{"part", "asked", "target", "reached", "tokens", "epochs", "shortage"}, rows)
}

// ledger writes what each stage took in and kept, and below it a line for each reason.
// What the reasons dropped is written as negative, so that a stage's lines add up.
func (c Card) ledger(b *bytes.Buffer) {
	var rows [][]string
	for _, s := range c.Stages {
		t := s.Count.Total()
		rows = append(rows, []string{text(s.Stage), number(t.In.Docs), number(t.Kept.Docs), ""})
		for _, r := range ranked(t.Reasons) {
			rows = append(rows, []string{"", "", number(-t.Reasons[r].Docs), text(r)})
		}
	}
	table(b, "What became of the documents", []string{"stage", "in", "kept", "dropped for"}, rows)
}

// values writes a table of a tally, the largest first. The first word of title is also
// the heading of the first column: "licences" of "Licences". An empty value is "(none)".
func values(b *bytes.Buffer, title string, tally map[string]ledger.Amount) {
	var all, rest ledger.Amount
	// A sum is the same in any order.
	for _, a := range tally {
		all = all.Add(a)
	}
	var rows [][]string
	row := func(name string, a ledger.Amount) {
		rows = append(rows, []string{name, number(a.Docs), number(a.Bytes), number(a.Tokens), percent(a.Tokens, all.Tokens)})
	}
	names := ranked(tally)
	for i, n := range names {
		if i < most {
			row(text(cmp.Or(n, "(none)")), tally[n])
		} else {
			rest = rest.Add(tally[n])
		}
	}
	if len(names) > most {
		row(fmt.Sprintf("(%d more)", len(names)-most), rest)
	}
	table(b, title, []string{strings.ToLower(strings.Fields(title)[0]), "documents", "bytes", "tokens", "share"}, rows)
}

// ranked returns the names of a tally: those with most tokens first, of equal ones those
// with most documents, then by name.
func ranked(tally map[string]ledger.Amount) []string {
	return slices.SortedFunc(maps.Keys(tally), func(a, b string) int {
		x, y := tally[a], tally[b]
		return cmp.Or(cmp.Compare(y.Tokens, x.Tokens), cmp.Compare(y.Docs, x.Docs), cmp.Compare(a, b))
	})
}

// table writes a Markdown table under a heading; nothing for no rows. Its cells
// are Markdown: names and values go through [text] or [code].
func table(b *bytes.Buffer, title string, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	if title != "" {
		fmt.Fprintf(b, "## %s\n\n", title)
	}
	line := func(cells []string) {
		b.WriteByte('|')
		for _, c := range cells {
			b.WriteString(" " + c + " |")
		}
		b.WriteByte('\n')
	}
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, r := range rows {
		line(r)
	}
	b.WriteByte('\n')
}

// plain matches the texts that stand in a table as they are, for neither a terminal nor
// Markdown acts on them. "_" is only taken within a word, since at its border it begins
// emphasis, and ":" only before a space, since "http:" begins a link.
var plain = regexp.MustCompile(`^([A-Za-z0-9]+(_+[A-Za-z0-9]+)*|: |[-+#.,;/()%' ])*$`)

// text renders a name or value as Markdown. Some come from input, unchecked: what is not
// plain, or could be taken for a link (renderers make one of "www.x.y"), becomes code:
//
//	Apache-2.0            Apache-2.0
//	<img src=x>           `<img src=x>`
//	a|b                   `a\x7cb`
func text(s string) string {
	if plain.MatchString(s) && !strings.Contains(strings.ToLower(s), "www.") {
		return s
	}
	return code(s)
}

// inCode turns a text that strconv.Quote has escaped into code. What would end a cell or
// a piece of code becomes an escape as well. Quotes need none in code. The first pair
// steps over an escaped backslash, whose second half could be taken for that of \".
var inCode = strings.NewReplacer(`\\`, `\\`, `\"`, `"`, "`", `\x60`, "|", `\x7c`)

// code renders a text as code, in which Markdown acts on nothing. Characters
// that are not printed, such as a terminal's and those that turn the direction
// of writing, are written as Go would.
func code(s string) string {
	q := strconv.Quote(s)
	return "`" + inCode.Replace(q[1:len(q)-1]) + "`"
}

// number writes n with a space between thousands.
func number(n int64) string {
	s := fmt.Sprint(max(n, -n))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	if n < 0 {
		return "-" + s
	}
	return s
}

// share writes a share of 0 to 1 in percent.
func share(f float64) string { return fmt.Sprintf("%.2f %%", 100*f) }

// percent writes which share n is of a whole; of nothing it is 0 %.
func percent(n, of int64) string {
	if of == 0 {
		return share(0)
	}
	return share(float64(n) / float64(of))
}

// sizeCategory names the size of a dataset, in rows, as Hugging Face does: "n<1K",
// "1K<n<10K" and so on to "n>1T". 1000 is in the second.
func sizeCategory(n int64) string {
	steps := []string{"1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"}
	limit := int64(1000)
	for i, s := range steps {
		if n < limit {
			if i == 0 {
				return "n<1K"
			}
			return steps[i-1] + "<n<" + s
		}
		limit *= 10
	}
	return "n>1T"
}
