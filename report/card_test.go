package report_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

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
		Blend:    []report.BlendPart{{Name: "code", Asked: .7, Target: .75, Reached: ledger.Amount{Tokens: 75}, Epochs: 1.5, Shortage: "few\nmore"}, {Name: "prose", Reached: ledger.Amount{Tokens: 25}}},
		Stages:   []ledger.StageCount{{Stage: "docs", Count: docs}, {Stage: "tokens", Count: tokens}},
	}
}

func TestCardSaysWhatWasReached(t *testing.T) {
	md := string(card().Markdown())
	for _, want := range []string{
		"---\npretty_name:", "- 1K<n<10K\n", "path: data-*.arrow\n---\n",
		"| tokens of documents | 1 234 567 |", "| tokens of padding | 5 433 (0.44 %) |",
		"| code | 70.00 % | 75.00 % | 75.00 % | 75 | 1.50 | few more |",
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
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if cells != 0 && n != cells {
			t.Errorf("a row of %d cells in a table of %d: %s", n, cells, line)
		}
		cells = n
	}
	if empty := string(report.Card{}.Markdown()); !strings.Contains(empty, "n<1K") {
		t.Error(empty)
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
