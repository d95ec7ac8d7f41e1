// Package blocks finds blocks of lines that stand in several documents: see
// [Level] for what is found.
//
// # How
//
// Every window of every document is hashed, and all hashes are sorted on disk. Where a
// hash is there twice, the texts are compared. A document is read three times, always with
// its whole shard and in order; none is looked up:
//
//  1. windows: each document writes the hashes of its windows.
//  2. claims: all windows are sorted by hash. Where several documents have one, the best
//     of them is the holder, and each of the others (a claimant) makes a claim: my window
//     is yours. Claims are sorted by holder.
//  3. texts: each holder writes the lines that are claimed of it, and for each claim a
//     check, which says where these lines stand.
//  4. checks: they are sorted by claimant.
//  5. verdicts: each claimant compares its own lines with those of its checks. What is the
//     same is repeated.
//
// Steps 1, 3 and 5 go shard by shard, 2 and 4 are one task each. Documents are named as in
// package units: by their number in the shard, ordinal, or rank.
//
//	blocks.go   settings and summary; the stage and its needs, windows, verdicts
//	find.go     who claims whose windows, the claimed texts, the checks
//	lines.go    lines and the hashes of windows
package blocks

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// Level looks for blocks of lines that stand in several documents, such
// as licence headers and vendored copies, and drops no document for another.
//
// A window is Blocks.Lines lines that follow each other. Blank lines do not count, nor
// does white space at the end of a line. Of the documents that have the same window
// the best one, by priority and order, holds it. In all others the lines of the window
// are repeated. So every repeated line stands in a better document as well, and there
// it is not repeated by this window.
//
// Windows are found by their hashes; their texts are compared before anything is
// called repeated. The settings near, index and limits of dedup mean nothing at this level.
//
// With windows of three lines, a document of the lines A B C D, and a worse one of
// X A B C Y A B, only A B C of the latter is repeated: the second A B is in no window
// that both have.
const Level = "blocks"

// RepeatedBlocks is the reason of a document all of whose lines are repeated, where
// these are cut.
const RepeatedBlocks corpus.Reason = "repeated_blocks"

// Config is how repeated blocks are found. The zero value stands for the defaults.
type Config struct {
	// Lines is the fewest lines of a block, 2 to 1000. Default 10.
	Lines int `yaml:"lines"`
	// Cut takes repeated lines out of the documents, by edits in the verdicts, and drops
	// the documents that have no others. Without it all documents are kept as they are,
	// and the summary says what would be cut.
	Cut bool `yaml:"cut"`
}

// Validate reports the first setting that makes no sense, by its key.
func (b Config) Validate() error {
	if b.Lines != 0 && (b.Lines < 2 || b.Lines > 1000) {
		return fmt.Errorf("blocks.lines: %d is not in 2 to 1000", b.Lines)
	}
	return nil
}

// Summary is what was found in the documents that take part: not put out by an earlier
// pass, and of a language that the pass compares. Each shard's <shard>.tally.json has one,
// but for Cut and Worst; [Sum] adds them up.
type Summary struct {
	Lines         int64 `json:"lines"`          // of all documents, blank ones left out
	Bytes         int64 `json:"bytes"`          // of their texts
	RepeatedLines int64 `json:"repeated_lines"` // that stand in a better document
	RepeatedBytes int64 `json:"repeated_bytes"` // of these, with their ends and blank lines between them
	Documents     int64 `json:"documents"`      // that have repeated lines
	Emptied       int64 `json:"emptied"`        // and nothing else
	Cut           bool  `json:"cut"`
	// Unconfirmed is how many windows had the hash of a better document's window and
	// another text.
	Unconfirmed int64   `json:"unconfirmed"`
	Worst       []Block `json:"worst,omitempty"` // those with most lines over all documents, ten at most
}

// add adds up the numbers of two shards.
func (s *Summary) add(t Summary) {
	s.Lines, s.Bytes = s.Lines+t.Lines, s.Bytes+t.Bytes
	s.RepeatedLines, s.RepeatedBytes = s.RepeatedLines+t.RepeatedLines, s.RepeatedBytes+t.RepeatedBytes
	s.Documents, s.Emptied, s.Unconfirmed = s.Documents+t.Documents, s.Emptied+t.Emptied, s.Unconfirmed+t.Unconfirmed
}

// Block is a block of lines that many documents have, as it stands in the document that
// holds it.
type Block struct {
	Documents int64       `json:"documents"` // that have its most frequent window, the holder among them
	Lines     int64       `json:"lines"`     // how many it has; blank lines do not count
	First     string      `json:"first"`     // its first line, or the start of it
	Place     units.Named `json:"place"`     // of the document that holds it
	Line      int64       `json:"line"`      // number of its first line there, from 0; blank lines do not count
}

