package corpus

import (
	"github.com/codemill/codemill/corpus/table"
	"github.com/codemill/codemill/ledger"
)

// Planned is one use of one document in the blend. The plan of a shard of
// documents lists them by row and epoch.
type Planned struct {
	Row         int64  // in the shard of documents
	Epoch       int64  // 0 for the first use
	Part        int64  // index into Blend.Parts
	Tokens      int64  // of the text alone, without BOS, EOS and sentinels
	Order       uint64 // where it comes in the shuffle of all uses: rising, ties by position and epoch
	OutputShard int64  // number of the shard of tokens that it goes into, rising with Order
}

// Plan are the columns of the plan.
var Plan = table.Schema[Planned]{
	{Name: "row", Type: table.Ints, At: func(p *Planned) any { return &p.Row }},
	{Name: "epoch", Type: table.Ints, At: func(p *Planned) any { return &p.Epoch }},
	{Name: "part", Type: table.Ints, At: func(p *Planned) any { return &p.Part }},
	{Name: "tokens", Type: table.Ints, At: func(p *Planned) any { return &p.Tokens }},
	{Name: "order", Type: table.Ints, At: func(p *Planned) any { return &p.Order }},
	{Name: "bucket", Type: table.Ints, At: func(p *Planned) any { return &p.OutputShard }},
}

// BlendShard is the name of the plan's shard that holds the blend. It follows
// those that belong to documents.
const BlendShard = "blend"

// MaxOutputShards is how many output shards there may be: their names have five
// digits.
const MaxOutputShards = 100_000

// Blend is what the plan as a whole comes to.
type Blend struct {
	Vocabulary   string `json:"tokenizer"` // fingerprint of the vocabulary that counted the tokens
	OutputShards int64  `json:"buckets"`   // how many shards of tokens there are
	Tokens       int64  `json:"tokens"`    // planned in all
	Parts        []Part `json:"parts"`
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
