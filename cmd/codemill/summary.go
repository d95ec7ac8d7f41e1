package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/state"
)

// summary prints what the stages did: a line for each, then what dedup found, the blend and
// the memory. MB/s is of text, by the clock; "per core" by processor time. Reasons that put
// documents out are of all shards, rates of this run alone.
//
//	stage   in      kept    MB/s  per core  time  out, by reason
//	crawl   12,004  9,870   85.1  47.3      3.1s  generated 1,200, too_large 934
//	filter  9,870   9,001   up to date            max_line_length 512, …
func (a *app) summary(w *work.Folder, results []done) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "stage\tin\tkept\tMB/s\tper core\ttime\tout, by reason")
	for _, d := range results {
		total := d.manifest.Count.Total()
		rate := "up to date\t\t"
		if d.worked && d.reading.Bytes == 0 {
			rate = "-\t-\t" + duration(d.elapsed) // no text was read
		} else if d.worked {
			rate = fmt.Sprintf("%.1f\t%.1f\t%s", d.rate(d.elapsed.Seconds()), d.rate(d.cpu.Seconds()), duration(d.elapsed))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", d.name, number(total.In.Docs), number(total.Kept.Docs), rate, topReasons(total, 4))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := printDedups(a.out, w, results); err != nil {
		return err
	}
	if err := printResults(a.out, w, results); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "peak memory %s\n", size(peakMemory()))
	return nil
}

// printResults prints the blend if mix or tokenize is among the stages that were run, and
// the sequences if tokenize is.
func printResults(out io.Writer, w *work.Folder, results []done) error {
	var plan, tokens *work.Manifest
	for _, d := range results {
		switch d.folder {
		case work.PlanStage:
			plan = d.manifest
		case work.TokensStage:
			tokens = d.manifest
		}
	}
	if plan == nil && tokens == nil {
		return nil
	}
	if err := printBlend(out, w, tokens); err != nil || tokens == nil {
		return err
	}
	printTokens(out, tokens)
	return nil
}

// rate is megabytes (10^6) of text a second.
func (d *done) rate(seconds float64) float64 {
	return float64(d.reading.Bytes) / 1e6 / max(seconds, 1e-6)
}

// topReasons names the n reasons that put out most documents, with how many:
// "too_large 934, empty 12, 3 more".
func topReasons(f ledger.Flow, n int) string {
	reasons := slices.SortedFunc(maps.Keys(f.Reasons), func(x, y string) int {
		return cmp.Or(cmp.Compare(f.Reasons[y].Docs, f.Reasons[x].Docs), cmp.Compare(x, y))
	})
	var list []string
	for _, r := range reasons[:min(n, len(reasons))] {
		list = append(list, fmt.Sprintf("%s %s", r, number(f.Reasons[r].Docs)))
	}
	if rest := len(reasons) - n; rest > 0 {
		list = append(list, fmt.Sprintf("%d more", rest))
	}
	return strings.Join(list, ", ")
}

// printBlend shows for each part the share that the recipe asks for, the one aimed at after
// what was short had been redistributed, and the one planned, or reached if the tokens
// stand (tokens is not nil). Both are shares of tokens; those that are reached are of what
// was written, with BOS, EOS and sentinels. The last column says what could not be met.
func printBlend(out io.Writer, w *work.Folder, tokens *work.Manifest) error {
	b, err := w.Blend()
	if err != nil {
		return err
	}
	share, sum := "planned", float64(b.Tokens)
	var reached map[string]ledger.Amount
	if tokens != nil {
		share, sum, reached = "reached", 0, tokens.Count.Tallies["part"]
		for _, a := range reached {
			sum += float64(a.Tokens)
		}
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "blend\tasked\ttarget\t%s\tdocuments\ttokens\tepochs\t\n", share)
	for _, p := range b.Parts {
		amount := p.Planned
		if tokens != nil {
			amount = reached[p.Name]
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%.2f\t%s\n", name(p.Name), percent(p.Asked), percent(p.Target),
			percent(float64(amount.Tokens)/max(1, sum)), number(amount.Docs), number(amount.Tokens), p.Epochs, p.Shortage)
	}
	return t.Flush()
}

// noteRun writes down what this run did, if it did anything. If it did nothing, the note
// of the run before stays, unless it does not tell of what stands: the run before was
// killed when only its note was left to write.
func noteRun(w *work.Folder, results []done) error {
	var stand []*work.Manifest
	for _, d := range results {
		stand = append(stand, d.manifest)
	}
	if !slices.ContainsFunc(results, func(d done) bool { return d.worked }) && state.Noted(w, stand) == nil {
		return nil
	}
	last := state.LastRun{PeakBytes: peakMemory()}
	for _, d := range results {
		last.Stages = append(last.Stages, state.StageRun{
			Stage: d.folder, Made: d.manifest.Fingerprint, Worked: d.worked, Docs: d.reading.Docs, Bytes: d.reading.Bytes,
			Seconds: d.elapsed.Seconds(), CPUSeconds: d.cpu.Seconds(),
		})
	}
	return last.Write(w)
}
