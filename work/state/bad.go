package state

import (
	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/work"
)

// BadInput is what crawl left out because it is broken, and by no one's choice.
type BadInput struct {
	Files map[corpus.Reason]int64 // files and rows, by the reason
	// NoText is the first row without a text, whose detail names the columns that it
	// has; nil if all rows have one.
	NoText *corpus.LeftOut
	// Again are the paths of receipts, in the shards' order, of shards with files that
	// may be readable another time. A shard is made from the state that its sources
	// were listed in, so that a run does not look at them again while these stand.
	Again []string
}

// FindBadInput looks for broken input in documents, whose manifest is given.
func FindBadInput(w *work.Folder, docs *work.Manifest) (BadInput, error) {
	bad := BadInput{Files: map[corpus.Reason]int64{}}
	for reason, amount := range docs.Count.Total().Reasons {
		if r := corpus.Reason(reason); crawl.IsBad(r) {
			bad.Files[r] = amount.Docs
		}
	}
	if len(bad.Files) == 0 {
		return bad, nil
	}
	for shard, s := range docs.Shards {
		receipt, err := w.Dir(work.DocsStage).Receipt(s.Shard)
		if err != nil {
			return bad, err
		}
		again, noText := false, false
		for reason := range receipt.Count.Total().Reasons { // in any order: it is only asked whether
			again = again || crawl.MayPass(corpus.Reason(reason))
			noText = noText || corpus.Reason(reason) == crawl.NoText
		}
		if again {
			bad.Again = append(bad.Again, w.Dir(work.DocsStage).ReceiptPath(s.Shard))
		}
		if !noText || bad.NoText != nil {
			continue
		}
		for l, err := range w.LeftOut(shard) {
			if err != nil {
				return bad, err
			}
			if l.Reason == crawl.NoText {
				bad.NoText = &l
				break
			}
		}
	}
	return bad, nil
}
