package state

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/index"
	"github.com/codemill/codemill/export"
	"github.com/codemill/codemill/tokenize"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/codemill/codemill/work"
)

// Options of [Verify]. The zero value knows no recipe and decodes nothing.
type Options struct {
	Passes   []string         // names of the recipe's passes, in their order; nil where no recipe is known
	Tokenize *tokenize.Config // the recipe's settings, with paths resolved; nil for those noted in the folder
	Sample   int              // about how many uses of documents to decode and compare; 0 for none
}

// Verification is what [Verify] found. Wrong and Unfinished are told apart, as they ask
// for different things: what is wrong is damaged, and has to be removed before it is made
// again; what is unfinished is made by running again.
type Verification struct {
	Wrong []error // what is not as it was written; each error says where
	// Unfinished is the first stage that is not there, an [work.Incomplete], or was
	// made from others than stand now; of an index, a run that is only begun. Nil if all
	// stand.
	Unfinished error
	Files      int64 // files of shards, compared with their checksums
	Bytes      int64 // in these files
	Decoded    int64 // uses of documents, decoded and compared with the text
}

// wrong notes that something is damaged; nil is nothing.
func (v *Verification) wrong(err error) {
	if err != nil {
		v.Wrong = append(v.Wrong, err)
	}
}

// missing takes note of why a manifest cannot be had: it is not written yet, or it is
// damaged. nil is nothing.
func (v *Verification) missing(err error) {
	if errors.Is(err, work.ErrIncomplete) {
		v.Unfinished = err
	} else {
		v.wrong(err)
	}
}

// Verify checks all that stands in a work folder, in one of materialized documents, or in
// an index of duplicates. In this order:
//
//  1. files against their receipts, and receipts against the manifests;
//  2. the stages against one another: counts, rows, what each was made from;
//  3. the note of the last run against the manifests;
//  4. the tokens against the settings that are noted or given;
//  5. a sample of the tokens against the documents' texts.
//
// A work folder gets all five, an index and materialized documents the first and what
// there is of the second. What builds on something wrong is not checked: 4 and 5 are left
// out where 1 to 3 found anything wrong, and 5 where 4 did.
//
// What is found is in the Verification. The error is for what kept Verify from looking,
// such as a disk that does not answer, or [ErrNoVocabulary].
func Verify(ctx context.Context, w *work.Folder, o Options) (*Verification, error) {
	checked, err := w.Check(ctx)
	if err != nil {
		return nil, err
	}
	v := &Verification{Wrong: checked.Wrong, Files: checked.Files, Bytes: checked.Bytes}
	if runs, isIndex, err := index.Runs(w); isIndex {
		v.wrong(err)
		for _, r := range runs {
			if r.Adding {
				v.Unfinished = fmt.Errorf("the run %q was being added to this index: run it again to finish it; another run that adds something removes it", r.Name)
			}
		}
		return v, nil
	}
	if text, err := w.Folders("."); err == nil && slices.Contains(text, export.Stage) {
		_, err := w.Dir(export.Stage).Manifest() // there is no chain of stages
		v.missing(err)
		return v, nil
	}
	c, err := Read(w)
	if err != nil {
		v.missing(err)
		return v, nil
	}
	v.chain(c)
	v.complete(w, c, o.Passes)
	if err := Noted(w, c.Manifests()); errors.Is(err, corpus.ErrCorrupt) {
		v.wrong(err)
	} else if v.Unfinished == nil {
		v.Unfinished = err
	}
	if c.Tokens == nil || len(v.Wrong) > 0 {
		return v, nil
	}
	// The recipe's settings go before those that are noted. Without either nothing can be
	// decoded, which is an error only where something was to be.
	noted, readErr := readNoted(w)
	settings := noted.Settings
	switch {
	case o.Tokenize != nil:
		settings = *o.Tokenize
	case readErr != nil && o.Sample == 0:
		return v, nil // nothing is to be decoded
	case readErr != nil:
		return nil, readErr
	}
	codec, tok, err := codec(w, settings)
	if err != nil {
		if o.Sample == 0 {
			return v, nil
		}
		return nil, err
	}
	if readErr == nil {
		noted.Settings.Tokenizer = settings.Tokenizer // the note has a file's name without its folder
		v.madeAsNoted(ctx, w, c, noted, tok)
	} else if readErr = fmt.Errorf("%w; run tokenize again", readErr); errors.Is(readErr, fs.ErrNotExist) {
		v.Unfinished = cmp.Or(v.Unfinished, readErr)
	} else {
		v.wrong(readErr)
	}
	if o.Sample > 0 && len(v.Wrong) == 0 {
		err = v.decode(ctx, w, c, codec, o.Sample)
	}
	return v, err
}

