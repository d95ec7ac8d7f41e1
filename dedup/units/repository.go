package units

import (
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
	entry    Entry
	contents hash.Hash // of the documents' content ids, in their order
	piece    []byte
	pile     sketch.Pile
	shingles []uint64
	long     bool // one document alone has too many shingles
	open     bool
}

func (r *repository) begin(e Entry, doc *corpus.Doc) {
	r.entry, r.open, r.long = e, true, false
	if doc.Repo != "" {
		r.entry.path, r.entry.ID = uint32(len(doc.Repo)), repoID(doc.Source, doc.Repo)
	}
	r.contents, r.piece = sha256.New(), r.piece[:0]
	r.pile.Reset()
}

// add takes a document's entry and text. A repository's licence is the worst
// of its documents'.
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

// cut makes shingles of the text collected so far.
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

// end returns the entry and the set, which is valid until the next begin, with
// its scale.
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
