package tokenize

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/codemill/codemill/work"
)

// spillSuffix ends the name of a spill file: 00012.spill holds the uses of shard 12.
const spillSuffix = ".spill"

// checkEvery is how many uses of documents there are for one that is decoded
// again and compared with its text, besides the first of every shard.
const checkEvery = 1000

// planned returns what the blend plans of all parts.
func (r *run) planned() ledger.Amount {
	var a ledger.Amount
	for _, p := range r.blend.Parts {
		a = a.Add(p.Planned)
	}
	return a
}

// spill describes the making of the spills: one for each shard of documents of which the
// plan uses anything.
func (r *run) spill() (work.Stage, error) {
	workers, err := r.job.Parallel(work.TableMemory + 3*spillBytes + bpe.EncoderBytes)
	if err != nil {
		return work.Stage{}, err
	}
	s := work.Stage{Version: Version, Settings: []any{SpillFormat, r.codec.spillSettings()}, Workers: workers}
	var pool encoders // it lives as long as the tasks: then the caches are of no more use
	var used []int
	for i := range r.inputs {
		if r.plan.Shards[i].Rows > 0 {
			used = append(used, i)
		}
	}
	for _, i := range used {
		s.Tasks = append(s.Tasks, work.Task{
			Shard:  corpus.ShardName(i),
			Inputs: []any{r.inputs[i], r.plan.Shards[i].Contents, r.blend.OutputShards, r.job.Seed},
			Bytes:  r.planned().Bytes / int64(len(used)),
			Make:   func(ctx context.Context, out *work.Output) error { return r.spillShard(ctx, out, i, &pool) },
		})
	}
	return s, nil
}

// spillShard writes the tokens of the planned uses of one shard of documents. It goes
// through the documents and the plan side by side: both are sorted by row, and a document
// has no planned use, one, or several. What is left of the plan at the end names a row that
// is not there, or is out of order.
func (r *run) spillShard(ctx context.Context, out *work.Output, shard int, pool *encoders) error {
	f, err := out.Create(out.Shard() + spillSuffix)
	if err != nil {
		return err
	}
	next, stop := iter.Pull2(r.job.Work.Plan(shard)) // p is the use that comes next, if more is set
	defer stop()
	e := encoding{run: r, count: &out.Count, spill: newSpiller(f, int(r.blend.OutputShards)), enc: pool.get(r.codec.tok)}
	defer pool.put(e.enc)
	p, err, more := next()
	for row, rowErr := range r.job.Rows(ctx, shard, true) {
		if rowErr != nil {
			return rowErr
		}
		for ; more && err == nil && p.Row == row.Pos.Row(); p, err, more = next() {
			if err := e.use(row, p); err != nil {
				return err
			}
			f.Rows++
		}
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if err != nil {
		return err
	}
	if more {
		return fmt.Errorf("%s/%s.parquet: %w: row %d is not after the one before, or there is no such document", work.PlanStage, out.Shard(), corpus.ErrCorrupt, p.Row)
	}
	return e.spill.close()
}

// encoding is the encoding of one shard of documents.
type encoding struct {
	run   *run
	count *ledger.Count // of the shard
	spill *spiller
	enc   *bpe.Encoder
	ids   []uint32 // memory for the tokens of one use
	text  []byte   // memory for a decoded text
	began bool     // one use was encoded, and so checked
}

// use encodes one planned use of a document and spills it. Each use is encoded anew, as
// FIM arranges each epoch in another way.
func (e *encoding) use(row work.Row, p corpus.Planned) error {
	r, d := e.run, row.Doc
	if row.Out || p.OutputShard < 0 || p.OutputShard >= r.blend.OutputShards || p.Part < 0 || p.Part >= int64(len(r.blend.Parts)) {
		return fmt.Errorf("%s: row %d: %w: it puts a document that is out, or has no such part or output shard", work.PlanStage, p.Row, corpus.ErrCorrupt)
	}
	var form Form
	e.ids, form = r.codec.Encode(e.enc, e.ids[:0], d, r.job.Seed, p.Epoch)
	rec := record{
		shuffleKey: shuffleKey{p.Order, row.Pos, p.Epoch},
		Part:       int(p.Part), Form: form, Bytes: row.Crawled, ID: d.ID,
		Source: d.Source, Repo: d.Repo, Path: d.Path, License: d.License, Language: d.Language,
		Checked: !e.began || corpus.Hash(r.job.Seed, "check", d.ID, uint64(p.Epoch))%checkEvery == 0,
	}
	e.began = true
	if rec.Checked {
		if err := e.check(d, form); err != nil {
			return err
		}
	}
	a := ledger.Amount{Docs: 1, Bytes: rec.Bytes, Tokens: int64(len(e.ids))}
	e.count.Keep(d.Source, a)
	r.job.Meter.Did(1, rec.Bytes)
	return e.spill.add(p.OutputShard, &rec, e.ids)
}

// check decodes the tokens that were just encoded and compares the text with the
// document's: the promise of exact tokens. Where the vocabulary normalizes texts (NFC),
// the normalized texts are compared.
func (e *encoding) check(d *corpus.Doc, form Form) error {
	var err error
	e.text, err = e.run.codec.Decode(e.text[:0], e.ids, form)
	if err == nil && !bytes.Equal(e.text, d.Text) && !bytes.Equal(norm.NFC.Bytes(e.text), norm.NFC.Bytes(d.Text)) {
		err = fmt.Errorf("its tokens decode to another text; the vocabulary %s or its encoder is at fault", e.run.codec.tok.Name())
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", d.Repo, d.Path, err)
	}
	return nil
}

// encoders lends out encoders. One that was used is faster, as its caches are full, so
// that they are handed on from task to task.
type encoders struct {
	mu   sync.Mutex
	idle []*bpe.Encoder
}

// get returns an encoder for one task, to be given back by put.
func (e *encoders) get(tok *bpe.Tokenizer) *bpe.Encoder {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.idle); n > 0 {
		enc := e.idle[n-1]
		e.idle = e.idle[:n-1]
		return enc
	}
	return tok.NewEncoder()
}

func (e *encoders) put(enc *bpe.Encoder) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.idle = append(e.idle, enc)
}
