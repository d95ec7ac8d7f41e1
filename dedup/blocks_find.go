package dedup

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// A claim says that one document's window has the hash of a better one's: the
// holder's index and line, the other's index and line, 4 bytes each.
const claimSize = 4 + 4 + 4 + 4

// find fills in the checks: windows are sorted by hash and best document;
// whatever comes second claims to be what the first one is; the claims, sorted
// by holder, pick the holders' text out of the documents; sorted by claimant
// they are what the verdicts have to check.
func (r *blockRun) find(ctx context.Context) error {
	claims := r.g.sorter(claimSize, 4)
	defer claims.Close()
	if err := r.claims(ctx, claims); err != nil {
		return err
	}
	byHolder, err := r.deal(claims, claimSize)
	if err != nil {
		return err
	}
	defer byHolder.close()
	if err := claims.Close(); err != nil {
		return err
	}
	f, err := r.scratch.Create()
	if err != nil {
		return err
	}
	r.held = &heldText{file: f}
	checks := r.g.sorter(checkSize, 2)
	defer checks.Close()
	workers, err := r.job.Parallel(work.TableMemory)
	if err != nil {
		return err
	}
	texts := make([][]blockText, r.g.own)
	err = fanout.Each(ctx, workers, r.g.own, func(ctx context.Context, shard int) error {
		h := holder{r: r, shard: shard, claims: byHolder.reader(shard), checks: batch{to: checks}}
		if err := h.read(ctx); err != nil {
			return fmt.Errorf("%s: %w", corpus.ShardName(shard), err)
		}
		texts[shard] = h.texts
		return h.checks.done(true)
	})
	if err != nil {
		return err
	}
	r.name(slices.Concat(texts...))
	r.checks, err = r.deal(checks, checkSize)
	return err
}

