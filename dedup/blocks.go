package dedup

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// LevelBlocks looks for blocks of lines that stand in several documents, such
// as licence headers and vendored copies, and drops no document for another.
//
// A window is a run of Blocks.Lines lines; blank lines do not count, nor does
// white space at their ends. Of the documents that have the same window the
// best one by Config.Order holds it, and in all others its lines are repeated.
// So every repeated line stands in a better document, where it is none. Texts
// are compared before anything is called repeated. Near, Index and Limits have
// no part in it.
const LevelBlocks = "blocks"

// RepeatedBlocks is the reason of a document of which nothing is left when its
// repeated lines are cut.
const RepeatedBlocks corpus.Reason = "repeated_blocks"

// Blocks is how repeated blocks are found, at [LevelBlocks].
type Blocks struct {
	// Lines is the fewest lines of a block, 2 to 1000. Default 10.
	Lines int `yaml:"lines"`
	// Cut takes repeated lines out of the documents, by edits in the verdicts;
	// else they are only measured.
	Cut bool `yaml:"cut"`
}

func (b Blocks) validate() error {
	if b.Lines != 0 && (b.Lines < 2 || b.Lines > 1000) {
		return fmt.Errorf("blocks.lines: %d is not in 2 to 1000", b.Lines)
	}
	return nil
}

// BlockSummary is what was found at [LevelBlocks].
type BlockSummary struct {
	Lines         int64 `json:"lines"`          // of all documents, blank ones left out
	Bytes         int64 `json:"bytes"`          // of their texts
	RepeatedLines int64 `json:"repeated_lines"` // that stand in a better document
	RepeatedBytes int64 `json:"repeated_bytes"`
	Documents     int64 `json:"documents"` // that have repeated lines
	Emptied       int64 `json:"emptied"`   // and nothing else
	Cut           bool  `json:"cut"`
	// Unconfirmed windows had the hash of another text.
	Unconfirmed int64   `json:"unconfirmed"`
	Worst       []Block `json:"worst,omitempty"` // ten at most
}

func (s *BlockSummary) add(t BlockSummary) {
	s.Lines, s.Bytes = s.Lines+t.Lines, s.Bytes+t.Bytes
	s.RepeatedLines, s.RepeatedBytes = s.RepeatedLines+t.RepeatedLines, s.RepeatedBytes+t.RepeatedBytes
	s.Documents, s.Emptied, s.Unconfirmed = s.Documents+t.Documents, s.Emptied+t.Emptied, s.Unconfirmed+t.Unconfirmed
}

// Block is a block of lines that many documents have.
type Block struct {
	Documents int64  `json:"documents"` // that have most of it, by hash
	Lines     int64  `json:"lines"`
	First     string `json:"first"` // its first line, or the start of it
	Place     Place  `json:"place"` // of the document that holds it
	Line      int64  `json:"line"`  // where it begins there; blank lines do not count

	holder corpus.Pos
}

// windowsExt ends the name of a shard's file of windows: the hash (8 bytes),
// the number of the document's entry (4) and that of the first line (4), all
// big-endian.
const (
	windowsExt = ".windows"
	windowSize = 8 + 4 + 4
)

// windowsVersion is raised when the same documents give other windows.
//
//	1: the first
const windowsVersion = 1

// windowsAll makes the windows of all documents, as sketchAll makes sketches.
func (d *Dedup) windowsAll(ctx context.Context, job work.Job) (*work.Manifest, error) {
	job.Stage += "/windows"
	inputs, err := job.Inputs()
	if err != nil {
		return nil, err
	}
	before, err := job.Before()
	if err != nil {
		return nil, err
	}
	workers, err := job.Parallel(work.TableMemory)
	if err != nil {
		return nil, err
	}
	s := work.Stage{
		Version: windowsVersion, Settings: []any{d.sketchSettings(), d.c.Blocks.Lines, d.windowMask}, Workers: workers,
		Prepare: func(context.Context) error {
			job.Meter.Expect(before.Total().Kept.Bytes)
			return nil
		},
	}
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, work.Task{
			Shard: corpus.ShardName(i), Inputs: in, From: work.Fingerprint(in),
			Make: func(ctx context.Context, out *work.Output) error { return d.windowsShard(ctx, job, i, out) },
		})
	}
	return job.Run(ctx, s)
}

