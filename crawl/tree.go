package crawl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/lang/notebook"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/license"
)

// treeContents is a unit's contents where it is a tree of files.
type treeContents struct {
	tree
	// listed is its listing where that is known still to be true; nil where the tree has
	// to be listed again.
	listed *listing
}

// List is the tree's, or reads the listing.
func (t treeContents) List(ctx context.Context, yield func(origin.Entry) error) error {
	if t.listed == nil {
		return t.tree.List(ctx, yield)
	}
	var broken error
	for e := range t.listed.each(&broken) {
		if err := yield(e); err != nil {
			return err
		}
	}
	return broken
}

// crawl lists the tree once more and reads its files in their order.
func (t treeContents) crawl(ctx context.Context, w *writer, u *unit) error {
	l := newListing(w.c.Create)
	defer l.close()
	var speaking []origin.Entry // of licences
	var attributing, editing []origin.Entry
	err := t.List(ctx, func(e origin.Entry) error {
		if mayName(e) {
			speaking = append(speaking, e)
		}
		if mayAttribute(e) {
			attributing = append(attributing, e)
		}
		if maySay(e, editorConfigName) {
			editing = append(editing, e)
		}
		return l.add(e)
	})
	if err != nil {
		return err
	}
	unread := map[string]*origin.Left{}
	if w.attributes, err = readAttributes(ctx, t, attributing, unread); err != nil {
		return err
	}
	if w.editing, err = readEditorConfigs(ctx, t, editing, unread); err != nil {
		return err
	}
	defer func() {
		w.attributes = nil
		w.editing = nil
	}()
	lic, err := w.licences(ctx, t, u, l, speaking, unread)
	if err != nil {
		return err
	}
	if w.repeats != nil {
		if err := u.unchanged(l); err != nil {
			return err
		}
	}
	in, err := t.Open(ctx, func(yield func(origin.Entry, error) bool) {
		var broken error
		for f := range w.files(u, l, false, &broken) {
			if f.left == nil && !yield(f.Entry, nil) {
				return
			}
		}
		if broken != nil {
			yield(origin.Entry{}, broken)
		}
	})
	if err != nil {
		return err
	}
	defer in.Close()
	var broken error
	for f := range w.files(u, l, true, &broken) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.file(u, f, in, lic, unread[f.Path]); err != nil {
			return err
		}
		w.progress(f)
	}
	return broken
}

// progress tells the meter that a file is done. The listed bytes of one that is left out
// are taken from those still to come.
func (w *writer) progress(f found) {
	switch {
	case f.left == nil:
		w.c.job.Meter.Did(1, f.Size)
	case f.Size <= w.c.cfg.limit(f.Path):
		w.c.job.Meter.Expect(-f.Size)
		fallthrough
	default:
		w.c.job.Meter.Did(1, 0)
	}
}

// found is an entry of a listing with what is decided before its bytes are read.
type found struct {
	origin.Entry
	left *corpus.LeftOut // why it is left out; nil if it may become a document
	also []string        // names of the other places of its blob, with blobs: once
}

// files iterates over a listing and decides what can be decided by it. The names of
// other places are looked up if names is set. An error ends the iteration and is *errp.
func (w *writer) files(u *unit, l *listing, names bool, errp *error) iter.Seq[found] {
	return func(yield func(found) bool) {
		marks, err := w.repeats.of(u.index)
		if err != nil {
			*errp = fmt.Errorf("%s: %w", repeatsSub, err)
			return
		}
		index := -1
		for e := range l.each(errp) {
			index++
			seen, also, err := marks.next(index, names)
			if err != nil {
				*errp = fmt.Errorf("%s: %w", repeatsSub, err)
				return
			}
			f := found{e, w.refuse(u, e), also}
			if seen {
				f.left = &corpus.LeftOut{Source: u.src.Name, Repo: u.repo, Path: e.Path, Reason: SeenBlob}
			}
			if !yield(f) {
				return
			}
		}
	}
}

// refuse returns why an entry is left out that need not be read for it, nil if it has to
// be read.
func (w *writer) refuse(u *unit, e origin.Entry) *corpus.LeftOut {
	l := corpus.LeftOut{Source: u.src.Name, Repo: u.repo, Path: e.Path}
	limit := w.c.cfg.limit(e.Path)
	l.Reason = u.src.sel.reason(e.Path)
	switch {
	case l.Reason != "":
	case escapes(e.Path) || e.Path[0] == '/': // no tree of git's own making has either
		l.Reason = Path
	case e.Mode != origin.RegularMode:
		l.Reason = e.Mode.Reason()
	case e.Size == 0:
		l.Reason = Empty
	case e.Size > limit:
		l.Reason, l.Value, l.Limit = TooLarge, float64(e.Size), float64(limit)
	case len(u.src.Kinds) == 0 || w.c.cfg.notebook(e.Path) != notebook.None:
		return nil
	default:
		ok, detail := u.src.mayWant(e.Path)
		if ok {
			return nil
		}
		l.Reason, l.Detail = Kind, detail
	}
	return &l
}