// claims sorts the windows and finds who holds which.
func (r *blockRun) claims(ctx context.Context, claims *extsort.Sorter) error {
	s := r.g.sorter(windowSize, 2)
	defer s.Close()
	err := r.g.eachShard(ctx, func(ctx context.Context, shard int) error {
		in, err := r.g.shards[shard].open(windowsExt)
		if err != nil {
			return err
		}
		defer in.Close()
		add := batch{to: s}
		for from := (recordReader{bufio.NewReaderSize(in, 1<<18), make([]byte, windowSize)}); ; {
			b, err := from.read()
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			if b == nil {
				return add.done(true)
			}
			rank := r.g.rankOf[r.g.starts[shard]+int64(be32(b[8:]))]
			add.buf = append(put32(append(add.buf, b[:8]...), rank), b[12:]...)
			if err := add.done(false); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	sorted, err := s.Sort()
	if err != nil {
		return err
	}
	c := claimer{g: r.g, out: batch{to: claims}}
	for b, err := range sorted.All() {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.window(binary.BigEndian.Uint64(b), be32(b[8:]), be32(b[12:]))
		}
		if err != nil {
			return err
		}
	}
	c.end()
	r.worst = c.blocks(r.d.c.Blocks.Lines)
	return c.out.done(true)
}

// claimer reads the windows by hash; those of one come from the best document
// to the worst.
type claimer struct {
	g          *global
	out        batch
	hash       uint64
	rank, line uint32 // of the holder
	last       uint32 // rank of the last document met
	documents  int64  // that have the window
	worst      []worstWindow
}

func (c *claimer) window(hash uint64, rank, line uint32) error {
	switch {
	case c.documents == 0 || hash != c.hash:
		c.end()
		c.hash, c.rank, c.line, c.last, c.documents = hash, rank, line, rank, 1
		return nil
	case rank == c.rank:
		return nil // the holder has it twice
	case rank != c.last:
		c.last = rank
		c.documents++
	}
	c.out.buf = put32(put32(c.out.buf, c.g.docOf[c.rank]), c.line)
	c.out.buf = put32(put32(c.out.buf, c.g.docOf[rank]), line)
	return c.out.done(false)
}

// worstWindow is a window that many documents have.
type worstWindow struct {
	documents  int64
	rank, line uint32
}

func (w worstWindow) compare(v worstWindow) int {
	return cmp.Or(cmp.Compare(v.documents, w.documents), cmp.Compare(w.rank, v.rank), cmp.Compare(w.line, v.line))
}

const (
	worstWindows = 4096 // held while the worst are looked for
	worstBlocks  = 10
	firstShown   = 120 // of a block's first line that are shown
)

// end ends a window. It keeps the worst of them.
func (c *claimer) end() {
	if c.documents < 2 {
		return
	}
	c.worst = append(c.worst, worstWindow{c.documents, c.rank, c.line})
	if len(c.worst) >= 2*worstWindows {
		c.keepWorst()
	}
}

func (c *claimer) keepWorst() {
	slices.SortFunc(c.worst, worstWindow.compare)
	c.worst = c.worst[:min(len(c.worst), worstWindows)]
}

// blocks puts windows of one holder that overlap together, if nine tenths of the
// documents of one have the next.
func (c *claimer) blocks(size int) []Block {
	c.keepWorst()
	type place struct{ rank, line uint32 }
	left := map[place]int64{}
	for _, w := range c.worst {
		left[place{w.rank, w.line}] = w.documents
	}
	var list []Block
	for _, w := range c.worst {
		if left[place{w.rank, w.line}] == 0 {
			continue
		}
		follow := func(line, step uint32) uint32 {
			for 10*left[place{w.rank, line + step}] >= 9*w.documents {
				line += step
			}
			return line
		}
		first, last := follow(w.line, ^uint32(0)), follow(w.line, 1)
		for at := first - min(first, uint32(size-1)); at < last+uint32(size); at++ {
			delete(left, place{w.rank, at}) // it overlaps the block
		}
		list = append(list, Block{Documents: w.documents, Lines: int64(last-first) + int64(size), Line: int64(first), holder: corpus.Pos(c.g.docOf[w.rank])})
	}
	slices.SortStableFunc(list, func(a, b Block) int { return cmp.Compare(b.Documents*b.Lines, a.Documents*a.Lines) })
	return list[:min(len(list), worstBlocks)]
}

// heldText is a file of the lines that better documents hold.
type heldText struct {
	file vfs.File
	mu   sync.Mutex
	size int64
}

// add puts text at the end and returns where it begins.
func (h *heldText) add(b []byte) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.size
	_, err := h.file.WriteAt(b, at)
	h.size += int64(len(b))
	return at, err
}

func (h *heldText) read(buf []byte, at int64, n int) ([]byte, error) {
	buf = slices.Grow(buf[:0], n)[:n]
	_, err := h.file.ReadAt(buf, at)
	return buf, err
}

// holder picks what is claimed out of the documents of one shard.
type holder struct {
	r      *blockRun
	shard  int
	claims recordReader
	checks batch
	texts  []blockText

	claim []byte // the next one; nil at the end
	all   []line
	buf   []byte
	ends  []int // in buf, of each of the lines in it
}

// blockText is the first line of one of the worst blocks.
type blockText struct {
	holder corpus.Pos
	line   int64
	first  string
	place  Place
}

func (h *holder) read(ctx context.Context) (err error) {
	if h.claim, err = h.claims.read(); err != nil || h.claim == nil {
		return err
	}
	index := uint32(h.r.g.starts[h.shard])
	for row, err := range h.r.job.Rows(ctx, h.shard, true) {
		if err != nil {
			return err
		}
		if row.Out || !h.r.d.takes(row.Doc) {
			continue
		}
		if h.claim == nil {
			return nil
		}
		if be32(h.claim) == index {
			if err := h.document(index, row); err != nil {
				return err
			}
		}
		index++
	}
	return nil
}

// document writes down the lines of all windows that are claimed of it, each
// once, and turns the claims into checks.
func (h *holder) document(index uint32, row work.Row) error {
	h.all = h.all[:0]
	for l := range lines(row.Doc.Text) {
		h.all = append(h.all, l)
	}
	h.note(index, row)
	size := h.r.d.c.Blocks.Lines
	for h.claim != nil && be32(h.claim) == index {
		// The windows from first on that overlap one another are one stretch.
		first, until := int(be32(h.claim[4:])), 0
		var claims [][2]uint32 // claimant's index and line
		var at []int           // line of the window that is claimed
		h.buf, h.ends = h.buf[:0], h.ends[:0]
		for h.claim != nil && be32(h.claim) == index {
			k := int(be32(h.claim[4:]))
			if until > 0 && k > until || len(claims) >= maxStretch {
				break
			}
			if k+size > len(h.all) {
				return fmt.Errorf("%w: a window past the text's end", corpus.ErrCorrupt)
			}
			for l := first + len(h.ends); l < k+size; l++ {
				h.buf = appendWindow(h.buf, h.all[l:l+1])
				h.ends = append(h.ends, len(h.buf))
			}
			until = k + size
			claims, at = append(claims, [2]uint32{be32(h.claim[8:]), be32(h.claim[12:])}), append(at, k-first)
			var err error
			if h.claim, err = h.claims.read(); err != nil {
				return err
			}
		}
		start, err := h.r.held.add(h.buf)
		if err != nil {
			return err
		}
		for i, c := range claims {
			from := 0
			if at[i] > 0 {
				from = h.ends[at[i]-1]
			}
			b := put32(put32(h.checks.buf, c[0]), c[1])
			h.checks.buf = put32(put64(b, uint64(start+int64(from))), uint32(h.ends[at[i]+size-1]-from))
			if err := h.checks.done(false); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxStretch is how many claims are held at once. What many documents claim is
// written down more than once, which costs nothing that counts.
const maxStretch = 1 << 16

// note keeps the first lines of the worst blocks that the document holds.
func (h *holder) note(index uint32, row work.Row) {
	for _, b := range h.r.worst {
		if b.holder == corpus.Pos(index) && int(b.Line) < len(h.all) {
			first := strings.ToValidUTF8(string(h.all[b.Line].text[:min(firstShown, len(h.all[b.Line].text))]), "")
			h.texts = append(h.texts, blockText{b.holder, b.Line, first, placeOf(row.Pos, row.Doc)})
		}
	}
}

// name puts places and first lines into the worst blocks.
func (r *blockRun) name(texts []blockText) {
	for i := range r.worst {
		b := &r.worst[i]
		for _, t := range texts {
			if t.holder == b.holder && t.line == b.Line {
				b.First, b.Place = t.first, t.place
			}
		}
	}
}

// byShard is a file of records of which each begins with a document's index,
// sorted, and where those of each shard begin.
type byShard struct {
	file   vfs.File
	width  int
	starts []int64 // in the file, and its end
	first  []int64 // index of each shard's first document
}

// deal writes sorted records into a file.
func (r *blockRun) deal(from *extsort.Sorter, width int) (s *byShard, err error) {
	sorted, err := from.Sort()
	if err != nil {
		return nil, err
	}
	s = &byShard{width: width, starts: []int64{0}, first: r.g.starts}
	if s.file, err = r.scratch.Create(); err != nil {
		return nil, err
	}
	w, at := bufio.NewWriterSize(s.file, 1<<18), int64(0)
	for b, err := range sorted.All() {
		if err == nil {
			for int64(be32(b)) >= s.first[len(s.starts)] {
				s.starts = append(s.starts, at)
			}
			at += int64(width)
			_, err = w.Write(b)
		}
		if err != nil {
			s.file.Close()
			return nil, err
		}
	}
	for len(s.starts) < len(s.first) {
		s.starts = append(s.starts, at)
	}
	if err := w.Flush(); err != nil {
		s.file.Close()
		return nil, err
	}
	return s, nil
}

func (s *byShard) reader(shard int) recordReader {
	part := io.NewSectionReader(s.file, s.starts[shard], s.starts[shard+1]-s.starts[shard])
	return recordReader{bufio.NewReaderSize(part, 1<<16), make([]byte, s.width)}
}

// read returns a reader of the checks of a shard's documents.
func (s *byShard) read(shard int) *checkReader {
	return &checkReader{from: s.reader(shard), start: s.first[shard]}
}

func (s *byShard) close() error { return s.file.Close() }

// recordReader reads records of one width.
type recordReader struct {
	r   *bufio.Reader
	buf []byte
}

// read returns the next record, valid until the next call, or nil at the end.
func (r recordReader) read() ([]byte, error) {
	_, err := io.ReadFull(r.r, r.buf)
	if err == io.EOF {
		return nil, nil
	}
	if err == io.ErrUnexpectedEOF {
		err = fmt.Errorf("%w: %v", corpus.ErrCorrupt, err)
	}
	return r.buf, err
}