// The needs of the stage, each made from those before it: see the package's
// documentation. Their files, by need:
//
//	windows/<shard>.entries   an entry for every document that takes part
//	windows/<shard>.windows   the windows of them: see window
//	claims/all.claims         which windows of documents are those of better ones:
//	                          see claim; by holder, see dedup/units/sharded.go
//	claims/all.json           the worst blocks, without text
//	texts/<shard>.text        the lines of windows that are claimed of a shard's
//	                          documents
//	texts/<shard>.checks      what the claims are to be checked against: see check
//	texts/<shard>.json        how the worst blocks of the shard's documents begin
//	checks/all.checks         all checks by claimant; see dedup/units/sharded.go
//	checks/all.json           the worst blocks
const (
	windowsSub = "windows"
	claimsSub  = "claims"
	textsSub   = "texts"
	checksSub  = "checks"

	windowsExt = ".windows"
	claimsExt  = ".claims"
	textExt    = ".text"
	checksExt  = ".checks"
	foundExt   = ".tally.json" // of the Summary of a shard
)

const (
	// windowsVersion is raised when the same documents give other windows.
	//
	//	1: the first
	//	2: entries have the number of shingles
	windowsVersion = 2
	// blocksVersion is raised when the same windows and documents give other
	// claims, texts or checks.
	//
	//	1: the first
	blocksVersion = 1
)

// window is a window of a document: one record of <shard>.windows, by the number of the
// document and the line. Of the lines "a", "b" and "c" of document 7, with windows of two
// lines, the records are {hash of a b, 7, 0} and {hash of b c, 7, 1}.
type window struct {
	hash uint64
	doc  uint32 // in the file of windows the number of its entry; where windows are sorted, its rank
	line uint32 // number of its first line; blank lines do not count
}

// windowSize is the length of a window: its fields in their order, big-endian.
const windowSize = 8 + 4 + 4

func (w window) append(b []byte) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b, w.hash), w.doc), w.line)
}

func parseWindow(b []byte) window {
	return window{binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])}
}

// windowsNeed describes the making of all documents' windows, shard by shard. They do not
// depend on the order, so that another order makes nothing of them anew.
func (r *stage) windowsNeed() (work.Stage, error) {
	s := work.Stage{Version: windowsVersion, Settings: []any{r.Maker.Settings, r.Config.Lines, r.WindowMask}}
	return r.job.Sub(windowsSub).PerShard(s, work.TableMemory, func(ctx context.Context, shard int, out *work.Output) error {
		return r.windows(ctx, shard, out)
	})
}

// windows writes the windows and entries of one shard's documents. Those that an earlier
// pass has put out, or that do not take part by their language, have neither; so an
// entry's number is not its row.
func (r *stage) windows(ctx context.Context, shard int, out *work.Output) error {
	entries, err := out.Create(out.Shard() + units.EntriesExt)
	if err != nil {
		return err
	}
	windows, err := out.Create(out.Shard() + windowsExt)
	if err != nil {
		return err
	}
	w := newWindower(r.Config.Lines, r.WindowMask)
	var record, buf []byte
	for row, err := range r.job.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		if row.Out || !r.Maker.Takes(row.Doc) {
			continue
		}
		if row.Pos.Row() > math.MaxUint32 || len(row.Doc.Text) > math.MaxUint32 {
			return errors.New("more documents, or a longer one, than can be numbered")
		}
		w.reset()
		buf = buf[:0]
		for l := range lines(row.Doc.Text) {
			if hash, first, ok := w.add(l.text); ok {
				buf = window{hash, uint32(entries.Rows), uint32(first)}.append(buf)
			}
		}
		e := r.Maker.EntryOf(row, row.Doc.Text)
		record = e.Append(record[:0])
		if _, err := entries.Write(record); err != nil {
			return err
		}
		if _, err := windows.Write(buf); err != nil {
			return err
		}
		windows.Rows += int64(len(buf) / windowSize)
		entries.Rows++
		r.job.Meter.Did(1, row.Crawled)
	}
	return nil
}

// stage is what the tasks of the stage and of its needs share.
type stage struct {
	Input
	job work.Job
}

// Input is what blocks are looked for in, and how.
type Input struct {
	Config Config       // with defaults
	Maker  *units.Maker // says which documents take part
	Order  *units.Order // says which of two is the better one
	Sorted any          // the settings that Order was made from, for fingerprints
	// WindowMask is the bits of hashes of windows that are used: all of them, but in
	// tests in which different texts are to have the same hash.
	WindowMask uint64
}

