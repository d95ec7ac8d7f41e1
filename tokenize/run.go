package tokenize

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/codemill/codemill/work"
)

// Run writes the output shards that the plan says, and the files beside them. tok is the
// vocabulary that [Load] read for c; it must be the one by which the plan was made.
func Run(ctx context.Context, job work.Job, c Config, tok *bpe.Tokenizer) (*work.Manifest, error) {
	s, err := Describe(job, c, tok)
	if err != nil {
		return nil, err
	}
	return job.Run(ctx, s)
}

// spillSub is the need that holds the tokens of documents until they are gathered by
// output shard.
const spillSub = "spill"

// Describe returns the stage that [Run] runs. It turns documents, which are read in the
// order of their shards, into sequences in the order of the shuffle, in two steps:
//
//  1. spill: each shard of documents is read once. Its uses are encoded and written,
//     grouped by output shard (spill.go).
//  2. Each output shard gathers its group from all spills, sorts it by the shuffle, packs
//     it, and writes it. One output shard at a time has to fit into a task's memory.
//
// The spills are a need, removed when all output shards stand. It is an error if the plan
// was made from other documents or verdicts than stand, or by another vocabulary.
func Describe(job work.Job, c Config, tok *bpe.Tokenizer) (work.Stage, error) {
	k, err := New(c, tok)
	if err != nil {
		return work.Stage{}, err
	}
	r := &run{job: job, codec: k}
	if err := r.load(); err != nil {
		return work.Stage{}, err
	}
	workers, err := job.Parallel(r.outputMemory())
	if err != nil {
		return work.Stage{}, err
	}
	s := work.Stage{
		Version: Version, Settings: k.settings, Workers: workers,
		Needs: []work.Need{{Sub: spillSub, Spill: true, Stage: func(context.Context) (work.Stage, error) { return r.spill() }}},
	}
	for b := range r.blend.OutputShards {
		s.Tasks = append(s.Tasks, work.Task{
			Shard:  DataShard(b, r.blend.OutputShards),
			Inputs: []any{r.contents, job.Seed, b},
			From:   r.plan.Contents(),
			Make:   func(ctx context.Context, out *work.Output) error { return r.writeShard(ctx, out, int(b)) },
		})
	}
	s.Final, err = r.final()
	return s, err
}

// DataShard names output shard n of so many, as Hugging Face datasets names its files:
// data-00000-of-00002.
func DataShard(n, of int64) string { return fmt.Sprintf("data-%05d-of-%05d", n, of) }

// run is what the tasks of one run of the stage share.
type run struct {
	job      work.Job
	codec    *Codec
	inputs   [][]string     // by shard of documents; see work.Job.Inputs
	plan     *work.Manifest // its first shards belong to those of documents, the blend comes after
	blend    *corpus.Blend
	contents any // what the output depends on besides settings and seed, for fingerprints
}

// load reads the plan's manifest and blend, not its rows, and checks that they belong to
// what stands.
func (r *run) load() error {
	var err error
	if r.inputs, err = r.job.Inputs(); err != nil {
		return err
	}
	if r.plan, err = r.job.Work.Dir(work.PlanStage).Manifest(); err != nil {
		return err
	}
	if err := r.plan.MadeFrom(r.inputs); err != nil {
		return err
	}
	if r.blend, err = r.job.Work.Blend(); err != nil {
		return err
	}
	if r.blend.Vocabulary != r.codec.Vocabulary {
		return fmt.Errorf("tokenizer: the plan counted tokens with another vocabulary than %s; run `codemill mix` again", r.codec.tok.Name())
	}
	if r.blend.OutputShards < 1 || r.blend.OutputShards > corpus.MaxOutputShards {
		return fmt.Errorf("the plan has %d output shards, not 1 to %d", r.blend.OutputShards, corpus.MaxOutputShards)
	}
	r.contents = []any{r.inputs, r.plan.Contents()}
	return nil
}

// outputMemory estimates how many bytes making one output shard takes: its records with
// their tokens, packing, and record batches. It takes shards to be of equal size; gather
// checks what there is.
func (r *run) outputMemory() int64 {
	var docs int64
	for _, p := range r.blend.Parts {
		docs += p.Planned.Docs
	}
	perShard := func(n int64) int64 { return n/r.blend.OutputShards + 1 }
	return gathered(5*perShard(r.blend.Tokens)+512*perShard(docs)) + 32*int64(r.codec.SeqLen)
}

