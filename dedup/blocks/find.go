package blocks

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/work"
)

// claim says that a window of one document has the hash of a better document's. A
// document may make several claims of one window, where it has that several times.
type claim struct {
	holder, held   uint32 // ordinal of the better document, and the first line of the window in it
	claimant, line uint32 // the same of the other one
}

// claimSize is the length of a claim: its fields in their order, big-endian.
const claimSize = 4 + 4 + 4 + 4

func (k claim) append(b []byte) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, k.holder), k.held), k.claimant), k.line)
}

func parseClaim(b []byte) claim {
	return claim{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])}
}

// foundBlock is one of the worst blocks. Its first line and the name of its holder are
// filled in when the holder's text is read.
type foundBlock struct {
	Holder uint32 // ordinal of the document that holds it
	Block  Block
}

// claimsNeed describes the finding of claims. All windows are sorted by hash, and those
// of one hash from the best document to the worst. The first one is the holder's; those
// of other documents claim to be the same. With windows of rank and line
//
//	hash 5: {0, 10} {0, 40} {3, 7} {9, 2}
//	hash 6: {3, 8}
//
// the document of rank 0 holds hash 5 in its line 10, and the claims are {0, 10, 3, 7} and
// {0, 10, 9, 2}. What the holder has twice is not repeated, and neither is hash 6.
func (r *stage) claimsNeed() (s work.Stage, err error) {
	windows, err := r.job.Sub(windowsSub).Dir().Manifest()
	if err != nil {
		return s, err
	}
	return work.Stage{
		Version: blocksVersion, Settings: []any{r.Sorted, r.Config.Lines}, Workers: 1,
		Tasks: []work.Task{{Shard: units.AllShard, Inputs: windows.Contents(), Make: func(ctx context.Context, out *work.Output) error {
			return r.inScratch(claimsSub, func(p *phase) error { return r.findClaims(ctx, p, out) })
		}}},
	}, nil
}

// phase is what the steps share that look at all documents at once.
type phase struct {
	*units.All               // of the windows need; there is no index at this level
	sorting    units.Sorting // with the memory that the ranks leave
	workers    int           // goroutines
}

// inScratch calls do with a phase, its memory and a scratch folder. It fails when the
// memory is too little for the ranks of all documents: 8 bytes each, as rank and ordinal
// have 4.
func (r *stage) inScratch(part string, do func(p *phase) error) error {
	own, err := units.ShardsOf(r.job.Sub(windowsSub).Dir())
	if err != nil {
		return err
	}
	all, err := units.NewAll(own, nil)
	if err != nil {
		return err
	}
	ranks := 8 * all.Count()
	if least := ranks + 16<<20; r.job.Memory < least {
		return fmt.Errorf("the windows of %d documents need a memory of %d MiB at least, --memory gives %d MiB", all.Count(), least>>20+1, r.job.Memory>>20)
	}
	return units.InScratch(r.job, part, func(scratch *work.Scratch) error {
		return do(&phase{all, units.Sorting{Memory: r.job.Memory - ranks, Scratch: scratch}, r.job.Workers})
	})
}

// findClaims writes all.claims and all.json.
func (r *stage) findClaims(ctx context.Context, p *phase, out *work.Output) error {
	claims := p.sorting.Sorter(claimSize, 4)
	defer claims.Close()
	worst, err := claimAll(ctx, p, r.Order, r.Config.Lines, claims)
	if err != nil {
		return err
	}
	if err := deal(out, claimsExt, claims, p.Starts); err != nil {
		return err
	}
	return out.WriteJSON(units.AllShard+".json", worst)
}

// deal writes records, sorted, into a sharded file. They begin with an ordinal; first
// is as for units.CreateSharded.
func deal(out *work.Output, ext string, from *extsort.Sorter, first []int64) error {
	sorted, err := from.Sort()
	if err != nil {
		return err
	}
	w, err := units.CreateSharded(out, ext, first)
	if err != nil {
		return err
	}
	for b, err := range sorted.All() {
		if err != nil {
			return err
		}
		if err := w.Write(int64(binary.BigEndian.Uint32(b)), b); err != nil {
			return err
		}
	}
	return w.Close()
}

