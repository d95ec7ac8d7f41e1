package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/tokenize"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/state"
	"github.com/codemill/codemill/work/vfs"
)

// inspectCmd is `codemill inspect PATH`. For a work folder, or a folder in one, it prints
// the stages. A file is shown by what it holds (state.FileOf): its first rows as a table,
// and one line that sums up all rows.
type inspectCmd struct {
	Path string `arg:"" help:"A work folder, or a file in one of its stages' folders."`
	Rows int    `short:"n" help:"Rows to show." default:"10"`
}

// Run shows a work folder's state, or what is in a file.
func (c *inspectCmd) Run(a *app) error {
	if err := a.noRecipe(); err != nil {
		return err
	}
	st, err := os.Stat(c.Path)
	if err != nil {
		return err
	}
	root, rel, err := work.Find(vfs.OS{}, c.Path)
	if err != nil {
		return err
	}
	w, err := work.Read(vfs.OS{}, root)
	if err != nil {
		return err
	}
	if st.IsDir() {
		return a.inspectWork(w)
	}
	return c.inspectFile(a, w, rel)
}

// inspectWork prints the stages that stand and their ledger, then the folders that do not
// belong to them (stray), the sources, and the blend if there is one.
func (a *app) inspectWork(w *work.Folder) error {
	if runs, isIndex, err := index.Runs(w); err != nil || isIndex {
		a.printIndex(w, runs)
		return err
	}
	recipe, err := w.Recipe()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "work folder of the recipe %q\n", recipe)
	c, err := state.Read(w)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "stage\tshards\ton disk\tdocuments in\tkept\ttext kept\tout, by reason")
	for _, m := range c.Manifests() {
		f := m.Count.Total()
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", name(m.Stage), len(m.Rows()), size(w.DiskUse(m.Stage)),
			number(f.In.Docs), number(f.Kept.Docs), size(f.Kept.Bytes), topReasons(f, 6))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range c.Stray {
		fmt.Fprintln(a.out, printable(s.Error()))
	}
	if err := printSources(a.out, c.Docs); err != nil || c.Plan == nil {
		return err
	}
	return a.printOutcome(w, c.Tokens)
}

// printIndex prints the runs of an index of duplicates.
func (a *app) printIndex(w *work.Folder, runs []index.Run) {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "run\tkept\ton disk")
	for _, r := range runs {
		fmt.Fprintf(t, "%s\t%s\t%s\n", name(r.Name), number(r.Kept), size(w.DiskUse("runs/"+r.Name)))
	}
	t.Flush()
}

// printOutcome prints the blend and, where tokens is not nil, the sequences.
func (a *app) printOutcome(w *work.Folder, tokens *work.Manifest) error {
	if err := printBlend(a.out, w, tokens); err != nil || tokens == nil {
		return err
	}
	printTokens(a.out, tokens)
	return nil
}

// printSources prints what was read of each source, and what crawl left out of it.
func printSources(out io.Writer, docs *work.Manifest) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "source\tfiles\tdocuments\ttext\tleft out, by reason")
	for _, s := range sorted(docs.Count.Sources) {
		f := docs.Count.Sources[s]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", name(s), number(f.In.Docs), number(f.Kept.Docs), size(f.Kept.Bytes), topReasons(f, 6))
	}
	return t.Flush()
}

// inspectFile prints one file of a stage's folder, after checking its bytes against the
// receipt. JSON is printed unchecked, as it stands but for what a terminal would act upon: so
// a receipt that is damaged can be looked at.
func (c *inspectCmd) inspectFile(a *app, w *work.Folder, name string) error {
	f, err := state.FileOf(name)
	if err != nil {
		return err
	}
	switch f.Kind {
	case state.Documents:
		return c.inspectDocs(a, w, f.Number)
	case state.LeftOut:
		return c.inspectLeft(a, w, f.Number)
	case state.Verdicts:
		return c.inspectVerdicts(a, w, f.Pass, f.Number)
	case state.Known:
		return c.inspectKnown(a, w, f.Pass, f.Number)
	case state.Plan:
		return c.inspectPlan(a, w, f.Number)
	case state.Blend:
		return printBlend(a.out, w, nil)
	case state.Tokens:
		return c.inspectTokens(a, w, f.Dir, f.Shard)
	default:
		b, err := w.ReadFile(name)
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.out, printableJSON(b))
		return err
	}
}

// inspectKnown prints the survivors of earlier runs that documents were dropped
// for.
func (c *inspectCmd) inspectKnown(a *app, w *work.Folder, pass string, shard int) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\trun\tsource\trepo\tpath")
	rows := 0
	for k, err := range index.KnownSurvivors(w.Dir(work.VerdictsStage(pass)), shard) {
		if err != nil {
			return err
		}
		if rows++; rows <= c.Rows {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", k.Row, name(k.Run), name(k.Source), name(k.Repo), name(k.Path))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s documents dropped for ones of earlier runs\n", number(int64(rows)))
	return nil
}

