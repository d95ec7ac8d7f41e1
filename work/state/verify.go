package state

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"unique"

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
	runs, isIndex, err := index.Runs(w)
	if isIndex {
		v.wrong(err)
		for _, r := range runs {
			if r.Adding {
				v.Unfinished = fmt.Errorf("the run %q was being added to this index: run it again to finish it; another run that adds something removes it", r.Name)
			}
		}
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	folders, err := w.Folders(".")
	if err != nil {
		return nil, err
	}
	if slices.Contains(folders, export.Stage) {
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
	err = Noted(w, c.Manifests())
	_, unread := errors.AsType[*fs.PathError](err)
	switch {
	case unread:
		return nil, err
	case errors.Is(err, corpus.ErrCorrupt):
		v.wrong(err)
	default:
		v.Unfinished = cmp.Or(v.Unfinished, err)
	}
	if c.Tokens == nil || len(v.Wrong) > 0 {
		return v, nil
	}
	// The recipe's settings go before those that are noted. Without either nothing can be
	// decoded, which is an error only where something was to be.
	noted, readErr := readNoted(w)
	isMissing := errors.Is(readErr, fs.ErrNotExist)
	settings := noted.Settings
	_, unread = errors.AsType[*fs.PathError](readErr)
	switch {
	case unread && !isMissing:
		return nil, readErr
	case o.Tokenize != nil:
		settings = *o.Tokenize
	case readErr != nil && o.Sample == 0: // nothing is to be decoded
		if errors.Is(readErr, corpus.ErrCorrupt) {
			v.wrong(fmt.Errorf("%w; run tokenize again", readErr))
		}
		return v, nil
	case readErr != nil:
		return nil, readErr
	}
	codec, tok, err := codec(w, settings, o.Tokenize != nil)
	if err != nil {
		if o.Sample == 0 {
			return v, nil
		}
		return nil, err
	}
	if readErr == nil {
		noted.Settings.Tokenizer = settings.Tokenizer // the note has a file's name without its folder
		v.madeAsNoted(ctx, w, c, noted, tok)
	} else if readErr = fmt.Errorf("%w; run tokenize again", readErr); isMissing {
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
// [fs.ErrNotExist] where there is no note, and [corpus.ErrCorrupt] where it is no JSON. A
// note that cannot be read is another error.
func readNoted(w *work.Folder) (n noted, err error) {
	b, err := w.ReadFile(notedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return n, fmt.Errorf("%w (%w)", ErrNoVocabulary, err)
	} else if err != nil {
		return n, err
	}
	if !json.Valid(b) {
		return n, fmt.Errorf("%w (%s is %w)", ErrNoVocabulary, notedFile, corpus.ErrCorrupt)
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
//
// fromRecipe says that c is not what is noted. A file is noted without its folder, so that
// the present folder is looked in. What is found there may be anything: that it is not the
// vocabulary is [ErrNoVocabulary] too.
func codec(w *work.Folder, c tokenize.Config, fromRecipe bool) (*tokenize.Codec, *bpe.Tokenizer, error) {
	tok, err := tokenize.Load(c)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("%w (they were made with the vocabulary file %s)", ErrNoVocabulary, c.Tokenizer)
	case err != nil && !fromRecipe:
		return nil, nil, fmt.Errorf("%w (they were made with the vocabulary file %s; the one in the present folder cannot be used: %w)", ErrNoVocabulary, c.Tokenizer, err)
	case err != nil:
		return nil, nil, err
	}
	b, err := w.Blend()
	if err != nil {
		return nil, nil, err
	}
	if b.Vocabulary != tok.Fingerprint() && !fromRecipe {
		return nil, nil, fmt.Errorf("%w (they were made with the vocabulary file %s; the one in the present folder is another)", ErrNoVocabulary, c.Tokenizer)
	} else if b.Vocabulary != tok.Fingerprint() {
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

// sampled is the tokens of a document in one epoch. These are of one use, but where
// several documents have the same id, as rows do that a file repeats: what addresses them
// is the same, so their uses stand in the same shard of tokens, and in the same form.
//
// A document that is longer than the rest of a sequence goes on in a later one. The packer
// may put the later piece before the earlier, so segments come in any order: see uses.
type sampled struct {
	tokenize.Segment        // the first that was met, for messages
	shard            string // shard of tokens in which that one is
	sequence         int    // number of its sequence there, from 0
	parts            []part // of all segments, in the order in which they were met
	uses             int64  // how many uses they are of
	fault            error  // what is wrong with them, by the text of the first document that is in
}

// part is the tokens of one segment.
type part struct {
	start, count int                   // number of the first among the document's tokens, and how many there are
	ids          unique.Handle[string] // 4 bytes each, little-endian; held once, however often they are repeated
}

// sampledDoc is the documents of one id: one, but where rows are repeated.
type sampledDoc struct {
	tokens []*sampled        // by shard and epoch
	met    bool              // there is such a document
	in     int64             // how many there are that no verdict put out
	text   [sha256.Size]byte // hash of the text of the first of these
	differ bool              // another of these was edited in another way
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
	docs := map[string]*sampledDoc{}                                         // by id
	for _, s := range c.Tokens.Rows() {
		// All segments of one use stand in one shard of tokens.
		open, number := map[string]*sampled{}, 0 // by document id and epoch
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
					open[key] = &sampled{Segment: g, shard: s.Shard, sequence: number}
					if docs[g.Doc] == nil {
						docs[g.Doc] = &sampledDoc{}
					}
					docs[g.Doc].tokens = append(docs[g.Doc].tokens, open[key])
				}
				open[key].parts = append(open[key].parts, newPart(g.Start, ids))
			}
			number++
		}
	}
	return v.compare(ctx, w, c, codec, docs)
}

// newPart copies the tokens of a segment.
func newPart(start int, ids []int32) part {
	var b []byte
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint32(b, uint32(id))
	}
	return part{start, len(ids), unique.Make(string(b))}
}

// compare reads the documents and compares the sampled ones, by id, with them. A shard's
// texts are read only if one of its documents is wanted.
func (v *Verification) compare(ctx context.Context, w *work.Folder, c *Chain, codec *tokenize.Codec, docs map[string]*sampledDoc) error {
	job := work.Job{Work: w, After: c.Passes}
	for shard := range c.Docs.Shards {
		wanted := false
		for row, err := range job.Rows(ctx, shard, false) {
			if err != nil {
				return err
			}
			if wanted = docs[row.Doc.ID.String()] != nil; wanted {
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
			if d := docs[row.Doc.ID.String()]; d != nil {
				d.read(codec, row)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(docs)) {
		v.judge(docs[id])
	}
	return nil
}

// read takes one of the documents, and compares the tokens with the first that is in.
func (d *sampledDoc) read(codec *tokenize.Codec, row work.Row) {
	d.met = true
	if row.Out {
		return
	}
	d.in++
	text := sha256.Sum256(row.Doc.Text)
	if d.in > 1 {
		d.differ = d.differ || text != d.text
		return
	}
	d.text = text
	for _, s := range d.tokens {
		s.fault = s.check(codec, row.Doc.Text)
	}
}

// judge says what is wrong with the tokens of a document, once all documents are read.
//
// Documents of one id have one text. A pass may yet edit one of them alone, as it may look
// at what else their rows say of them. Their tokens then cannot be told apart, and nothing
// is said of them.
func (v *Verification) judge(d *sampledDoc) {
	for _, s := range d.tokens {
		at := fmt.Sprintf("%s/%s: sequence %d: %s %s", work.TokensStage, s.shard, s.sequence, s.Repo, s.Path)
		switch {
		case !d.met:
			v.wrong(fmt.Errorf("%s: there is no such document", at))
		case d.in == 0:
			v.wrong(fmt.Errorf("%s is in, but a verdict put it out", at))
		case d.differ:
		case s.fault != nil:
			v.wrong(fmt.Errorf("%s: %w", at, s.fault))
		case s.uses > d.in:
			v.wrong(fmt.Errorf("%s: %d uses of it in one epoch, of %d documents", at, s.uses, d.in))
		default:
			v.Decoded += s.uses
		}
	}
}

// check decodes the tokens of a document, compares them with its text, and counts the uses
// that they are of. A vocabulary that normalizes gives back the text in NFC, so texts also
// count as equal that are equal in NFC. Of a use in FIM form the codec puts the pieces back
// into their order.
func (s *sampled) check(codec *tokenize.Codec, text []byte) error {
	uses, err := s.join()
	if err != nil {
		return err
	}
	s.uses = int64(len(uses))
	for i, parts := range uses {
		if i > 0 && slices.Equal(parts, uses[i-1]) {
			continue
		}
		var ids []uint32
		for _, p := range parts {
			b := []byte(p.ids.Value())
			for i := range p.count {
				ids = append(ids, binary.LittleEndian.Uint32(b[4*i:]))
			}
		}
		got, err := codec.Decode(nil, ids, s.Form)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, text) && !bytes.Equal(norm.NFC.Bytes(got), norm.NFC.Bytes(text)) {
			return errors.New("its tokens decode to another text than the document's")
		}
	}
	return nil
}

// join puts the parts of each use together. A part that starts at 0 begins a use, any other
// goes on with one that ends where it starts. Of several it may be any, as documents of one
// id have one text. So with numbers of tokens, these are two uses of 300:
//
//	0-128  128-256  0-128  256-300  128-256  256-300
func (s *sampled) join() (uses [][]part, err error) {
	slices.SortStableFunc(s.parts, func(a, b part) int { return cmp.Compare(a.start, b.start) })
	ending := map[int][]int{} // numbers of uses, by how many tokens they have so far
	end := 0
	for _, p := range s.parts {
		open := ending[p.start]
		use := len(uses)
		switch {
		case p.start == 0:
			uses = append(uses, nil)
		case len(open) > 0:
			use = open[len(open)-1]
			ending[p.start] = open[:len(open)-1]
		default:
			return nil, fmt.Errorf("its segments do not join: token %d follows %d", p.start, end)
		}
		uses[use] = append(uses[use], p)
		end = p.start + p.count
		ending[end] = append(ending[end], use)
	}
	return uses, nil
}
