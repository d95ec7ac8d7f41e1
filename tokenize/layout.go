package tokenize

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/report"
	"github.com/codemill/codemill/work"
)

// final describes the files beside the output shards: those that Hugging Face's
// save_to_disk writes, the dataset card and the ledger. Each is a shard of its own, with
// a receipt, so that it too is whole or absent.
//
//	state.json         which files the dataset has, in their order
//	dataset_info.json  the types of its columns
//	ledger.json        the counts of all stages
//	README.md          the dataset card (package report)
func (r *run) final() ([]work.FinalTask, error) {
	before, err := r.stagesBefore()
	if err != nil {
		return nil, err
	}
	// task writes what render makes of the counts of all output shards. inputs is what it
	// depends on besides these.
	task := func(file string, inputs any, render func(m *work.Manifest) ([]byte, error)) work.FinalTask {
		shard, _, _ := strings.Cut(file, ".")
		return work.FinalTask{Shard: shard, Inputs: inputs, Make: func(_ context.Context, out *work.Output, m *work.Manifest) error {
			if have, want := m.Count.Total().In.Docs, r.planned().Docs; have != want {
				return fmt.Errorf("the ledger does not balance: the blend plans %d uses of documents, the shards hold %d", want, have)
			}
			b, err := render(m)
			if err != nil {
				return err
			}
			f, err := out.Create(file)
			if err != nil {
				return err
			}
			_, err = f.Write(b)
			return err
		}}
	}
	all := func(m *work.Manifest) []ledger.StageCount {
		return append(before[:len(before):len(before)], ledger.StageCount{Stage: r.job.Stage, Count: m.Count})
	}
	return []work.FinalTask{
		task("state.json", nil, state),
		task("dataset_info.json", nil, func(*work.Manifest) ([]byte, error) { return datasetInfo() }),
		task("ledger.json", before, func(m *work.Manifest) ([]byte, error) { return ledger.JSON(all(m)) }),
		task("README.md", []any{before, r.blend, r.codec.tok.Name()}, func(m *work.Manifest) ([]byte, error) {
			return r.card(m, all(m)).Markdown(), nil
		}),
	}, nil
}

// stagesBefore returns the counts of the stages before this one, in their order.
func (r *run) stagesBefore() ([]ledger.StageCount, error) {
	names := []string{work.DocsStage}
	for _, v := range r.job.After {
		names = append(names, work.VerdictsStage(v))
	}
	var counts []ledger.StageCount
	for _, n := range append(names, work.PlanStage) {
		m, err := r.job.Work.Dir(n).Manifest()
		if err != nil {
			return nil, err
		}
		counts = append(counts, ledger.StageCount{Stage: n, Count: m.Count})
	}
	return counts, nil
}

// state renders state.json. datasets.load_from_disk wants all of its keys. Its fingerprint
// names the dataset in the caches of datasets, so it is one of the contents: the same
// tokens have the same.
func state(m *work.Manifest) ([]byte, error) {
	type file struct {
		Filename string `json:"filename"`
	}
	files := []file{}
	for _, s := range m.Shards {
		files = append(files, file{s.Shard + ".arrow"})
	}
	return indented(struct {
		DataFiles        []file   `json:"_data_files"`
		Fingerprint      string   `json:"_fingerprint"`
		FormatColumns    []string `json:"_format_columns"`
		FormatKwargs     struct{} `json:"_format_kwargs"`
		FormatType       *string  `json:"_format_type"`
		OutputAllColumns bool     `json:"_output_all_columns"`
		Split            string   `json:"_split"`
	}{DataFiles: files, Fingerprint: work.Fingerprint(m.Shards)[:16], Split: "train"})
}

// datasetInfo renders dataset_info.json. Lists are called Sequence there, as
// versions of datasets before 4 want it and later ones understand:
//
//	"features": {"input_ids": {"feature": {"dtype": "int32", "_type": "Value"}, "_type": "Sequence"}, …}
func datasetInfo() ([]byte, error) {
	type value struct {
		Dtype string `json:"dtype"`
		Type  string `json:"_type"`
	}
	type sequence struct {
		Feature value  `json:"feature"`
		Type    string `json:"_type"`
	}
	var features bytes.Buffer // a map would lose the columns' order
	for i, c := range columns() {
		b, err := json.Marshal(sequence{value{strings.Replace(c.of.Name(), "utf8", "string", 1), "Value"}, "Sequence"})
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&features, "%s%q: %s", []string{"{", ", "}[min(i, 1)], c.name, b)
	}
	features.WriteByte('}')
	return indented(struct {
		Citation    string          `json:"citation"`
		Description string          `json:"description"`
		Features    json.RawMessage `json:"features"`
		Homepage    string          `json:"homepage"`
		License     string          `json:"license"`
	}{Features: features.Bytes()})
}

// indented is v as JSON for people, with a newline at its end.
func indented(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}

// card gathers what the dataset card says: m are the output shards, stages the counts of
// all stages with theirs.
func (r *run) card(m *work.Manifest, stages []ledger.StageCount) report.Card {
	k, tallies := r.codec, m.Count.Tallies
	c := report.Card{
		Tokenizer: fmt.Sprintf("%s, %s", k.tok.Name(), k.Vocabulary[:min(16, len(k.Vocabulary))]),
		SeqLen:    k.SeqLen, Sequences: tallies["sequences"][""].Docs, Padding: tallies["padding"][""].Tokens,
		Stages: stages,
	}
	for _, p := range r.blend.Parts {
		c.Blend = append(c.Blend, report.BlendPart{
			Name: p.Name, Asked: p.Asked, Target: p.Target, Reached: tallies["part"][p.Name], Epochs: p.Epochs, Shortage: p.Shortage,
		})
	}
	token := func(id *uint32) string {
		if id == nil {
			return "none"
		}
		return fmt.Sprint(*id)
	}
	set := func(name string, value any) {
		c.Settings = append(c.Settings, report.Setting{Name: name, Value: fmt.Sprint(value)})
	}
	set("seed", r.job.Seed)
	set("seq_len", k.SeqLen)
	set("packing", k.Packing)
	set("bos", token(k.BOS))
	set("eos", token(k.EOS))
	set("pad", token(k.Pad))
	set("fim.rate", k.Rate)
	if k.Rate > 0 {
		set("fim.spm_rate", k.SPMRate)
		set("fim.kinds", k.Kinds)
		set("fim.tokens", fmt.Sprintf("%d %d %d", k.FIM.Begin, k.FIM.Hole, k.FIM.End))
	}
	set("batch_rows", k.BatchRows)
	set("documents decoded and compared", tallies["checked"][""].Docs)
	return c
}