func (d *Dedup) windowsShard(ctx context.Context, job work.Job, shard int, out *work.Output) error {
	entries, err := out.Create(out.Shard() + entriesExt)
	if err != nil {
		return err
	}
	windows, err := out.Create(out.Shard() + windowsExt)
	if err != nil {
		return err
	}
	w := newWindower(d.c.Blocks.Lines, d.windowMask)
	var record, buf []byte
	for row, err := range job.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		if row.Out || !d.takes(row.Doc) {
			continue
		}
		if row.Pos.Row() > math.MaxUint32 || len(row.Doc.Text) > math.MaxUint32 {
			return errors.New("more documents, or a longer one, than can be numbered")
		}
		w.reset()
		buf = buf[:0]
		for l := range lines(row.Doc.Text) {
			if hash, first, ok := w.add(l.text); ok {
				buf = put32(put32(put64(buf, hash), uint32(entries.Rows)), uint32(first))
			}
		}
		e := d.entryOf(row, row.Doc.Text)
		record = e.append(record[:0])
		if _, err := entries.Write(record); err != nil {
			return err
		}
		if _, err := windows.Write(buf); err != nil {
			return err
		}
		windows.Rows += int64(len(buf) / windowSize)
		entries.Rows++
		job.Meter.Did(1, row.Crawled)
	}
	return nil
}

// blockRun carries what was found from the phase over all documents to the
// shards of verdicts.
type blockRun struct {
	d       *Dedup
	job     work.Job
	order   *survivorOrder
	scratch *work.Scratch
	g       *global
	held    *heldText
	checks  *byShard // see check
	worst   []Block
}

func (r *blockRun) close() error {
	var errs []error
	if r.checks != nil {
		errs = append(errs, r.checks.close())
	}
	if r.held != nil {
		errs = append(errs, r.held.file.Close())
	}
	if r.g != nil {
		r.g.close()
	}
	if r.scratch != nil {
		errs = append(errs, r.scratch.Close())
	}
	r.checks, r.held, r.g, r.scratch = nil, nil, nil, nil
	return errors.Join(errs...)
}

// blockSettings are what the verdicts depend on.
type blockSettings struct {
	Level     string
	Order     []string
	Priority  []string
	Languages []string
	Except    []string
	Blocks    Blocks
}

// runBlocks is Run at LevelBlocks.
func (d *Dedup) runBlocks(ctx context.Context, job work.Job) (m *work.Manifest, err error) {
	r := &blockRun{d: d, job: job}
	defer func() {
		if cerr := r.close(); err == nil && cerr != nil {
			m, err = nil, cerr
		}
	}()
	inputs, err := job.Inputs()
	if err != nil {
		return nil, err
	}
	before, err := job.Before()
	if err != nil {
		return nil, err
	}
	r.order = d.survivorOrder(job, before)
	s := work.Stage{
		Version: Version, Settings: blockSettings{d.c.Level, d.c.Order, d.c.Priority, d.c.Languages, d.c.ExceptLanguages, d.c.Blocks},
		Prepare: r.prepare, Expect: &before,
	}
	if s.Workers, err = job.Parallel(work.TableMemory); err != nil {
		return nil, err
	}
	all := work.Fingerprint(inputs)
	for i, in := range inputs {
		s.Tasks = append(s.Tasks, work.Task{
			Shard: corpus.ShardName(i), Inputs: all, From: work.Fingerprint(in),
			Make: func(ctx context.Context, out *work.Output) error { return r.verdicts(ctx, i, out) },
		})
	}
	s.Final = []work.FinalTask{{Shard: SummaryShard, Make: func(ctx context.Context, out *work.Output, m *work.Manifest) error {
		return r.conclude(out, m, len(inputs))
	}}}
	return job.Run(ctx, s)
}

func (r *blockRun) prepare(ctx context.Context) error {
	m, err := r.d.windowsAll(ctx, r.job)
	if err != nil {
		return err
	}
	if r.scratch, err = r.job.Work.Scratch(r.job.Stage); err != nil {
		return err
	}
	if r.g, err = newGlobal(r.d, r.job, m, r.order, nil, r.scratch); err != nil {
		return err
	}
	if err := r.g.rank(ctx); err != nil {
		return err
	}
	return r.find(ctx)
}

// blockTally is what the verdicts of one shard come to; the first also says which
// blocks were worst.
type blockTally struct {
	BlockSummary
	Blocks []Block `json:"blocks,omitempty"`
}