// chain checks that every stage took in what the one before it kept (the ledger), and
// that there is a verdict on each document. Tokens count uses of documents, not
// documents, so they are compared with the plan's rows.
func (v *Verification) chain(c *Chain) {
	before := c.Docs
	for _, m := range c.Manifests()[1:] {
		if m == c.Tokens {
			v.uses(c)
			break
		}
		if err := m.Count.Follows(before.Count); err != nil {
			v.wrong(fmt.Errorf("%s after %s: %w", m.Stage, before.Stage, err))
		}
		for i := range c.Docs.Shards {
			if m != c.Plan && m.Shards[i].Rows != c.Docs.Shards[i].Rows {
				v.wrong(fmt.Errorf("%s/%s: %d verdicts on %d documents", m.Stage, m.Shards[i].Shard, m.Shards[i].Rows, c.Docs.Shards[i].Rows))
			}
		}
		before = m
	}
}

// uses checks that the tokens have as many uses of documents as the plan has rows. Behind
// the shards that belong to documents the plan has that of the blend, which has none.
func (v *Verification) uses(c *Chain) {
	var planned int64
	for _, s := range c.Plan.Shards[:len(c.Docs.Shards)] {
		planned += s.Rows
	}
	if in := c.Tokens.Count.Total().In.Docs; in != planned {
		v.wrong(fmt.Errorf("%s: %d uses of documents, the plan has %d", c.Tokens.Stage, in, planned))
	}
}

// complete notes the first stage that is not complete, or was made from something else.
// passes are the recipe's; without them it cannot be known that a pass is missing. Only
// their number is compared: whether the passes that stand are those of the recipe, with
// its settings, is for the caller to ask (a dry run of the recipe's stages tells).
func (v *Verification) complete(w *work.Folder, c *Chain, passes []string) {
	dir := work.TokensStage
	switch {
	case len(c.Passes) < len(passes):
		dir = work.VerdictsStage(passes[len(c.Passes)])
	case c.Plan == nil:
		dir = work.PlanStage
	}
	if len(c.Stray) > 0 {
		v.Unfinished = c.Stray[0]
		return
	}
	_, err := w.Dir(dir).Manifest()
	v.missing(err)
}

// notedFile holds how the tokens of a work folder were made.
const notedFile = "report/tokenize.json"

// noted is report/tokenize.json.
type noted struct {
	Seed     uint64          `json:"seed"`     // of the recipe
	Settings tokenize.Config `json:"settings"` // Tokenizer is a built-in name, or a file's without its folder
}

// NoteTokenize writes down how tokens were made, so that Verify can do without
// the recipe. It is called after tokenize has finished. A vocabulary that is a file is
// noted without its folder, as paths of the machine must not get into a work folder:
// "/models/x/tokenizer.json" becomes "tokenizer.json".
func NoteTokenize(w *work.Folder, c tokenize.Config, seed uint64) error {
	c.Tokenizer = filepath.Base(filepath.ToSlash(c.Tokenizer))
	if c.Tokenizer == "." {
		c.Tokenizer = ""
	}
	return writeJSON(w, notedFile, noted{seed, c})
}

// ErrNoVocabulary says that what decodes the tokens is not known without the
// recipe's tokenize settings.
var ErrNoVocabulary = errors.New("how the tokens were made is not known without the recipe")

// readNoted reads what NoteTokenize wrote. The error is [ErrNoVocabulary], and also
// [fs.ErrNotExist] where there is no note.
func readNoted(w *work.Folder) (n noted, err error) {
	b, err := w.ReadFile(notedFile)
	if err != nil {
		return n, fmt.Errorf("%w (%w)", ErrNoVocabulary, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		return n, fmt.Errorf("%w (%s is damaged, or an earlier codemill wrote it: %w)", ErrNoVocabulary, notedFile, err)
	}
	return n, nil
}

// codec returns what decodes the tokens of a work folder: the codec that c describes, and
// its vocabulary. It is an error if the blend was counted with another vocabulary, and
// [ErrNoVocabulary] if c names a file that is not there.
func codec(w *work.Folder, c tokenize.Config) (*tokenize.Codec, *bpe.Tokenizer, error) {
	tok, err := tokenize.Load(c)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w (they were made with the vocabulary file %s)", ErrNoVocabulary, c.Tokenizer)
	} else if err != nil {
		return nil, nil, err
	}
	b, err := w.Blend()
	if err != nil {
		return nil, nil, err
	}
	if b.Vocabulary != tok.Fingerprint() {
		return nil, nil, fmt.Errorf("the tokens were made with another vocabulary than %s", tok.Name())
	}
	k, err := tokenize.New(c, tok)
	return k, tok, err
}

// madeAsNoted checks that the tokens were made with the settings that are noted: a dry
// run with them must have nothing to do. The note is written after the tokens. So a run
// that was killed between them leaves the note of an earlier run, which is unfinished
// rather than wrong.
func (v *Verification) madeAsNoted(ctx context.Context, w *work.Folder, c *Chain, n noted, tok *bpe.Tokenizer) {
	job := work.Job{Work: w, Stage: work.TokensStage, After: c.Passes, Seed: n.Seed, Workers: 1, Memory: math.MaxInt64, DryRun: true}
	stage, err := tokenize.Describe(job, n.Settings, tok)
	if err == nil {
		_, err = job.Run(ctx, stage)
	}
	var pending *work.Pending
	if errors.As(err, &pending) {
		v.Unfinished = cmp.Or(v.Unfinished, fmt.Errorf("%s was made in another way than %s says: run tokenize again", work.TokensStage, notedFile))
		return
	}
	v.wrong(err)
}