// claimAll sorts the windows of all documents and writes the claims, in the order of the
// hashes, to a sorter. It returns the worst blocks. size is the lines of a window.
func claimAll(ctx context.Context, p *phase, order *units.Order, size int, claims *extsort.Sorter) (worst []foundBlock, err error) {
	rankOf, ordinalOf, err := p.Rank(ctx, p.workers, order, p.sorting)
	if err != nil {
		return nil, err
	}
	s := p.sorting.Sorter(windowSize, 2)
	defer s.Close()
	err = p.Each(ctx, p.workers, 0, p.Own, func(ctx context.Context, shard int) error {
		in, err := p.Shards[shard].Open(windowsExt)
		if err != nil {
			return err
		}
		defer in.Close()
		from, add, buf := bufio.NewReaderSize(in, 1<<18), units.Batch{To: s}, make([]byte, windowSize)
		for {
			b, err := units.ReadRecord(from, buf)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			if b == nil {
				return add.Done(true)
			}
			w := parseWindow(b)
			w.doc = rankOf[p.Starts[shard]+int64(w.doc)]
			add.Buf = w.append(add.Buf)
			if err := add.Done(false); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return nil, err
	}
	sorted, err := s.Sort()
	if err != nil {
		return nil, err
	}
	c := claimer{ordinalOf: ordinalOf, out: units.Batch{To: claims}}
	for b, err := range sorted.All() {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.add(parseWindow(b))
		}
		if err != nil {
			return nil, err
		}
	}
	c.end()
	return c.blocks(size), c.out.Done(true)
}

// claimer is given the sorted windows: by hash, and those of one hash from the best
// document to the worst.
type claimer struct {
	ordinalOf []uint32      // of documents, by rank
	out       units.Batch   // of claim
	first     window        // the first of the present hash: the holder's
	last      uint32        // rank of the last document that has it
	documents int64         // how many have it; 0 before the first window
	worst     []worstWindow // those with most documents so far, and some more: see keepWorst
}

// add takes the next window.
func (c *claimer) add(w window) error {
	switch {
	case c.documents == 0 || w.hash != c.first.hash:
		c.end()
		c.first, c.last, c.documents = w, w.doc, 1
		return nil
	case w.doc == c.first.doc:
		return nil // the holder has it twice
	case w.doc != c.last:
		c.last = w.doc
		c.documents++
	}
	k := claim{c.ordinalOf[c.first.doc], c.first.line, c.ordinalOf[w.doc], w.line}
	c.out.Buf = k.append(c.out.Buf)
	return c.out.Done(false)
}

// worstWindow is a window that many documents have.
type worstWindow struct {
	documents  int64  // how many
	rank, line uint32 // of its holder, and the first line in it
}

// compare puts the window that most documents have first; of equal ones the one whose
// holder is the better document.
func (w worstWindow) compare(v worstWindow) int {
	return cmp.Or(cmp.Compare(v.documents, w.documents), cmp.Compare(w.rank, v.rank), cmp.Compare(w.line, v.line))
}

const (
	worstWindows = 4096 // windows kept while the worst blocks are looked for
	worstBlocks  = 10   // blocks in a summary
	firstShown   = 120  // bytes of a block's first line in a summary
)

// end ends the windows of one hash, and remembers it if several documents have it.
func (c *claimer) end() {
	if c.documents < 2 {
		return
	}
	c.worst = append(c.worst, worstWindow{c.documents, c.first.doc, c.first.line})
	if len(c.worst) >= 2*worstWindows {
		c.keepWorst()
	}
}

// keepWorst leaves worstWindows of the windows. It is called when there are twice as many,
// so that sorting costs little a window.
func (c *claimer) keepWorst() {
	slices.SortFunc(c.worst, worstWindow.compare)
	c.worst = c.worst[:min(len(c.worst), worstWindows)]
}

// blocks makes blocks of the worst windows, the most frequent first. A licence header of 20
// lines is 11 windows of 10 lines, and one block is to be shown, not 11. So from a window
// a block goes on in both directions, as long as the next window of the same holder is in
// at least nine tenths as many documents. Windows that overlap a block are used up.
//
// It returns the blocks that are most lines over all documents: documents times lines. It
// is an estimate, for only the worst windows were kept.
func (c *claimer) blocks(size int) []foundBlock {
	c.keepWorst()
	type windowAt struct{ rank, line uint32 }
	left := map[windowAt]int64{} // documents of the windows that are in no block yet
	for _, w := range c.worst {
		left[windowAt{w.rank, w.line}] = w.documents
	}
	var list []foundBlock
	for _, w := range c.worst {
		if left[windowAt{w.rank, w.line}] == 0 {
			continue
		}
		// follow returns the last line that a block reaches by steps of 1, or of -1 as
		// uint32 has it: a step below line 0 finds no window.
		follow := func(line, step uint32) uint32 {
			for 10*left[windowAt{w.rank, line + step}] >= 9*w.documents {
				line += step
			}
			return line
		}
		first, last := follow(w.line, ^uint32(0)), follow(w.line, 1)
		for at := first - min(first, uint32(size-1)); at < last+uint32(size); at++ {
			delete(left, windowAt{w.rank, at}) // it overlaps the block
		}
		list = append(list, foundBlock{c.ordinalOf[w.rank], Block{Documents: w.documents, Lines: int64(last-first) + int64(size), Line: int64(first)}})
	}
	slices.SortStableFunc(list, func(a, b foundBlock) int {
		return cmp.Compare(b.Block.Documents*b.Block.Lines, a.Block.Documents*a.Block.Lines)
	})
	return list[:min(len(list), worstBlocks)]
}

// textsNeed describes the copying of claimed windows out of the holders' texts.
func (r *stage) textsNeed() (s work.Stage, err error) {
	claims, err := r.job.Sub(claimsSub).Dir().Manifest()
	if err != nil {
		return s, err
	}
	s, err = r.job.Sub(textsSub).PerShard(work.Stage{Version: blocksVersion, Settings: r.Config.Lines}, work.TableMemory, r.texts)
	for i := range s.Tasks {
		s.Tasks[i].Inputs, s.Tasks[i].Bytes = []any{s.Tasks[i].Inputs, claims.Contents()}, 0
	}
	return s, err
}

// texts writes the claimed windows of one shard's documents, and the checks: the task of
// the texts need. The documents of a shard of which nothing is claimed are not read.
func (r *stage) texts(ctx context.Context, shard int, out *work.Output) (err error) {
	from := units.Shard{Dir: r.job.Sub(claimsSub).Dir(), Name: units.AllShard}
	claims, err := units.OpenSharded(from, claimsExt, claimSize, shard)
	if err != nil {
		return err
	}
	defer claims.Close()
	h := holder{maker: r.Maker, shard: uint32(shard), claims: claims, size: r.Config.Lines}
	if err := from.Dir.ReadJSON(units.AllShard, units.AllShard+".json", &h.worst); err != nil {
		return err
	}
	if h.text, err = out.Create(out.Shard() + textExt); err != nil {
		return err
	}
	if h.checks, err = out.Create(out.Shard() + checksExt); err != nil {
		return err
	}
	if err := h.read(r.job.Rows(ctx, shard, true)); err != nil {
		return err
	}
	return out.WriteJSON(out.Shard()+".json", h.named)
}

// holder goes through the documents of one shard and the claims on them, side by side.
type holder struct {
	maker        *units.Maker
	shard        uint32
	size         int                  // lines of a window
	claims       *units.ShardedReader // by holder and line
	worst        []foundBlock         // all of the run
	text, checks *work.FileWriter
	named        []foundBlock // those of worst that the shard's documents hold, with names

	next claim  // the first that has not been looked at
	have bool   // false when there are no more claims
	all  []line // of one document
	buf  []byte // text of a stretch, and after that its checks
	ends []int  // where in the stretch's text each of its lines ends
}

// advance reads the next claim.
func (h *holder) advance() error {
	b, err := h.claims.Read()
	if h.have = b != nil; h.have {
		h.next = parseClaim(b)
	}
	return err
}

// read goes through the documents until there are no more claims. The ordinals of those
// that take part follow each other, from that of the shard's first unit.
func (h *holder) read(rows iter.Seq2[work.Row, error]) error {
	if err := h.advance(); err != nil || !h.have {
		return err
	}
	ordinal := uint32(h.claims.First)
	for row, err := range rows {
		if err != nil {
			return err
		}
		if row.Out || !h.maker.Takes(row.Doc) {
			continue
		}
		if h.next.holder == ordinal {
			if err := h.document(row); err != nil {
				return err
			}
		}
		if !h.have {
			return nil
		}
		ordinal++
	}
	return fmt.Errorf("%w: claims of more documents than there are", corpus.ErrCorrupt)
}

// document writes the lines of all windows that are claimed of a document, and a check for
// each claim. Windows that overlap share their lines in the file: of claims on the lines
// 3 to 5 and 4 to 6 the text has the lines 3 to 6, and the second check begins at line 4.
func (h *holder) document(row work.Row) error {
	h.all = h.all[:0]
	for l := range lines(row.Doc.Text) {
		h.all = append(h.all, l)
	}
	ordinal := h.next.holder
	h.name(ordinal, row)
	for h.have && h.next.holder == ordinal {
		// A stretch is windows that overlap: from line first to line until-1.
		first, until := int(h.next.held), 0
		var claims []claim
		h.buf, h.ends = h.buf[:0], h.ends[:0]
		for h.have && h.next.holder == ordinal {
			k := int(h.next.held)
			if until > 0 && k > until || len(claims) >= maxStretch {
				break
			}
			if k+h.size > len(h.all) {
				return fmt.Errorf("%w: a window past the text's end", corpus.ErrCorrupt)
			}
			for l := first + len(h.ends); l < k+h.size; l++ {
				h.buf = appendWindow(h.buf, h.all[l:l+1])
				h.ends = append(h.ends, len(h.buf))
			}
			until = k + h.size
			claims = append(claims, h.next)
			if err := h.advance(); err != nil {
				return err
			}
		}
		start := h.text.Offset()
		if _, err := h.text.Write(h.buf); err != nil {
			return err
		}
		h.buf = h.buf[:0]
		for _, k := range claims {
			at, from := int(k.held)-first, 0
			if at > 0 {
				from = h.ends[at-1]
			}
			h.buf = check{k.claimant, k.line, h.shard, uint64(start + int64(from)), uint32(h.ends[at+h.size-1] - from)}.append(h.buf)
		}
		h.checks.Rows += int64(len(claims))
		if _, err := h.checks.Write(h.buf); err != nil {
			return err
		}
	}
	return nil
}

// maxStretch is how many claims are held at once. Beyond it a new stretch begins, and a
// window that more documents claim is written more than once, which costs little.
const maxStretch = 1 << 16

// name notes name and first line of the worst blocks that a document holds, as this is
// where its text is at hand. Half a character at the end of what is shown is left out.
func (h *holder) name(ordinal uint32, row work.Row) {
	for _, b := range h.worst {
		if b.Holder == ordinal && int(b.Block.Line) < len(h.all) {
			first := h.all[b.Block.Line].text
			b.Block.First = strings.ToValidUTF8(string(first[:min(firstShown, len(first))]), "")
			b.Block.Place = units.NameOf(row.Pos, row.Doc)
			h.named = append(h.named, b)
		}
	}
}

// checksNeed describes the sorting of the checks by claimant. It also puts the worst blocks
// together, whose names the tasks of the texts need have found.
func (r *stage) checksNeed() (s work.Stage, err error) {
	windows, err := r.job.Sub(windowsSub).Dir().Manifest()
	if err != nil {
		return s, err
	}
	texts, err := r.job.Sub(textsSub).Dir().Manifest()
	if err != nil {
		return s, err
	}
	return work.Stage{
		Version: blocksVersion, Workers: 1,
		Tasks: []work.Task{{Shard: units.AllShard, Inputs: []string{windows.Contents(), texts.Contents()}, Make: func(ctx context.Context, out *work.Output) error {
			return r.inScratch(checksSub, func(p *phase) error { return r.sortChecks(ctx, p, out) })
		}}},
	}, nil
}

// sortChecks writes all.checks and all.json.
func (r *stage) sortChecks(ctx context.Context, p *phase, out *work.Output) error {
	checks := p.sorting.Sorter(checkSize, 2)
	defer checks.Close()
	from, err := units.ShardsOf(r.job.Sub(textsSub).Dir())
	if err != nil {
		return err
	}
	named := make([][]foundBlock, p.Own)
	err = p.Each(ctx, p.workers, 0, p.Own, func(ctx context.Context, shard int) error {
		in, err := from[shard].Open(checksExt)
		if err != nil {
			return err
		}
		defer in.Close()
		buf := make([]byte, checkSize<<10)
		for {
			n, err := io.ReadFull(in, buf)
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				err = nil
			}
			if err == nil {
				err = checks.Add(buf[:n])
			}
			if err != nil {
				return err
			}
			if n < len(buf) {
				break
			}
		}
		return from[shard].Dir.ReadJSON(from[shard].Name, from[shard].Name+".json", &named[shard])
	})
	if err != nil {
		return err
	}
	if err := deal(out, checksExt, checks, p.Starts); err != nil {
		return err
	}
	var worst []foundBlock
	if err := r.job.Sub(claimsSub).Dir().ReadJSON(units.AllShard, units.AllShard+".json", &worst); err != nil {
		return err
	}
	blocks := []Block{}
	for _, b := range worst {
		for _, n := range slices.Concat(named...) {
			if n.Holder == b.Holder && n.Block.Line == b.Block.Line {
				b = n
			}
		}
		blocks = append(blocks, b.Block)
	}
	return out.WriteJSON(units.AllShard+".json", blocks)
}
