package units

import (
	"crypto/sha256"
	"hash"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup/sketch"
)

// pieceBytes is about how much text of a repository is cut into shingles at once. A
// piece ends with a document; a longer document is a piece of its own. Shingles
// across the border of two pieces are left out: a few in a million. A piece of this
// size has less than sketch.MaxShingles shingles, however its text is split.
const pieceBytes = 1 << 20

// repository collects the entry and the set of one repository from its documents: it
// is told begin, then add for each document in their order, then end.
type repository struct {
	entry    Entry
	contents hash.Hash   // of the documents' content ids, in their order
	piece    []byte      // text that is not cut into shingles yet
	pile     sketch.Pile // the set so far
	shingles []uint64    // memory for those of a piece
	long     bool        // one document alone has too many shingles
	open     bool        // begun and not ended
}

// begin starts the repository of a document, whose entry is given.
func (r *repository) begin(e Entry, doc *corpus.Doc) {
	r.entry, r.open, r.long = e, true, false
	if doc.Repo != "" {
		r.entry.path, r.entry.ID = uint32(len(doc.Repo)), repoID(doc.Source, doc.Repo)
	}
	r.contents, r.piece = sha256.New(), r.piece[:0]
	r.pile.Reset()
}

// add takes a document: its entry, and what of its text counts for being similar. A repository's
// licence is the worst of its documents'.
func (r *repository) add(m *Maker, e Entry, text []byte) {
	r.entry.license = max(r.entry.license, e.license)
	r.contents.Write(e.ContentID[:])
	if !m.Near {
		return
	}
	if len(r.piece) > 0 && len(r.piece)+len(text) > pieceBytes {
		r.cut(m)
	}
	r.piece = append(append(r.piece, text...), '\n')
}

// cut puts the shingles of the text collected so far onto the pile.
func (r *repository) cut(m *Maker) {
	if len(r.piece) == 0 {
		return
	}
	var ok bool
	r.shingles, ok = m.Shingles(r.shingles, r.piece[:len(r.piece)-1])
	r.long = r.long || !ok
	r.pile.Add(r.shingles)
	r.piece = r.piece[:0]
}

// end returns the repository's entry and its set, which is valid until the next
// begin. A scale above 0 says that the set is a sample: see sketch.Pile.
func (r *repository) end(m *Maker) (e Entry, set []uint64, scale uint8) {
	r.cut(m)
	r.open = false
	e = r.entry
	set, scale = r.pile.Set()
	e.ContentID = corpus.ID(r.contents.Sum(nil)[:16])
	switch {
	case r.long:
		e.Shape, set, scale = Long, nil, 0
	case scale > 0:
		e.Shape = Sampled
	case len(set) > 0:
		e.Shape = Shingled
	default:
		e.Shape = short
	}
	return e, set, scale
}
