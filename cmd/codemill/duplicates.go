package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/audit"
	"github.com/codemill/codemill/dedup/blocks"
	"github.com/codemill/codemill/work"
)

// printDedups says of every dedup pass among the stages that were run what its bands can
// find, how right its verdicts are and who lost most. It reads the pass's summary, so that
// a pass that stood already is told of too.
func printDedups(out io.Writer, w *work.Folder, results []done) error {
	for _, d := range results {
		if d.command != "dedup" {
			continue
		}
		s, err := dedup.ReadSummary(w.Dir(d.folder))
		if err != nil {
			return err
		}
		printDedup(out, d.name, s)
	}
	return nil
}

// printDedup prints the summary of one pass; what there is nothing of is left out:
//
//	dedup: 43,920 documents compared; 2,117 the same as another, 3,410 similar
//	  threshold 0.7: 42 bands of 6 rows find 86.56% at 0.6, 99.48% at 0.7, 100.00% at 0.8
//	  audit: precision 100.00% (500 dropped documents looked at again), …
//	  largest cluster: 212 documents, kept x/y src/a.go
//	  lost most: source hub 21.30% of 9,114
//	  past a limit: …
//
// The second line is the S-curve: which share of the pairs of a similarity the bands find.
func printDedup(out io.Writer, pass string, s dedup.Summary) {
	if s.Blocks != nil {
		printBlocks(out, pass, s.Blocks)
		return
	}
	units := "documents"
	if s.Level == dedup.LevelRepository {
		units = "repositories"
	}
	fmt.Fprintf(out, "%s: %s %s compared", pass, number(s.Documents), units)
	if s.Indexed > 0 {
		fmt.Fprintf(out, ", also with %s of earlier runs, for which %s are out", number(s.Indexed), number(s.ForIndexed))
	}
	fmt.Fprintf(out, "; %s the same as another, %s similar", number(s.Exact), number(s.Near))
	for _, n := range []struct {
		n    int64
		what string
	}{{s.Long, "too long to be compared but exactly"}, {s.Sampled, "compared by a sample"}, {s.HotBuckets, "overfull buckets"}, {s.SplitRepositories, "repositories in more than one piece"}} {
		if n.n > 0 {
			fmt.Fprintf(out, ", %s %s", number(n.n), n.what)
		}
	}
	fmt.Fprintln(out)
	if s.Bands > 0 {
		var curve []string
		for _, p := range s.SCurve {
			curve = append(curve, fmt.Sprintf("%s at %v", percent(p.Probability), p.Similarity))
		}
		fmt.Fprintf(out, "  threshold %v: %d bands of %d rows find %s", s.Threshold, s.Bands, s.Rows, strings.Join(curve, ", "))
		if s.WithoutNotices {
			fmt.Fprint(out, "; licence notices do not count")
		}
		fmt.Fprintln(out)
	}
	printAudit(out, units, s.Audit)
	if c := s.LargestCluster; c != nil {
		survivor := name(c.Survivor.Repo)
		if s.Level == dedup.LevelFile {
			survivor += " " + name(c.Survivor.Path)
		}
		fmt.Fprintf(out, "  largest cluster: %s %s, kept %s\n", number(c.Copies), units, survivor)
	}
	var worst []string
	for _, g := range s.Worst {
		worst = append(worst, fmt.Sprintf("%s %s %s of %s", g.Dimension, name(g.Name), percent(g.Share), number(g.Documents)))
	}
	if len(worst) > 0 {
		fmt.Fprintf(out, "  lost most: %s\n", strings.Join(worst, ", "))
	}
	for _, b := range s.Breaches {
		fmt.Fprintf(out, "  past a limit: %s\n", printable(b.String()))
	}
}

// printBlocks says how much stands in repeated blocks, and which three are the worst.
func printBlocks(out io.Writer, pass string, b *blocks.Summary) {
	did := "measured"
	if b.Cut {
		did = "cut"
	}
	share := func(n, of int64) string { return percent(float64(n) / float64(max(of, 1))) }
	fmt.Fprintf(out, "%s: repeated blocks %s: %s of the lines, %s of the bytes, in %s documents, of which %s have nothing else\n", pass, did,
		share(b.RepeatedLines, b.Lines), share(b.RepeatedBytes, b.Bytes), number(b.Documents), number(b.Emptied))
	for _, w := range b.Worst[:min(3, len(b.Worst))] {
		fmt.Fprintf(out, "  %s documents have %s lines of %s %s: %s\n", number(w.Documents), number(w.Lines), name(w.Place.Repo), name(w.Place.Path), name(w.First))
	}
}

// printAudit says how right the verdicts are by the samples that were looked at again; nil,
// or samples of nothing, print nothing. units are "documents" or "repositories".
func printAudit(out io.Writer, units string, a *audit.Audit) {
	if a == nil || a.Dropped+a.Kept == 0 {
		return
	}
	var list []string
	if a.Dropped > 0 {
		list = append(list, fmt.Sprintf("precision %s (%s dropped %s looked at again)", percent(a.Precision), number(a.Dropped), units))
	}
	if a.RecallByCurve > 0 {
		list = append(list, fmt.Sprintf("recall %s by the bands' curve", percent(a.RecallByCurve)))
	}
	if a.Kept > 0 {
		list = append(list, fmt.Sprintf("recall %s by search (%s kept %s against %s)", percent(a.RecallBySearch), number(a.Kept), units, number(a.Scanned)))
	}
	fmt.Fprintf(out, "  audit: %s\n", strings.Join(list, ", "))
}
