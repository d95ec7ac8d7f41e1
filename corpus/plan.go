package corpus

import (
	"iter"

	"github.com/codemill/codemill/ledger"
)

// Planned is one use of one document in the blend. The plan of a shard of
// documents lists them by row and epoch.
type Planned struct {
	Row    int64  // in the shard of documents
	Epoch  int64  // 0 for the first use
	Part   int64  // index into Blend.Parts
	Tokens int64  // of the text alone, without BOS, EOS and sentinels
	Order  uint64 // place in the global shuffle: rising, ties by position and epoch
	Bucket int64  // output shard, rising with Order
}

var planColumns = []Column{{"row", Ints}, {"epoch", Ints}, {"part", Ints}, {"tokens", Ints}, {"order", Ints}, {"bucket", Ints}}

// PlanWriter writes the plan of one shard of documents.
type PlanWriter struct{ rowWriter }

// CreatePlan starts the file of the plan of a shard.
func (o *Output) CreatePlan() (*PlanWriter, error) {
	w, err := o.createRows(tableEnding, planColumns)
	return &PlanWriter{w}, err
}

// Write adds a use of a document.
func (w *PlanWriter) Write(p Planned) error {
	for _, n := range []int64{p.Row, p.Epoch, p.Part, p.Tokens, int64(p.Order), p.Bucket} {
		w.t.Int(n)
	}
	return w.t.EndRow()
}

// Plan iterates over the plan of a shard of documents.
func (w *Work) Plan(shard int) iter.Seq2[Planned, error] {
	return TableRows(w.Dir(PlanDir), shard, tableEnding, planColumns, func(b *Batch, i int) (Planned, error) {
		return Planned{b.Int(0, i), b.Int(1, i), b.Int(2, i), b.Int(3, i), uint64(b.Int(4, i)), b.Int(5, i)}, nil
	})
}

// BlendShard is the name of the plan's shard that holds the blend. It follows
// those that belong to documents.
const BlendShard = "blend"

// MaxBuckets is how many output shards there may be: their names have five
// digits.
const MaxBuckets = 100_000

// Blend is what the plan as a whole comes to.
type Blend struct {
	Tokenizer string `json:"tokenizer"` // fingerprint of the vocabulary that counted the tokens
	Buckets   int64  `json:"buckets"`   // output shards
	Tokens    int64  `json:"tokens"`    // planned in all
	Parts     []Part `json:"parts"`
}

// Part is one component of a blend.
type Part struct {
	Name     string        `json:"name"`
	Asked    float64       `json:"asked"`    // share of the tokens that the recipe asks for
	Target   float64       `json:"target"`   // share after what others could not supply was redistributed
	Planned  ledger.Amount `json:"planned"`  // uses, with repetition
	Supply   ledger.Amount `json:"supply"`   // unique documents there are
	Epochs   float64       `json:"epochs"`   // Planned.Tokens over Supply.Tokens
	Shortage string        `json:"shortage"` // what could not be met, in words; empty if nothing
}

// WriteBlend writes the blend as the one file of its shard.
func (o *Output) WriteBlend(b *Blend) error { return o.WriteJSON(BlendShard+".json", b) }

// Blend reads the plan's blend.
func (w *Work) Blend() (*Blend, error) {
	var b Blend
	return &b, w.Dir(PlanDir).ReadJSON(BlendShard, BlendShard+".json", &b)
}
