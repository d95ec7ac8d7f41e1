package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

type inspectCmd struct {
	Path string `arg:"" help:"A work folder, or a file in one of its stages' folders."`
	Rows int    `short:"n" help:"Rows to show." default:"10"`
}

// Run shows a work folder's state, or what is in a file.
func (c *inspectCmd) Run(a *app) error {
	if err := a.noOverrides(); err != nil {
		return err
	}
	st, err := os.Stat(c.Path)
	if err != nil {
		return err
	}
	root, rel, err := workOf(c.Path)
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
	return c.inspectFile(a, w, path.Dir(rel), path.Base(rel))
}

// workOf finds the work folder that a path is in.
func workOf(at string) (root, rel string, err error) {
	at, err = filepath.Abs(at)
	for dir := at; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "codemill.json")); err == nil {
			rel, err := filepath.Rel(dir, at)
			return dir, filepath.ToSlash(rel), err
		}
		if dir == filepath.Dir(dir) {
			return "", "", fmt.Errorf("%s is neither a work folder of codemill nor in one (there is no codemill.json)", at)
		}
	}
	return "", "", err
}

// inspectWork prints the stages that stand and their ledger.
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
	c, err := readChain(w)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "stage\tshards\ton disk\tdocuments in\tkept\ttext kept\tout, by reason")
	for _, m := range c.manifests() {
		f := m.Count.Total()
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", m.Stage, shards(m), size(diskUse(w.Dir(m.Stage).Path())),
			number(f.In.Docs), number(f.Kept.Docs), size(f.Kept.Bytes), topReasons(f, 6))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range c.stray {
		fmt.Fprintf(a.out, "%s was made from other documents or verdicts than stand there now\n", s)
	}
	if err := printSources(a.out, c.docs); err != nil || c.plan == nil {
		return err
	}
	return a.printOutcome(w, c.tokens)
}

// printIndex prints the runs of an index of duplicates.
func (a *app) printIndex(w *work.Folder, runs []index.Run) {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "run\tkept\ton disk")
	for _, r := range runs {
		fmt.Fprintf(t, "%s\t%s\t%s\n", name(r.Name), number(r.Kept), size(diskUse(w.Dir("runs/"+r.Name).Path())))
	}
	t.Flush()
}

// shards counts those that hold rows.
func shards(m *work.Manifest) (n int) {
	for _, s := range m.Shards {
		if holdsRows(s.Shard) {
			n++
		}
	}
	return n
}

// holdsRows tells shards from the summaries beside them by their names.
func holdsRows(shard string) bool {
	return strings.HasPrefix(shard, "data-") || strings.IndexAny(shard, "0123456789") == 0
}

// printOutcome prints the blend and, where they stand, the sequences.
func (a *app) printOutcome(w *work.Folder, tokens *work.Manifest) error {
	if err := printBlend(a.out, w, tokens); err != nil || tokens == nil {
		return err
	}
	printTokens(a.out, tokens)
	return nil
}

func printSources(out io.Writer, docs *work.Manifest) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "source\tfiles\tdocuments\ttext\tleft out, by reason")
	for _, s := range sorted(docs.Count.Sources) {
		f := docs.Count.Sources[s]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", name(s), number(f.In.Docs), number(f.Kept.Docs), size(f.Kept.Bytes), topReasons(f, 6))
	}
	return t.Flush()
}

// diskUse adds up the files below a folder; what cannot be read counts nothing.
func diskUse(dir string) (sum int64) {
	filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if st, err := e.Info(); err == nil {
				sum += st.Size()
			}
		}
		return nil
	})
	return sum
}

// inspectFile prints one file of a stage's folder, after checking its bytes.
func (c *inspectCmd) inspectFile(a *app, w *work.Folder, dir, file string) error {
	if strings.HasSuffix(file, ".json") && !strings.HasPrefix(dir, work.PlanDir) {
		b, err := os.ReadFile(filepath.Join(w.Dir(dir).Path(), file))
		if err != nil {
			return err
		}
		_, err = a.out.Write(b)
		return err
	}
	n, err := strconv.Atoi(shardOf(file))
	switch pass, isVerdict := strings.CutPrefix(dir, "verdicts/"); {
	case strings.HasSuffix(file, ".arrow"):
		return c.inspectTokens(a, w, dir, file)
	case file == corpus.BlendShard+".json":
		return printBlend(a.out, w, nil)
	case err != nil || n < 0:
		return fmt.Errorf("%s/%s: not a file that inspect knows", dir, file)
	case dir == work.DocsDir && strings.HasSuffix(file, ".left.parquet"):
		return c.inspectLeft(a, w, n)
	case dir == work.DocsDir:
		return c.inspectDocs(a, w, n)
	case isVerdict && strings.HasSuffix(file, ".known.parquet"):
		return c.inspectKnown(a, w, pass, n)
	case isVerdict:
		return c.inspectVerdicts(a, w, pass, n)
	case dir == work.PlanDir:
		return c.inspectPlan(a, w, n)
	default:
		return fmt.Errorf("%s/%s: not a file that inspect knows", dir, file)
	}
}

// shardOf returns the shard that a file belongs to.
func shardOf(file string) string {
	shard, _, _ := strings.Cut(file, ".")
	return shard
}

// inspectKnown prints the survivors of earlier runs that documents were dropped
// for.
func (c *inspectCmd) inspectKnown(a *app, w *work.Folder, pass string, shard int) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\trun\tsource\trepo\tpath")
	rows := 0
	for k, err := range index.KnownSurvivors(w.Dir(work.VerdictsDir(pass)), shard) {
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
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", rows, name(d.Source), name(d.Repo), name(d.Path), name(d.Language), name(d.Kind), name(d.License), d.Bytes)
		}
		rows++
		languages[strings.Clone(d.Language)]++
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d documents; languages: %s\n", rows, languages.top(12))
	return nil
}

func (c *inspectCmd) inspectLeft(a *app, w *work.Folder, shard int) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "source\trepo\tpath\treason\tvalue\tlimit\tdetail")
	rows, reasons := 0, counter{}
	for l, err := range w.Left(shard) {
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
		} else if v.Reason != corpus.Before {
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
		part := partName(b, p.Part)
		if rows < c.Rows {
			fmt.Fprintf(t, "%d\t%d\t%s\t%d\t%s\n", p.Row, p.Epoch, name(part), p.Tokens, tokenShard(p.Bucket, b.Buckets))
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

// partName names a part of the blend by its index in the plan.
func partName(b *corpus.Blend, part int64) string {
	if part < 0 || part >= int64(len(b.Parts)) {
		return fmt.Sprintf("part %d", part)
	}
	return b.Parts[part].Name
}
