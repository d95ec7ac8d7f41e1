package state

import (
	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/work"
)

// BadInput is what crawl left out because it is broken, and by no one's choice: see
// [crawl.IsBad]. A run that finds any ends with exit code 3.
type BadInput struct {
	// Files counts files and rows by the reason. It is never nil, and empty where
	// nothing is broken.
	Files map[corpus.Reason]int64
	// NoText is the first row without a text, in the order of shards and rows; nil if
	// all rows have one. Its Detail names the columns that the row has, so that people
	// see which of them holds the text.
	NoText *corpus.LeftOut
	// Again are the paths on disk of receipts, in the shards' order. Their shards have
	// files that may be readable another time ([crawl.MayPass]): the disk did not
	// answer, or the file was being written. A run makes a shard anew when its sources
	// are listed in another state (size, time, revision) than before. That they could
	// not be read is no other state: the shard stays as it is until somebody removes
	// its receipt.
	Again []string
}

// FindBadInput looks for broken input in the documents of a work folder. docs is their
// manifest, whose counts say whether there is any: if not, no other file is read.
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
		for reason := range receipt.Count.Total().Reasons { // in any order: it is only asked whether one is there
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
