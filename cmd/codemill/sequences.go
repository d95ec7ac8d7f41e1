package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// tokenShard names the output shard of a bucket of the plan, as tokenize does.
func tokenShard(bucket, of int64) string { return fmt.Sprintf("data-%05d-of-%05d.arrow", bucket, of) }

// segment is one run of a document's tokens in a sequence.
type segment struct {
	ids              []int32
	doc, repo, path  string
	license, fim     string
	start            int32 // in the document's tokens
	epoch            int32
	sequence, number int // of the sequence in its shard, of the segment in it
}

// eachSegment calls do for every segment of a token shard, in order. The bytes
// have been checked before the decoder sees them.
func eachSegment(ctx context.Context, d work.Dir, shard, file string, do func(segment) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s/%s: %w: %v", d.Name(), file, corpus.ErrCorrupt, p)
		}
	}()
	f, err := d.Open(shard, file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := readSegments(ctx, f, do); err != nil {
		return fmt.Errorf("%s/%s: %w", d.Name(), file, err)
	}
	return nil
}

func readSegments(ctx context.Context, f io.Reader, do func(segment) error) error {
	r, err := ipc.NewReader(f)
	if err != nil {
		return err
	}
	defer r.Release()
	rows := 0
	for r.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := newTokenBatch(r.Record())
		if err != nil {
			return err
		}
		for i := range int(r.Record().NumRows()) {
			if err := b.sequence(i, rows, do); err != nil {
				return fmt.Errorf("sequence %d: %w", rows, err)
			}
			rows++
		}
	}
	if err := r.Err(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// tokenBatch is one record batch's columns.
type tokenBatch struct {
	lists                           map[string]*array.List
	ids, lengths, starts, epochs    *array.Int32
	docs, repos, paths, lics, forms *array.String
}

func newTokenBatch(rec arrow.Record) (*tokenBatch, error) {
	b := &tokenBatch{lists: map[string]*array.List{}}
	for name, to := range map[string]any{
		"input_ids": &b.ids, "seq_lengths": &b.lengths, "starts": &b.starts, "epochs": &b.epochs,
		"doc_ids": &b.docs, "repos": &b.repos, "paths": &b.paths, "licenses": &b.lics, "fims": &b.forms,
	} {
		at := rec.Schema().FieldIndices(name)
		if len(at) != 1 {
			return nil, fmt.Errorf("no column %q", name)
		}
		list, ok := rec.Column(at[0]).(*array.List)
		if !ok {
			return nil, fmt.Errorf("column %q is not a list", name)
		}
		b.lists[name] = list
		switch to := to.(type) {
		case **array.Int32:
			*to, ok = list.ListValues().(*array.Int32)
		case **array.String:
			*to, ok = list.ListValues().(*array.String)
		}
		if !ok {
			return nil, fmt.Errorf("column %q has values of another type", name)
		}
	}
	return b, nil
}

// sequence calls do for the segments of one row.
func (b *tokenBatch) sequence(row, number int, do func(segment) error) error {
	first, last := b.lists["seq_lengths"].ValueOffsets(row)
	for name, l := range b.lists {
		if from, to := l.ValueOffsets(row); name != "input_ids" && to-from != last-first {
			return fmt.Errorf("column %q has %d values for %d segments", name, to-from, last-first)
		}
	}
	start := func(column string) int { from, _ := b.lists[column].ValueOffsets(row); return int(from) }
	at, end := b.lists["input_ids"].ValueOffsets(row)
	lengths, docs, repos, paths := start("seq_lengths"), start("doc_ids"), start("repos"), start("paths")
	lics, forms, starts, epochs := start("licenses"), start("fims"), start("starts"), start("epochs")
	for i := range int(last - first) {
		n := int64(b.lengths.Value(lengths + i))
		if n < 0 || at+n > end {
			return fmt.Errorf("seq_lengths exceed the %d tokens there are", end-at)
		}
		err := do(segment{
			ids: b.ids.Int32Values()[at : at+n], doc: b.docs.Value(docs + i), repo: b.repos.Value(repos + i), path: b.paths.Value(paths + i),
			license: b.lics.Value(lics + i), fim: b.forms.Value(forms + i), start: b.starts.Value(starts + i), epoch: b.epochs.Value(epochs + i),
			sequence: number, number: i,
		})
		if err != nil {
			return err
		}
		at += n
	}
	if at != end {
		return fmt.Errorf("seq_lengths leave %d tokens over", end-at)
	}
	return nil
}

// padForm is the fim column's value of a segment of padding.
const padForm = "pad"

// inspectTokens prints the first segments of a token shard and counts all.
func (c *inspectCmd) inspectTokens(a *app, w *work.Folder, dir, file string) error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "sequence\ttokens\tstart\tepoch\tfim\trepo\tpath\tlicence\tfirst ids")
	shown, sequences, tokens, forms := 0, 0, int64(0), counter{}
	err := eachSegment(a.ctx, w.Dir(dir), shardOf(file), file, func(s segment) error {
		if shown < c.Rows {
			fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%v\n", s.sequence, len(s.ids), s.start, s.epoch, s.fim, name(s.repo), name(s.path), name(s.license), s.ids[:min(8, len(s.ids))])
			shown++
		}
		sequences = s.sequence + 1
		tokens += int64(len(s.ids))
		forms[string([]byte(s.fim))] += int64(len(s.ids))
		return nil
	})
	if err != nil {
		return err
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s sequences, %s tokens; by form: %s\n", number(int64(sequences)), number(tokens), forms.top(4))
	return nil
}

// printTokens sums up the token shards.
func printTokens(out io.Writer, m *work.Manifest) {
	sequences, padding := m.Count.Tallies["sequences"][""], m.Count.Tallies["padding"][""]
	fmt.Fprintf(out, "tokens %s in %s sequences, %s of them padding\n",
		number(sequences.Tokens), number(sequences.Docs), percent(float64(padding.Tokens)/max(1, float64(sequences.Tokens))))
}