// gathered is how many bytes of memory an output shard takes that has this many in the
// spills.
func gathered(bytes int64) int64 { return bytes + bytes/4 + 6*batchBytes }

// writeShard makes the output shard of this number. Its bytes depend on its records alone,
// not on the order in which the spills have them: no two have the same shuffleKey.
func (r *run) writeShard(ctx context.Context, out *work.Output, number int) error {
	records, err := r.gather(number)
	if err != nil {
		return err
	}
	slices.SortFunc(records, func(a, b record) int { return a.shuffleKey.compare(b.shuffleKey) })
	lengths := make([]int, len(records))
	for i := range records {
		lengths[i] = records[i].Tokens()
		r.count(&out.Count, &records[i])
	}
	f, err := out.Create(out.Shard() + ".arrow")
	if err != nil {
		return err
	}
	var w SequenceWriter = newArrowWriter(f, r.codec.BatchRows)
	var s Sequence
	for _, pieces := range r.codec.Pack(lengths) {
		if err := ctx.Err(); err != nil {
			return err
		}
		padding, tokens := 0, 0
		for _, p := range pieces {
			tokens += p.Len
		}
		var pad uint32
		if r.codec.Pad != nil { // without it sequences may be shorter than SeqLen
			padding, pad = r.codec.SeqLen-tokens, *r.codec.Pad
		}
		s.fill(records, pieces, padding, pad)
		if err := w.Write(&s); err != nil {
			return err
		}
		f.Rows++
		out.Count.Tally("sequences", "", ledger.Amount{Docs: 1, Tokens: int64(tokens + padding)})
		if padding > 0 {
			out.Count.Tally("padding", "", ledger.Amount{Docs: 1, Tokens: int64(padding)})
		}
	}
	return w.Close()
}

// count counts one use of a document, as kept, or as dropped where it has no tokens. The
// ledger of tokens counts uses: a document of three epochs counts three times.
func (r *run) count(c *ledger.Count, rec *record) {
	a := ledger.Amount{Docs: 1, Bytes: rec.Bytes, Tokens: int64(rec.Tokens())}
	if a.Tokens == 0 {
		c.Drop(rec.Source, string(NoTokens), a)
		return
	}
	c.Keep(rec.Source, a)
	c.Tally("part", r.blend.Parts[rec.Part].Name, a)
	c.Tally("source", rec.Source, a)
	c.Tally("language", choice.Name(rec.Language), a)
	c.Tally("license", rec.License, a)
	c.Tally("fim", rec.Form.String(), a)
	if rec.Checked {
		c.Tally("checked", "", a)
	}
}

// gather reads the records of an output shard from all spills, in the order of the shards
// of documents. It is an error if they take more than the job's memory; each spill's index
// says how many bytes come next, before they are read.
func (r *run) gather(number int) ([]record, error) {
	dir := r.job.Sub(spillSub).Dir()
	var records []record
	var size int64
	for s := range r.inputs {
		if r.plan.Shards[s].Rows == 0 {
			continue
		}
		err := func() error {
			name := corpus.ShardName(s)
			f, err := dir.Open(name, name+spillSuffix)
			if err != nil {
				return err
			}
			defer f.Close()
			extents, err := shardExtents(f, f.Info.Size, int(r.blend.OutputShards), number)
			if err != nil {
				return err
			}
			for _, e := range extents {
				if size += e.size; gathered(size) > r.job.Memory {
					return fmt.Errorf("its documents take over %d MiB, --memory gives %d MiB: raise it or plan smaller shards (mix.shard_tokens)", gathered(size)>>20, r.job.Memory>>20)
				}
				b := make([]byte, e.size)
				if _, err := io.ReadFull(io.NewSectionReader(f, e.at, e.size), b); err != nil {
					return err
				}
				if records, err = r.parse(records, b); err != nil {
					return err
				}
			}
			return nil
		}()
		if err != nil {
			return nil, err
		}
	}
	return records, nil
}

// parse appends the records in b, whose tokens are slices of it.
func (r *run) parse(records []record, b []byte) ([]record, error) {
	for len(b) > 0 {
		rec, rest, err := parseRecord(b)
		if err != nil {
			return nil, err
		}
		if rec.Part >= len(r.blend.Parts) {
			return nil, fmt.Errorf("%w: part %d of a blend of %d", corpus.ErrCorrupt, rec.Part, len(r.blend.Parts))
		}
		records, b = append(records, rec), rest
	}
	return records, nil
}