// Describe returns the stage: its shards of verdicts and its needs. The caller adds
// version, settings and summary. A shard of verdicts depends on all documents, as the
// holder of a window may stand anywhere, so its Inputs are those of all shards.
func Describe(job work.Job, in Input) (s work.Stage, err error) {
	before, err := job.Intake()
	if err != nil {
		return s, err
	}
	inputs, err := job.Inputs()
	if err != nil {
		return s, err
	}
	r := &stage{in, job}
	if s, err = job.PerShard(work.Stage{Expect: &before}, work.TableMemory, r.verdicts); err != nil {
		return s, err
	}
	all := work.Fingerprint(inputs)
	for i := range s.Tasks {
		s.Tasks[i].Inputs, s.Tasks[i].Bytes = all, 0 // making windows is what takes time
	}
	s.Needs = []work.Need{
		{Sub: windowsSub, Stage: func(context.Context) (work.Stage, error) { return r.windowsNeed() }},
		{Sub: claimsSub, Stage: func(context.Context) (work.Stage, error) { return r.claimsNeed() }},
		{Sub: textsSub, Stage: func(context.Context) (work.Stage, error) { return r.textsNeed() }},
		{Sub: checksSub, Stage: func(context.Context) (work.Stage, error) { return r.checksNeed() }},
	}
	return s, nil
}

// verdicts writes the verdicts of one shard, and what it found in a Summary beside. It
// goes through documents and checks side by side: both are in the order of the documents.
func (r *stage) verdicts(ctx context.Context, shard int, out *work.Output) error {
	w, err := out.CreateVerdicts()
	if err != nil {
		return err
	}
	checks, err := units.OpenSharded(units.Shard{Dir: r.job.Sub(checksSub).Dir(), Name: units.AllShard}, checksExt, checkSize, shard)
	if err != nil {
		return err
	}
	defer checks.Close()
	held, err := units.ShardsOf(r.job.Sub(textsSub).Dir())
	if err != nil {
		return err
	}
	texts := units.NewShelf(held, textExt, units.OpenFilesOfTask(r.job))
	defer texts.Close()
	c := checker{texts: texts, lines: r.Config.Lines, cut: r.Config.Cut, checks: checks}
	if err := c.advance(); err != nil {
		return err
	}
	for row, err := range r.job.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		v := corpus.Verdict{Reason: corpus.Earlier, Survivor: corpus.NoPos}
		if !row.Out {
			v.Reason = ""
			if r.Maker.Takes(row.Doc) {
				if err := c.document(row.Doc.Text, &v); err != nil {
					return err
				}
			}
			amount := ledger.Amount{Docs: 1, Bytes: row.Crawled}
			if v.Kept() {
				out.Count.Keep(row.Doc.Source, amount)
			} else {
				out.Count.Drop(row.Doc.Source, string(v.Reason), amount)
			}
		}
		if err := w.Write(&v); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.WriteJSON(out.Shard()+foundExt, c.found)
}

// Sum returns what was found in all shards of a job's stage, which must stand: shards is
// how many there are, and cut whether lines were cut. Worst is read from the checks need,
// which must stand too.
func Sum(job work.Job, shards int, cut bool) (*Summary, error) {
	sum := &Summary{Cut: cut}
	for shard := range shards {
		var t Summary
		name := corpus.ShardName(shard)
		if err := job.Dir().ReadJSON(name, name+foundExt, &t); err != nil {
			return nil, err
		}
		sum.add(t)
	}
	return sum, job.Sub(checksSub).Dir().ReadJSON(units.AllShard, units.AllShard+".json", &sum.Worst)
}

// checker goes through the documents of a shard and the checks on them, side by side.
type checker struct {
	texts  *units.Shelf // the holders' texts, by shard
	lines  int          // of a window
	cut    bool
	checks *units.ShardedReader // by claimant, then line
	next   check                // the first that has not been looked at
	have   bool                 // false when there are no more checks
	number uint32               // of the next document that takes part, in the shard
	found  Summary              // so far
	last   check                // the last of the document that was confirmed; of no size before the first

	// Memory for one document.
	all      []line // its lines
	repeated []bool // which of them are
	window   []byte // text of a window
	buf      []byte // the holder's
}

// advance reads the next check.
func (c *checker) advance() error {
	b, err := c.checks.Read()
	if c.have = b != nil; c.have {
		c.next = parseCheck(b)
	}
	return err
}

