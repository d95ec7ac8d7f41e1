package tokenize

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/codemill/codemill/work"
)

const (
	dsBegin, dsEnd             = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"
	dsPrefix, dsHole, dsMiddle = "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"
)

// byteVocabulary is a tokenizer.json of one token a byte, a few merges, and
// these added tokens, which like DeepSeek's do not call themselves special.
func byteVocabulary(t testing.TB, added ...string) []byte {
	t.Helper()
	vocab := map[string]int{}
	var symbol [256]string
	next := 0
	for b := range 256 {
		r := rune(b)
		if b < '!' || b > '~' && b < 0xa1 || b == 0xad {
			r = rune(256 + next)
			next++
		}
		symbol[b] = string(r)
		vocab[symbol[b]] = b
	}
	var merges []string
	for _, m := range []string{"in", "fu", "re", "ab", "  "} {
		l, r := symbol[m[0]], symbol[m[1]]
		vocab[l+r] = len(vocab)
		merges = append(merges, l+" "+r)
	}
	type token struct {
		ID         int    `json:"id"`
		Content    string `json:"content"`
		SingleWord bool   `json:"single_word"`
		LStrip     bool   `json:"lstrip"`
		RStrip     bool   `json:"rstrip"`
		Normalized bool   `json:"normalized"`
		Special    bool   `json:"special"`
	}
	var tokens []token
	for i, a := range added {
		tokens = append(tokens, token{ID: len(vocab) + i, Content: a})
	}
	b, err := json.Marshal(map[string]any{
		"version": "1.0", "added_tokens": tokens, "normalizer": nil,
		"pre_tokenizer": map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
		"decoder":       map[string]any{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
		"model": map[string]any{
			"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
			"fuse_unk": false, "byte_fallback": false, "vocab": vocab, "merges": merges,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// loadBytes loads such a vocabulary the way the program does.
func loadBytes(t testing.TB, c *Config, added ...string) *bpe.Tokenizer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokenizer.json")
	if err := os.WriteFile(path, byteVocabulary(t, added...), 0o644); err != nil {
		t.Fatal(err)
	}
	c.Tokenizer = path
	tok, err := Load(*c)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func deepSeek(t testing.TB, c *Config) *bpe.Tokenizer {
	return loadBytes(t, c, dsBegin, dsEnd, dsHole, dsPrefix, dsMiddle)
}

// fixture is a small corpus with a plan.
type fixture struct {
	shards, rows int
	outputs      int64
	long         int // bytes of the longest texts
	tokenizer    string
	salt         string
}

const fixtureSeed = 7

func (f fixture) doc(shard, row int) *corpus.Doc {
	d := &corpus.Doc{
		Source: []string{"gits", "texts"}[row%2], Repo: fmt.Sprint("repo", shard), Path: fmt.Sprintf("dir/f%d.go", row),
		Language: "Go", Kind: corpus.Code, License: "MIT", LicenseType: corpus.Permissive, Stars: -1, Forks: -1, Encoding: "utf-8",
	}
	switch row % 6 {
	case 0:
		d.Text = fmt.Appendf(nil, "package p%d // %d%s\n", row, shard, f.salt)
	case 1:
		d.Kind, d.Language = corpus.Prose, "Markdown"
		d.Text = fmt.Appendf(nil, "# Überschrift %d\n\n%s 日本語 🙂\n", row, strings.Repeat("zu lesen ", row))
	case 2:
		d.Text = []byte("x := \"" + dsHole + dsPrefix + dsMiddle + dsEnd + "\"\n")
		d.Path = fmt.Sprintf("a\nb\xff\"%d.go", row)
	case 3:
		d.Text = bytes.Repeat([]byte("func f() { return in }\n"), f.long/23)
	case 4:
		d.License = ""
		d.Text = []byte(strings.Repeat("é", row))
	}
	d.Bytes = int64(len(d.Text)) + 1
	d.SetIDs()
	return d
}

// uses lists the planned uses of a shard's documents.
func (f fixture) uses(shard int) []corpus.Planned {
	var uses []corpus.Planned
	for row := range f.rows {
		if row%7 == 6 {
			continue
		}
		d := f.doc(shard, row)
		for e := range int64(1 + row%2) {
			order := corpus.Hash(fixtureSeed, "order", d.ID, uint64(e)) >> 8
			uses = append(uses, corpus.Planned{
				Row: int64(row), Epoch: e, Part: int64(row % 2), Order: order, OutputShard: int64(order * uint64(f.outputs) >> 56), Tokens: int64(len(d.Text)),
			})
		}
	}
	return uses
}

func (f fixture) job(w *work.Folder, stage string) work.Job {
	return work.Job{Work: w, Stage: stage, Seed: fixtureSeed, Workers: 2, Memory: 1 << 30}
}

// write makes the documents and the plan.
func (f fixture) write(t testing.TB, w *work.Folder) {
	t.Helper()
	s := work.Stage{Version: 1}
	for i := range f.shards {
		s.Tasks = append(s.Tasks, work.Task{Shard: corpus.ShardName(i), Inputs: f.salt, Make: func(_ context.Context, out *work.Output) error {
			docs, err := out.CreateDocs()
			if err != nil {
				return err
			}
			for r := range f.rows {
				d := f.doc(i, r)
				if err := docs.Write(d); err != nil {
					return err
				}
				out.Count.Keep(d.Source, ledger.Amount{Docs: 1, Bytes: int64(len(d.Text))})
			}
			return docs.Close()
		}})
	}
	if _, err := f.job(w, work.DocsStage).Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	f.plan(t, w)
}

func (f fixture) plan(t testing.TB, w *work.Folder) {
	t.Helper()
	j := f.job(w, work.PlanStage)
	inputs, err := j.Inputs()
	if err != nil {
		t.Fatal(err)
	}
	blend := &corpus.Blend{Vocabulary: f.tokenizer, OutputShards: f.outputs, Parts: []corpus.Part{{Name: "code", Asked: .7, Target: .6}, {Name: "text", Asked: .3, Target: .4, Shortage: "too little"}}}
	s := work.Stage{Version: 1, Settings: f.tokenizer}
	for i := range f.shards {
		uses := f.uses(i)
		for _, u := range uses {
			p := &blend.Parts[u.Part].Planned
			*p = p.Add(ledger.Amount{Docs: 1, Bytes: int64(len(f.doc(i, int(u.Row)).Text)), Tokens: u.Tokens})
			blend.Tokens += u.Tokens
		}
		s.Tasks = append(s.Tasks, work.Task{Shard: corpus.ShardName(i), Inputs: inputs[i], From: work.Fingerprint(inputs[i]), Make: func(_ context.Context, out *work.Output) error {
			p, err := out.CreatePlan()
			if err != nil {
				return err
			}
			for _, u := range uses {
				if err := p.Write(&u); err != nil {
					return err
				}
			}
			return p.Close()
		}})
	}
	s.Tasks = append(s.Tasks, work.Task{Shard: corpus.BlendShard, Inputs: inputs, Make: func(_ context.Context, out *work.Output) error {
		return out.WriteBlend(blend)
	}})
	if _, err := j.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}
