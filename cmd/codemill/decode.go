package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/recipe"
	"github.com/codemill/codemill/tokenize"
	"github.com/codemill/codemill/work"
)

// tokenizeFile holds the settings that decode the tokens of a work folder.
const tokenizeFile = "report/tokenize.json"

// writeTokenize notes how tokens were made, so that verify can do without the
// recipe. A vocabulary of its own is noted by the name of its file alone.
func writeTokenize(w *work.Folder, c tokenize.Config) error {
	c.Tokenizer = filepath.Base(filepath.ToSlash(c.Tokenizer))
	if c.Tokenizer == "." {
		c.Tokenizer = ""
	}
	return writeJSON(w, tokenizeFile, c)
}

// codec returns what decodes the tokens of a work folder, by the recipe if there
// is one.
func codec(w *work.Folder, r *recipe.Recipe) (*tokenize.Codec, error) {
	var settings tokenize.Config
	if r != nil {
		settings = r.Tokenize
	} else {
		b, err := os.ReadFile(filepath.Join(w.Root(), tokenizeFile))
		if err != nil {
			return nil, fmt.Errorf("%w: give the recipe with --recipe, or --sample 0 to decode nothing", err)
		}
		if err := json.Unmarshal(b, &settings); err != nil {
			return nil, fmt.Errorf("%s: %w", tokenizeFile, err)
		}
	}
	tok, err := tokenize.Load(settings)
	if errors.Is(err, fs.ErrNotExist) && r == nil {
		return nil, fmt.Errorf("the tokens were made with the vocabulary file %s: give the recipe with --recipe, or --sample 0 to decode nothing", settings.Tokenizer)
	} else if err != nil {
		return nil, err
	}
	if b, err := w.Blend(); err != nil {
		return nil, err
	} else if b.Tokenizer != tok.Fingerprint() {
		return nil, fmt.Errorf("the tokens were made with another vocabulary than %s", tok.Name())
	}
	return tokenize.New(settings, tok)
}

// sampled is one use of a document, put together from its segments.
type sampled struct {
	segment  // the first, for messages
	shard    string
	segments []segment
}

// decode draws a sample of the uses of documents, decodes them and compares
// them with the documents.
func (c *verifyCmd) decode(v *verifier, chain *chain, r *recipe.Recipe) error {
	codec, err := codec(v.work, r)
	if err != nil {
		return err
	}
	every := max(1, uint64(chain.tokens.Count.Total().Kept.Docs)/uint64(c.Sample))
	uses := map[string][]*sampled{} // by document
	dir := v.work.Dir(work.TokensDir)
	for _, s := range chain.tokens.Shards {
		if !strings.HasPrefix(s.Shard, "data-") {
			continue
		}
		open := map[string]*sampled{}
		err := eachSegment(v.ctx, dir, s.Shard, s.Shard+".arrow", func(g segment) error {
			if g.fim == padForm {
				return nil
			}
			id, err := corpus.ParseID(g.doc)
			if err != nil {
				return err
			}
			if corpus.Hash(0, "verify", id, 0)%every != 0 {
				return nil
			}
			key := fmt.Sprintf("%s %d", g.doc, g.epoch)
			if open[key] == nil {
				open[key] = &sampled{segment: g, shard: s.Shard}
				uses[strings.Clone(g.doc)] = append(uses[g.doc], open[key])
			}
			g.ids, g.fim = slices.Clone(g.ids), strings.Clone(g.fim)
			open[key].segments = append(open[key].segments, g)
			return nil
		})
		if err != nil {
			v.wrong(err)
			return v.ctx.Err()
		}
		for _, u := range open {
			u.doc, u.repo, u.path, u.fim = strings.Clone(u.doc), strings.Clone(u.repo), strings.Clone(u.path), strings.Clone(u.fim)
		}
	}
	return v.compare(chain, codec, uses)
}

// compare reads the documents and holds the sampled uses against them.
func (v *verifier) compare(chain *chain, codec *tokenize.Codec, uses map[string][]*sampled) error {
	job := work.Job{Work: v.work, After: chain.passes}
	for shard := range chain.docs.Shards {
		wanted := false
		for row, err := range job.Rows(v.ctx, shard, false) {
			if err != nil {
				return err
			}
			if wanted = uses[row.Doc.ID.String()] != nil; wanted {
				break
			}
		}
		if !wanted {
			continue
		}
		for row, err := range job.Rows(v.ctx, shard, true) {
			if err != nil {
				return err
			}
			id := row.Doc.ID.String()
			for _, u := range uses[id] {
				if row.Out {
					v.wrong(fmt.Errorf("tokens/%s: %s %s is in, but a verdict put it out", u.shard, u.repo, u.path))
				} else if err := u.check(codec, row.Doc.Text); err != nil {
					v.wrong(fmt.Errorf("tokens/%s: sequence %d: %s %s: %w", u.shard, u.sequence, u.repo, u.path, err))
				}
				v.decoded++
			}
			delete(uses, id)
		}
	}
	for _, id := range sorted(uses) {
		v.wrong(fmt.Errorf("tokens/%s: %s %s: there is no such document", uses[id][0].shard, uses[id][0].repo, uses[id][0].path))
	}
	return nil
}

// check decodes a use and compares it with the document's text; where the
// vocabulary normalizes (NFC), so does the comparison.
func (u *sampled) check(codec *tokenize.Codec, text []byte) error {
	slices.SortFunc(u.segments, func(a, b segment) int { return cmp.Compare(a.start, b.start) })
	var ids []uint32
	for _, s := range u.segments {
		if int(s.start) != len(ids) {
			return fmt.Errorf("its segments do not join: token %d follows %d", s.start, len(ids))
		}
		for _, id := range s.ids {
			ids = append(ids, uint32(id))
		}
	}
	form := slices.IndexFunc([]tokenize.Form{tokenize.Plain, tokenize.PSM, tokenize.SPM}, func(f tokenize.Form) bool { return f.String() == u.fim })
	if form < 0 {
		return fmt.Errorf("its form is %q", u.fim)
	}
	got, err := codec.Decode(nil, ids, tokenize.Form(form))
	if err == nil && !bytes.Equal(got, text) && !bytes.Equal(norm.NFC.Bytes(got), norm.NFC.Bytes(text)) {
		err = errors.New("its tokens decode to another text than the document's")
	}
	return err
}
