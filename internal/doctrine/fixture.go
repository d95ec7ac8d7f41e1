package doctrine

import (
	"context"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// Documents writes shards of documents as crawl would, with nothing left out. shards has
// the documents of each shard in their order; their ids must have been set. Called again
// with others it makes anew the shards that differ, as a crawl of changed sources does.
func Documents(ctx context.Context, w *work.Folder, shards [][]*corpus.Doc) error {
	j := work.Job{Work: w, Stage: work.DocsStage, Workers: 2, Memory: 1 << 30}
	var s work.Stage
	for i, docs := range shards {
		var ids []corpus.ID
		for _, d := range docs {
			ids = append(ids, d.ID)
		}
		s.Tasks = append(s.Tasks, work.Task{Shard: corpus.ShardName(i), Inputs: ids, Make: func(_ context.Context, out *work.Output) error {
			t, err := out.CreateDocs()
			if err != nil {
				return err
			}
			for _, d := range docs {
				if err := t.Write(d); err != nil {
					return err
				}
				out.Count.Keep(d.Source, ledger.Amount{Docs: 1, Bytes: int64(len(d.Text))})
			}
			left, err := out.CreateLeftOut()
			if err != nil {
				return err
			}
			if err := left.Close(); err != nil {
				return err
			}
			return t.Close()
		}})
	}
	_, err := j.Run(ctx, s)
	return err
}

// Verdicts writes the pass name: verdicts that come from judge, which is asked about
// every document that the passes of after have not put out. A row is borrowed until judge
// returns. judge is no part of the fingerprints: to pass other verdicts on the same
// documents, remove the folder first.
func Verdicts(ctx context.Context, w *work.Folder, name string, after []string, judge func(work.Row) corpus.Verdict) error {
	j := work.Job{Work: w, Stage: work.VerdictsStage(name), After: after, Workers: 2, Memory: 1 << 30}
	_, err := j.RunShards(ctx, work.Stage{}, work.TableMemory, func(ctx context.Context, shard int, out *work.Output) error {
		t, err := out.CreateVerdicts()
		if err != nil {
			return err
		}
		for row, err := range j.Rows(ctx, shard, true) {
			if err != nil {
				return err
			}
			v := corpus.Verdict{Reason: corpus.Earlier, Survivor: corpus.NoPos}
			if !row.Out {
				v = judge(row)
				a := ledger.Amount{Docs: 1, Bytes: row.Crawled}
				if v.Kept() {
					out.Count.Keep(row.Doc.Source, a)
				} else {
					out.Count.Drop(row.Doc.Source, string(v.Reason), a)
				}
			}
			if err := t.Write(&v); err != nil {
				return err
			}
		}
		return t.Close()
	})
	return err
}