// sampledUse is one use of a document, put together from its segments. A document that is
// longer than the rest of a sequence goes on in a later one. The packer may put the later
// piece before the earlier, so segments come in any order and are sorted by check.
type sampledUse struct {
	tokenize.Segment        // the first that was met, for messages
	shard            string // shard of tokens in which that one is
	sequence         int    // number of its sequence there, from 0
	parts            []part // of all segments, in the order in which they were met
}

// part is the tokens of one segment.
type part struct {
	start int // number of the first among the document's tokens
	ids   []int32
}

// decode collects the tokens of about sample uses of documents, decodes them and compares
// them with the documents. A document is drawn by a hash of its id, and then all its uses
// are: the same ones each time, whatever the shards.
//
// Tokens are read first, since a use is scattered over sequences, while a document stands
// in one row. They are held in memory until the documents have been read: some megabytes
// for the default sample of 1000.
func (v *Verification) decode(ctx context.Context, w *work.Folder, c *Chain, codec *tokenize.Codec, sample int) error {
	every := max(1, uint64(c.Tokens.Count.Total().Kept.Docs)/uint64(sample)) // one document in so many
	uses := map[string][]*sampledUse{}                                       // by document id
	for _, s := range c.Tokens.Rows() {
		// All segments of one use stand in one shard of tokens.
		open, number := map[string]*sampledUse{}, 0 // by document id and epoch
		for seq, err := range tokenize.Sequences(ctx, w.Dir(work.TokensStage), s.Shard) {
			if err != nil {
				v.wrong(err)
				return ctx.Err()
			}
			at := 0
			for _, g := range seq.Segments {
				ids := seq.IDs[at : at+g.Tokens]
				at += g.Tokens
				if g.Form == tokenize.Padding {
					continue
				}
				id, err := corpus.ParseID(g.Doc)
				if err != nil {
					v.wrong(fmt.Errorf("%s/%s: sequence %d: %w", work.TokensStage, s.Shard, number, err))
					return nil
				}
				if corpus.Hash(0, "verify", id, 0)%every != 0 {
					continue
				}
				key := fmt.Sprintf("%s %d", g.Doc, g.Epoch)
				if open[key] == nil {
					g.Doc, g.Repo, g.Path, g.License = strings.Clone(g.Doc), strings.Clone(g.Repo), strings.Clone(g.Path), ""
					open[key] = &sampledUse{Segment: g, shard: s.Shard, sequence: number}
					uses[g.Doc] = append(uses[g.Doc], open[key])
				}
				open[key].parts = append(open[key].parts, part{g.Start, slices.Clone(ids)})
			}
			number++
		}
	}
	return v.compare(ctx, w, c, codec, uses)
}

// compare reads the documents and compares the sampled uses, by document id, with them.
// It empties uses: what is left at the end has no document. A shard's texts are read only
// if one of its documents is wanted.
func (v *Verification) compare(ctx context.Context, w *work.Folder, c *Chain, codec *tokenize.Codec, uses map[string][]*sampledUse) error {
	job := work.Job{Work: w, After: c.Passes}
	for shard := range c.Docs.Shards {
		wanted := false
		for row, err := range job.Rows(ctx, shard, false) {
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
		for row, err := range job.Rows(ctx, shard, true) {
			if err != nil {
				return err
			}
			id := row.Doc.ID.String()
			for _, u := range uses[id] {
				if row.Out {
					v.wrong(fmt.Errorf("%s/%s: %s %s is in, but a verdict put it out", work.TokensStage, u.shard, u.Repo, u.Path))
				} else if err := u.check(codec, row.Doc.Text); err != nil {
					v.wrong(fmt.Errorf("%s/%s: sequence %d: %s %s: %w", work.TokensStage, u.shard, u.sequence, u.Repo, u.Path, err))
				}
				v.Decoded++
			}
			delete(uses, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(uses)) {
		u := uses[id][0]
		v.wrong(fmt.Errorf("%s/%s: %s %s: there is no such document", work.TokensStage, u.shard, u.Repo, u.Path))
	}
	return nil
}

// check decodes a use and compares it with the document's text. A vocabulary that
// normalizes gives back the text in NFC, so texts also count as equal that are equal in
// NFC. Of a use in FIM form the codec puts the pieces back into their order.
func (u *sampledUse) check(codec *tokenize.Codec, text []byte) error {
	slices.SortFunc(u.parts, func(a, b part) int { return cmp.Compare(a.start, b.start) })
	var ids []uint32
	for _, p := range u.parts {
		if p.start != len(ids) {
			return fmt.Errorf("its segments do not join: token %d follows %d", p.start, len(ids))
		}
		for _, id := range p.ids {
			ids = append(ids, uint32(id))
		}
	}
	got, err := codec.Decode(nil, ids, u.Form)
	if err == nil && !bytes.Equal(got, text) && !bytes.Equal(norm.NFC.Bytes(got), norm.NFC.Bytes(text)) {
		err = errors.New("its tokens decode to another text than the document's")
	}
	return err
}
