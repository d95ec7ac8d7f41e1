package report_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/report"
)

func card() report.Card {
	var docs, tokens ledger.Count
	docs.Keep("git|hub", ledger.Amount{Docs: 2, Bytes: 3000})
	docs.Drop("git|hub", "empty", ledger.Amount{Docs: 1})
	for value, n := range map[string]int64{ledger.AuditDropped: 200, ledger.AuditWrong: 1, ledger.AuditSimilar: 990, ledger.AuditMissedByCurve: 10} {
		docs.Tally(ledger.Audit, value, ledger.Amount{Docs: n})
	}
	tokens.Keep("git|hub", ledger.Amount{Docs: 2, Bytes: 3000, Tokens: 1234567})
	for i := range 40 {
		tokens.Tally("language", fmt.Sprint("L", i), ledger.Amount{Docs: 1, Tokens: int64(i)})
	}
	tokens.Tally("license", "", ledger.Amount{Docs: 1, Tokens: 3})
	return report.Card{
		Tokenizer: "cl100k_base, abc", SeqLen: 4096, Sequences: 1500, Padding: 5433,
		Settings: []report.Setting{{Name: "seed", Value: "1"}},
		Blend:    []report.BlendPart{{Name: "code", Asked: .7, Target: .75, Reached: ledger.Amount{Tokens: 75}, Epochs: 1.5, Shortage: "few; more: 3.5 %"}, {Name: "prose", Reached: ledger.Amount{Tokens: 25}}},
		Stages:   []ledger.StageCount{{Stage: "docs", Count: docs}, {Stage: "tokens", Count: tokens}},
	}
}

func TestCardSaysWhatWasReached(t *testing.T) {
	md := string(card().Markdown())
	for _, want := range []string{
		"---\npretty_name:", "- 1K<n<10K\n", "path: data-*.arrow\n---\n",
		"| tokens of documents | 1 234 567 |", "| tokens of padding | 5 433 (0.44 %) |",
		"| code | 70.00 % | 75.00 % | 75.00 % | 75 | 1.50 | few; more: 3.5 % |",
		"| (10 more) | 10 | 0 | 45 | 5.77 % |", "| (none) | 1 | 0 | 3 | 100.00 % |",
		"| docs | 3 | 2 |  |\n|  |  | -1 | empty |", "| seed | `1` |",
		"| docs | 200 | 99.50 % | 990 | 99.00 % | 100.00 % |",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("the card lacks %q:\n%s", want, md)
		}
	}
	cells := 0
	for line := range strings.Lines(md) {
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		n := strings.Count(line, "|")
		if cells != 0 && n != cells {
			t.Errorf("a row of %d cells in a table of %d: %s", n, cells, line)
		}
		cells = n
	}
	if empty := string(report.Card{}.Markdown()); !strings.Contains(empty, "n<1K") {
		t.Error(empty)
	}
}

// TestCardIsInert holds that neither a terminal nor Markdown acts on what a name
// or value from input says, and that what is harmless stays as it is.
func TestCardIsInert(t *testing.T) {
	for value, want := range map[string]string{
		"BSD-3-Clause AND (MIT OR LicenseRef-a.b)": "", "C++": "", "C#": "", "Cap'n Proto": "", "too_large": "", "a, b; c: 99.5 %": "", "verdicts/filter": "",
		"MIT\u001b[31m\u001b]0;pwn\u0007":  "`MIT\\x1b[31m\\x1b]0;pwn\\a`",
		"[click](javascript:alert(1))":     "`[click](javascript:alert(1))`",
		"<!-- ":                            "`<!-- `",
		"\u202egnp.exe":                    "`\\u202egnp.exe`",
		"\u009b31m":                        "`\\u009b31m`",
		"ev\x1b[31m|<img src=x onerror=1>": "`ev\\x1b[31m\\x7c<img src=x onerror=1>`",
		"a`|`<b>":                          "`a\\x60\\x7c\\x60<b>`",
		"a\\|b":                            "`a\\\\\\x7cb`",
		"two\nlines\r\u2028":               "`two\\nlines\\r\\u2028`",
		"bad\xff":                          "`bad\\xff`",
		`say "x"`:                          "`say \"x\"`",
		"https://x.example":                "`https://x.example`",
		"WWW.x.example":                    "`WWW.x.example`",
		"me@x.example":                     "`me@x.example`",
		"_x_":                              "`_x_`",
		"*x*":                              "`*x*`",
		"~x~":                              "`~x~`",
		"&lt;":                             "`&lt;`",
		":tada:":                           "`:tada:`",
		"d\u00e9j\u00e0":                   "`d\u00e9j\u00e0`",
	} {
		if want == "" {
			want = value
		}
		var docs, tokens ledger.Count
		docs.Drop(value, value, ledger.Amount{Docs: 1})
		for _, dimension := range []string{"source", "license", "language"} {
			tokens.Tally(dimension, value, ledger.Amount{Docs: 1, Tokens: 1})
		}
		md := string(report.Card{
			Blend:  []report.BlendPart{{Name: value, Shortage: value}},
			Stages: []ledger.StageCount{{Stage: value, Count: docs}, {Stage: "tokens", Count: tokens}},
		}.Markdown())
		if n := strings.Count(md, "| "+want+" |"); n != 7 {
			t.Errorf("%q stands %d times as %s in\n%s", value, n, want, md)
		}
		if strings.ContainsFunc(md, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Errorf("%q: a character that is not printed in\n%s", value, md)
		}
	}
}

func TestLedgerHoldsEveryStage(t *testing.T) {
	b, err := ledger.JSON(card().Stages)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Stages []struct {
			Stage string
			Total ledger.Flow
			Count ledger.Count
		}
	}
	if err := json.Unmarshal(b, &got); err != nil || len(got.Stages) != 2 {
		t.Fatal(err, string(b))
	}
	if s := got.Stages[0]; s.Stage != "docs" || s.Total.In.Docs != 3 || s.Count.Balance() != nil || s.Count.Sources["git|hub"].Kept.Bytes != 3000 {
		t.Errorf("%+v", s)
	}
}