// document compares the claimed windows of a document with the holders' texts, and
// completes the verdict on it. It must be called for all documents that take part, in
// their order.
func (c *checker) document(text []byte, v *corpus.Verdict) error {
	c.all = c.all[:0]
	for l := range lines(text) {
		c.all = append(c.all, l)
	}
	c.found.Lines += int64(len(c.all))
	c.found.Bytes += int64(len(text))
	c.repeated = append(c.repeated[:0], make([]bool, len(c.all))...)
	c.last = check{}
	any := false
	for c.have && int64(c.next.ordinal) == c.checks.First+int64(c.number) {
		same, err := c.confirm(c.next)
		if err != nil {
			return err
		}
		if same {
			any = true
			for i := range c.lines {
				c.repeated[int(c.next.line)+i] = true
			}
		} else {
			c.found.Unconfirmed++
		}
		if err := c.advance(); err != nil {
			return err
		}
	}
	if c.number++; any {
		c.edit(v)
	}
	return nil
}

// confirm reports whether the text of a window is the holder's. Two texts may have the
// same hash; a different length says so without reading. The lines that are known to be the
// same are not read again: in a copy of a document each window would be, for each line.
func (c *checker) confirm(k check) (bool, error) {
	if int(k.line)+c.lines > len(c.all) {
		return false, fmt.Errorf("%w: a window past the text's end", corpus.ErrCorrupt)
	}
	lines, size := c.known(k)
	c.window = appendWindow(c.window[:0], c.all[int(k.line)+lines:int(k.line)+c.lines])
	if size+len(c.window) != int(k.size) {
		return false, nil
	}
	c.buf = slices.Grow(c.buf[:0], len(c.window))[:len(c.window)]
	if err := c.texts.ReadAt(int(k.shard), c.buf, int64(k.at)+int64(size)); err != nil {
		return false, err
	}
	if !bytes.Equal(c.buf, c.window) {
		return false, nil
	}
	c.last = k
	return true, nil
}

// known returns how many lines at the start of a window are the holder's by the last check
// that was confirmed, and their bytes. It knows all but one if that was of the line before,
// in the document and in the holder's text, and otherwise none.
func (c *checker) known(k check) (lines, size int) {
	l := c.last
	if l.size == 0 || k.shard != l.shard || k.line != l.line+1 || k.at != l.at+uint64(len(c.all[l.line].text))+1 {
		return 0, 0
	}
	return c.lines - 1, int(l.at + uint64(l.size) - k.at)
}

// appendWindow appends the lines of a window, each with a newline.
func appendWindow(b []byte, window []line) []byte {
	for _, l := range window {
		b = append(append(b, l.text...), '\n')
	}
	return b
}

// edit counts the repeated lines of a document that has any, and where they are to be cut
// completes the verdict: one edit for each stretch of them, or a drop if no line is left.
// A stretch goes from its first line to the end of its last, blank lines between them
// included: cutting B and C of "A\nB\n\nC\nD\n" leaves "A\nD\n".
func (c *checker) edit(v *corpus.Verdict) {
	var edits []corpus.Edit
	left := 0
	for i, l := range c.all {
		if !c.repeated[i] {
			left++
			continue
		}
		c.found.RepeatedLines++
		start, end := int64(l.start), int64(l.end)
		if i > 0 && c.repeated[i-1] {
			e := &edits[len(edits)-1]
			c.found.RepeatedBytes += end - e.End
			e.End = end
		} else {
			c.found.RepeatedBytes += end - start
			edits = append(edits, corpus.Edit{Start: start, End: end})
		}
	}
	c.found.Documents++
	if left == 0 {
		c.found.Emptied++
	}
	switch {
	case c.cut && left == 0:
		v.Reason, v.Value, v.Limit = RepeatedBlocks, 1, 1
	case c.cut:
		v.Edits = edits
	}
}

// check is a claim and where the text is that it has to be compared with: the lines of
// the holder's window, each without white space at its end and with a newline.
type check struct {
	ordinal, line uint32 // of the claimant, and the first line of the window in it
	shard         uint32 // number of the holder's, in whose file the text is
	at            uint64 // where in <shard>.text it begins, in bytes
	size          uint32 // how many bytes it has
}

// checkSize is the length of a check: its fields in their order, big-endian.
const checkSize = 4 + 4 + 4 + 8 + 4

func (k check) append(b []byte) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, k.ordinal), k.line), k.shard), k.at), k.size)
}

func parseCheck(b []byte) check {
	return check{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint64(b[12:]), binary.BigEndian.Uint32(b[20:])}
}