// file makes one file a document or leaves it. What could not be read when it was to
// say something of others, such as a licence, is left out, also where it can be now:
// else nothing would tell that they lack it.
func (w *writer) file(u *unit, f found, in origin.Blobs, lic *license.Tree, unread *origin.Left) error {
	l := corpus.LeftOut{Source: u.src.Name, Repo: u.repo, Path: f.Path}
	var raw []byte
	if f.left == nil {
		var err error
		var left *origin.Left
		raw, err = in.Read(f.Entry)
		if err != nil && !errors.As(err, &left) {
			return err
		}
		if unread == nil {
			unread = left
		}
	}
	if unread != nil {
		l.Reason, l.Detail = unread.Reason, unread.Detail
		return w.leave(l, f.Size)
	}
	if f.left != nil {
		return w.leave(*f.left, f.Size)
	}
	size := int64(len(raw))
	if limit := w.c.cfg.limit(f.Path); size > limit { // it has grown
		l.Reason, l.Value, l.Limit = TooLarge, float64(size), float64(limit)
		return w.leave(l, size)
	}
	if u.src.ExportIgnore && w.attributes != nil {
		if at, ignored := w.attributes.exportIgnored(f.Path); ignored {
			l.Reason, l.Detail = ExportIgnore, at
			return w.leave(l, size)
		}
	}
	d, left := w.document(u, f.Entry, raw, lic)
	if left != nil {
		l.Reason, l.Detail, l.Value, l.Limit = left.Reason, left.Detail, left.Value, left.Limit
		return w.leave(l, size)
	}
	d.AlsoAt = f.also
	return w.keep(d)
}

// document makes a document of a file's bytes, or says why it is left out.
func (w *writer) document(u *unit, e origin.Entry, raw []byte, lic *license.Tree) (*corpus.Doc, *origin.Left) {
	how := w.c.cfg.decoding()
	var by string
	how.Declared, by = w.declared(e, raw)
	decoded := lang.Decode(raw, how)
	if decoded.Defect != "" {
		return nil, &origin.Left{Reason: corpus.Reason(decoded.Defect)}
	}
	d := &corpus.Doc{
		BlobID: e.Blob, Source: u.src.Name, Repo: u.repo, Revision: u.revision, Path: e.Path,
		Bytes: int64(len(raw)), Encoding: decoded.Encoding, Text: decoded.Text,
	}
	if left := w.c.cfg.convert(d, w.c.cfg.notebook(e.Path)); left != nil {
		return nil, left
	}
	if !w.describe(d) {
		return nil, &origin.Left{Reason: Undetected}
	}
	if decoded.ByRepo {
		d.Flags = append(d.Flags, by)
	}
	setKind(d, d.Path)
	if !wants(u.src.Kinds, d.Kind) {
		return nil, &origin.Left{Reason: Kind, Detail: kindDetail(d.Kind, kindRule(d))}
	}
	if d.BlobID == "" {
		d.BlobID = origin.BlobID(raw)
	}
	licensed(d, lic.Of(e.Path, d.Kind, w.c.licences.Head(d.Text, d.Language)))
	u.meta.put(d)
	if decoded.Stray > 0 {
		w.out.Count.Tally("stray_bytes", w.c.cfg.StrayBytes, ledger.Amount{Docs: 1, Bytes: int64(decoded.Stray)})
	}
	return d, nil
}

// declared returns the encoding that the tree says a file is in, and the flag that says
// where. What .gitattributes say is written by git itself, but in its repository such
// files are in UTF-8, unless they came there before the attribute did.
func (w *writer) declared(e origin.Entry, raw []byte) (encoding, flag string) {
	inRepository := e.Blob != ""
	isUTF8 := utf8.Valid(raw) && bytes.IndexByte(raw, 0) < 0
	if isUTF8 && inRepository {
		return "", ""
	}
	if name, at, ok := w.attributes.of(e.Path, false, attrEncoding); ok {
		return name, corpus.Flag(attrEncoding, at)
	}
	if isUTF8 {
		return "", ""
	}
	name, at, _ := w.editing.of(e.Path)
	return name, corpus.Flag(corpus.SaidCharset, at)
}