// inspectDocs prints the first documents of a shard, without their text, and counts its
// languages.
func (c *inspectCmd) inspectDocs(a *app, w *work.Folder, shard int) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\tsource\trepo\tpath\tlanguage\tkind\tlicence\tbytes")
	rows, languages := 0, counter{}
	for row, err := range (work.Job{Work: w}).Rows(a.ctx, shard, false) {
		if err != nil {
			return err
		}
		d := row.Doc
		if rows < c.Rows {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", rows, name(d.Source), name(d.Repo), name(d.Path), name(choice.Name(d.Language)), choice.Name(d.Kind), name(d.License), d.Bytes)
		}
		rows++
		languages[strings.Clone(choice.Name(d.Language))]++
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d documents; languages: %s\n", rows, languages.top(12))
	return nil
}

// inspectLeft prints the first files that crawl left out of a shard, and counts the
// reasons.
func (c *inspectCmd) inspectLeft(a *app, w *work.Folder, shard int) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "source\trepo\tpath\treason\tvalue\tlimit\tdetail")
	rows, reasons := 0, counter{}
	for l, err := range w.LeftOut(shard) {
		if err != nil {
			return err
		}
		if rows < c.Rows {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.6g\t%.6g\t%s\n", name(l.Source), name(l.Repo), name(l.Path), l.Reason, l.Value, l.Limit, printable(l.Detail))
		}
		rows++
		reasons[strings.Clone(string(l.Reason))]++
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d left out; reasons: %s\n", rows, reasons.top(20))
	return nil
}

// inspectVerdicts prints the first verdicts of a shard, counts the reasons, and shows for
// each how the values are distributed: what the rule measured, or for duplicates the
// similarity. It holds one number a dropped document in memory.
func (c *inspectCmd) inspectVerdicts(a *app, w *work.Folder, pass string, shard int) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\treason\tvalue\tlimit\tsurvivor\tsimilarity\tcopies\tedits")
	rows, reasons, values := 0, counter{}, map[string][]float64{}
	for v, err := range w.Verdicts(pass, shard) {
		if err != nil {
			return err
		}
		reason := strings.Clone(string(v.Reason))
		if reason == "" {
			reason = "(kept)"
		} else if v.Survivor != corpus.NoPos {
			values[reason] = append(values[reason], v.Similarity)
		} else if v.Reason != corpus.Earlier {
			values[reason] = append(values[reason], v.Value)
		}
		if rows < c.Rows {
			survivor := "-"
			if v.Survivor != corpus.NoPos {
				survivor = v.Survivor.String()
			}
			fmt.Fprintf(t, "%d\t%s\t%.6g\t%.6g\t%s\t%.3f\t%d\t%d\n", rows, reason, v.Value, v.Limit, survivor, v.Similarity, v.Copies, len(v.Edits))
		}
		rows++
		reasons[reason]++
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d verdicts: %s\n", rows, reasons.top(30))
	for _, r := range sorted(values) {
		histogram(a.out, r, values[r])
	}
	return nil
}

// inspectPlan prints the first uses of documents that the plan of a shard has, and counts
// its parts.
func (c *inspectCmd) inspectPlan(a *app, w *work.Folder, shard int) error {
	b, err := w.Blend()
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\tepoch\tpart\ttokens\toutput")
	rows, parts := 0, counter{}
	for p, err := range w.Plan(shard) {
		if err != nil {
			return err
		}
		part := state.PartName(b, p.Part)
		if rows < c.Rows {
			fmt.Fprintf(t, "%d\t%d\t%s\t%d\t%s\n", p.Row, p.Epoch, name(part), p.Tokens, tokenize.DataShard(p.OutputShard, b.OutputShards)+".arrow")
		}
		rows++
		parts[part]++
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d uses of documents: %s\n", rows, parts.top(20))
	return nil
}

// inspectTokens prints the first segments of a token shard, with their first ids, and
// counts all tokens by their form: left to right, or an arrangement of FIM.
func (c *inspectCmd) inspectTokens(a *app, w *work.Folder, dir, shard string) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "sequence\ttokens\tstart\tepoch\tfim\trepo\tpath\tlicence\tfirst ids")
	shown, sequences, tokens, forms := 0, 0, int64(0), counter{}
	for seq, err := range tokenize.Sequences(a.ctx, w.Dir(dir), shard) {
		if err != nil {
			return err
		}
		at := 0
		for _, s := range seq.Segments {
			ids := seq.IDs[at : at+s.Tokens]
			at += s.Tokens
			if shown < c.Rows {
				fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%v\n", sequences, len(ids), s.Start, s.Epoch, s.Form, name(s.Repo), name(s.Path), name(s.License), ids[:min(8, len(ids))])
				shown++
			}
			tokens += int64(len(ids))
			forms[s.Form.String()] += int64(len(ids))
		}
		sequences++
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s sequences, %s tokens; by form: %s\n", number(int64(sequences)), number(tokens), forms.top(4))
	return nil
}

// printTokens sums up the token shards, by the tallies in their manifest.
func printTokens(out io.Writer, m *work.Manifest) {
	sequences, padding := m.Count.Tallies["sequences"][""], m.Count.Tallies["padding"][""]
	fmt.Fprintf(out, "tokens %s in %s sequences, %s of them padding\n",
		number(sequences.Tokens), number(sequences.Docs), percent(float64(padding.Tokens)/max(1, float64(sequences.Tokens))))
}
