package dedup

import (
	"context"
	"crypto/sha256"
	"hash"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
)

// pieceBytes is how much text of a repository is cut into shingles at once. A
// piece ends with a document; where another one begins, the few shingles across
// the border are left out. It leaves room below MaxShingles for any splitting.
const pieceBytes = 1 << 20

// repository collects what the entry, sketch and set of one repository are made
// from, its documents coming one after the other.
type repository struct {
	entry    entry
	contents hash.Hash // of the documents' content ids, in their order
	piece    []byte
	pile     sketch.Pile
	shingles []uint64
	long     bool // one document alone has too many shingles
	open     bool
}

func (r *repository) begin(e entry, doc *corpus.Doc) {
	r.entry, r.open, r.long = e, true, false
	if doc.Repo != "" {
		r.entry.path, r.entry.id = uint32(len(doc.Repo)), repoID(doc.Source, doc.Repo)
	}
	r.contents, r.piece = sha256.New(), r.piece[:0]
	r.pile.Reset()
}

// add takes a document's entry and text. A repository's licence is the worst
// of its documents'.
func (r *repository) add(d *Dedup, e entry, text []byte) {
	r.entry.license = max(r.entry.license, e.license)
	r.contents.Write(e.contentID[:])
	if d.c.Near.Off {
		return
	}
	if len(r.piece) > 0 && len(r.piece)+len(text) > pieceBytes {
		r.cut(d)
	}
	r.piece = append(append(r.piece, text...), '\n')
}

// cut makes shingles of the text collected so far.
func (r *repository) cut(d *Dedup) {
	if len(r.piece) == 0 {
		return
	}
	var ok bool
	r.shingles, ok = d.Shingles(r.shingles, r.piece[:len(r.piece)-1])
	r.long = r.long || !ok
	r.pile.Add(r.shingles)
	r.piece = r.piece[:0]
}

// end returns the entry and the set, which is valid until the next begin, with
// its scale.
func (r *repository) end(d *Dedup) (e entry, set []uint64, scale uint8) {
	r.cut(d)
	r.open = false
	e = r.entry
	set, scale = r.pile.Set()
	e.contentID = corpus.ID(r.contents.Sum(nil)[:16])
	switch {
	case r.long:
		e.shape, set, scale = long, nil, 0
	case scale > 0:
		e.shape = sampled
	case len(set) > 0:
		e.shape = shingled
	default:
		e.shape = short
	}
	return e, set, scale
}

// splits counts the repositories that are in several pieces.
func (g *global) splits(ctx context.Context) error {
	if g.d.c.Level != LevelRepository {
		return nil
	}
	s := g.sorter(len(corpus.ID{}), 2)
	defer s.Close()
	err := g.eachShard(ctx, func(ctx context.Context, shard int) error {
		if shard >= g.own {
			return nil
		}
		add, e := batch{to: s}, entry{}
		err := g.records(ctx, shard, entriesExt, entrySize, func(_ uint32, b []byte) error {
			e.parse(b)
			add.buf = append(add.buf, e.id[:]...)
			return add.done(false)
		})
		if err != nil {
			return err
		}
		return add.done(true)
	})
	if err != nil {
		return err
	}
	sorted, err := s.Sort()
	if err != nil {
		return err
	}
	var last corpus.ID
	pieces := 0
	for r, err := range sorted.All() {
		if err != nil {
			return err
		}
		if id := corpus.ID(r); id != last {
			last, pieces = id, 0
		}
		if pieces++; pieces == 2 {
			g.summary.SplitRepositories++
		}
	}
	return nil
}