// verdicts writes those of one shard.
func (r *blockRun) verdicts(ctx context.Context, shard int, out *work.Output) error {
	w, err := out.CreateVerdicts()
	if err != nil {
		return err
	}
	c := checker{held: r.held, lines: r.d.c.Blocks.Lines, cut: r.d.c.Blocks.Cut, checks: r.checks.read(shard)}
	for row, err := range r.job.Rows(ctx, shard, true) {
		if err != nil {
			return err
		}
		v := corpus.Verdict{Reason: corpus.Before, Survivor: corpus.NoPos}
		if !row.Out {
			v.Reason = ""
			if r.d.takes(row.Doc) {
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
	t := blockTally{BlockSummary: c.found}
	if shard == 0 {
		t.Blocks = r.worst
	}
	return out.WriteJSON(out.Shard()+tallyExt, t)
}

// conclude adds up the shards.
func (r *blockRun) conclude(out *work.Output, m *work.Manifest, shards int) error {
	s := Summary{Level: LevelBlocks, Documents: m.Count.Total().In.Docs, Blocks: &BlockSummary{Cut: r.d.c.Blocks.Cut}}
	for shard := range shards {
		var t blockTally
		name := corpus.ShardName(shard)
		if err := r.job.Dir().ReadJSON(name, name+tallyExt, &t); err != nil {
			return err
		}
		s.Blocks.add(t.BlockSummary)
		s.Blocks.Worst = append(s.Blocks.Worst, t.Blocks...)
	}
	return out.WriteJSON(SummaryShard+".json", s)
}

// checker goes through the documents of a shard and their checks.
type checker struct {
	held   *heldText
	lines  int
	cut    bool
	checks *checkReader
	number uint32 // of the next document that takes part
	found  BlockSummary

	all      []line
	repeated []bool
	window   []byte
	buf      []byte
}

// document compares a document's windows with what is held of better ones.
func (c *checker) document(text []byte, v *corpus.Verdict) error {
	c.all = c.all[:0]
	for l := range lines(text) {
		c.all = append(c.all, l)
	}
	c.found.Lines, c.found.Bytes = c.found.Lines+int64(len(c.all)), c.found.Bytes+int64(len(text))
	c.repeated = append(c.repeated[:0], make([]bool, len(c.all))...)
	any := false
	for {
		k, ok, err := c.checks.of(c.number)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		same, err := c.confirm(k)
		if err != nil {
			return err
		}
		if !same {
			c.found.Unconfirmed++
			continue
		}
		any = true
		for i := range c.lines {
			c.repeated[int(k.line)+i] = true
		}
	}
	if c.number++; any {
		c.edit(v)
	}
	return nil
}

// confirm compares the text of a window with that of the holder's.
func (c *checker) confirm(k check) (bool, error) {
	if int(k.line)+c.lines > len(c.all) {
		return false, fmt.Errorf("%w: a window past the text's end", corpus.ErrCorrupt)
	}
	c.window = appendWindow(c.window[:0], c.all[k.line:int(k.line)+c.lines])
	if len(c.window) != int(k.size) {
		return false, nil
	}
	b, err := c.held.read(c.buf, k.at, int(k.size))
	c.buf = b
	return err == nil && string(b) == string(c.window), err
}

func appendWindow(b []byte, window []line) []byte {
	for _, l := range window {
		b = append(append(b, l.text...), '\n')
	}
	return b
}

// edit counts the repeated lines and cuts them out if that is asked for.
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

// A check is a window of a document that a better one has too, by its hash: the
// document's index (4 bytes), the window's first line (4), and where and how
// long the holder's text is (8 and 4).
type check struct {
	number, line uint32 // the number in its shard
	at           int64
	size         uint32
}

const checkSize = 4 + 4 + 8 + 4

// checkReader reads the checks of a shard's documents in their order.
type checkReader struct {
	from  recordReader
	start int64 // index of the shard's first document
	next  check
	have  bool
	begun bool
}

// of returns the next check of a document, false if there is none left.
func (r *checkReader) of(number uint32) (check, bool, error) {
	if !r.begun {
		r.begun = true
		if err := r.advance(); err != nil {
			return check{}, false, err
		}
	}
	k := r.next
	if !r.have || k.number != number {
		return check{}, false, nil
	}
	return k, true, r.advance()
}

func (r *checkReader) advance() error {
	b, err := r.from.read()
	r.have = b != nil
	if r.have {
		r.next = check{uint32(int64(be32(b)) - r.start), be32(b[4:]), int64(binary.BigEndian.Uint64(b[8:])), be32(b[16:])}
	}
	return err
}
