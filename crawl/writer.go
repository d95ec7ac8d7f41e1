package crawl

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/license"
	"github.com/codemill/codemill/work"
)

// writer makes one shard.
type writer struct {
	c      *crawler
	out    *work.Output
	docs   work.DocWriter
	left   *work.TableFile[corpus.Left]
	detect *lang.Detector
}

// make crawls the units of a shard in their order.
func (c *crawler) make(ctx context.Context, units []*unit, out *work.Output) error {
	w := &writer{c: c, out: out, detect: lang.NewDetector()}
	var err error
	if w.docs, err = out.CreateDocs(); err != nil {
		return err
	}
	if w.left, err = out.CreateLeft(); err != nil {
		return err
	}
	for _, u := range units {
		if u.tree != nil {
			err = w.repository(ctx, u)
		} else {
			err = w.lines(ctx, u)
		}
		if err != nil {
			return fmt.Errorf("source %s: %s: %w", u.src.Name, u.repo, err)
		}
	}
	if err := w.docs.Close(); err != nil {
		return err
	}
	return w.left.Close()
}

// keep writes a document. Its text counts in the ledger, in and kept.
func (w *writer) keep(d *corpus.Doc) error {
	d.SetIDs()
	a := ledger.Amount{Docs: 1, Bytes: int64(len(d.Text))}
	w.out.Count.Keep(d.Source, a)
	w.out.Count.Tally("language", d.Language, a)
	w.out.Count.Tally("kind", d.Kind, a)
	w.out.Count.Tally("license", d.License, a)
	w.out.Count.Tally("license_type", d.LicenseType, a)
	return w.docs.Write(d)
}

// leave writes what is not made a document, which counts with its size.
func (w *writer) leave(l corpus.Left, size int64) error {
	l.Detail = strings.ToValidUTF8(l.Detail, string(utf8.RuneError))
	w.out.Count.Drop(l.Source, string(l.Reason), ledger.Amount{Docs: 1, Bytes: size})
	return w.left.Write(&l)
}

// repository crawls one tree.
func (w *writer) repository(ctx context.Context, u *unit) error {
	l := newListing(w.c.scratch.Create)
	defer l.close()
	var texts []entry // of licences
	err := u.tree.list(ctx, func(e entry) error {
		if license.IsFile(e.path) && e.mode == regular && e.size > 0 && e.size <= w.c.cfg.MaxFileBytes {
			texts = append(texts, e)
		}
		return l.add(e)
	})
	if err != nil {
		return err
	}
	lic, err := w.licences(ctx, u, texts)
	if err != nil {
		return err
	}
	if w.c.repeats != nil && u.revision == "" && l.state() != u.state {
		return errors.New("the folder changed while it was crawled, which blobs: once does not bear; run again")
	}
	var broken error // the listing's
	var unseen error // the same, met by the iteration that asks for blobs
	in, err := u.tree.open(ctx, func(yield func(entry) bool) {
		for f := range w.files(u, l, false, &unseen) {
			if f.left == nil && !yield(f.entry) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	defer in.close()
	for f := range w.files(u, l, true, &broken) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.file(u, f, in, lic); err != nil {
			return err
		}
		w.progress(f)
	}
	return broken
}

// progress counts what was read; what was not is expected no more.
func (w *writer) progress(f file) {
	switch {
	case f.left == nil:
		w.c.job.Meter.Did(1, f.size)
	case f.size <= w.c.cfg.MaxFileBytes:
		w.c.job.Meter.Expect(-f.size)
		fallthrough
	default:
		w.c.job.Meter.Did(1, 0)
	}
}

// file is an entry with what is decided of it before its bytes are seen.
type file struct {
	entry
	left *corpus.Left // why it is no document; nil if it may be one
	also []string     // other places of the blob
}

// files iterates over a listing. Names of other places are looked up on demand.
func (w *writer) files(u *unit, l *listing, names bool, errp *error) iter.Seq[file] {
	return func(yield func(file) bool) {
		marks, index := w.c.repeats.of(u.index), -1
		for e := range l.each(errp) {
			index++
			seen, also, err := marks.next(index, names)
			if err != nil {
				*errp = fmt.Errorf("places in scratch space: %w", err)
				return
			}
			f := file{e, w.refuse(u, e), also}
			if seen {
				f.left = &corpus.Left{Source: u.src.Name, Repo: u.repo, Path: e.path, Reason: SeenBlob}
			}
			if !yield(f) {
				return
			}
		}
	}
}

// licences reads the licence files of a tree.
func (w *writer) licences(ctx context.Context, u *unit, texts []entry) (*license.Tree, error) {
	fallback := license.Default(u.src.License)
	if len(texts) == 0 {
		return license.NewTree(fallback, nil), nil
	}
	in, err := u.tree.open(ctx, slices.Values(texts))
	if err != nil {
		return nil, err
	}
	defer in.close()
	var files []license.File
	for _, e := range texts {
		raw, err := in.read(e)
		var left *leftError
		if errors.As(err, &left) {
			raw = nil // counted when its turn as a file comes
		} else if err != nil {
			return nil, err
		}
		expression := ""
		if text, _, defect := lang.Decode(raw, true); defect == "" {
			if expression, err = w.c.licences.Recognize(text); err != nil {
				return nil, err
			}
		}
		files = append(files, license.File{Path: e.path, Expression: expression})
	}
	return license.NewTree(fallback, files), nil
}

// refuse returns what speaks against an entry before its bytes are seen.
func (w *writer) refuse(u *unit, e entry) *corpus.Left {
	l := corpus.Left{Source: u.src.Name, Repo: u.repo, Path: e.path}
	limit := w.c.cfg.MaxFileBytes
	l.Reason = u.src.sel.reason(e.path)
	switch {
	case l.Reason != "":
	case e.mode != regular:
		l.Reason = modeReasons[e.mode]
	case e.size == 0:
		l.Reason = Empty
	case e.size > limit:
		l.Reason, l.Value, l.Limit = TooLarge, float64(e.size), float64(limit)
	case len(u.src.Kinds) > 0 && !u.src.mayWant(e.path):
		l.Reason = Kind
	default:
		return nil
	}
	return &l
}

// file makes one file a document or leaves it.
func (w *writer) file(u *unit, f file, in blobs, lic *license.Tree) error {
	if f.left != nil {
		return w.leave(*f.left, f.size)
	}
	l := corpus.Left{Source: u.src.Name, Repo: u.repo, Path: f.path}
	raw, err := in.read(f.entry)
	var left *leftError
	if errors.As(err, &left) {
		l.Reason, l.Detail = left.reason, left.detail
		return w.leave(l, f.size)
	} else if err != nil {
		return err
	}
	size := int64(len(raw))
	if size > w.c.cfg.MaxFileBytes { // it has grown
		l.Reason, l.Value, l.Limit = TooLarge, float64(size), float64(w.c.cfg.MaxFileBytes)
		return w.leave(l, size)
	}
	d, reason := w.document(u, f.entry, raw, lic)
	if reason != "" {
		l.Reason = reason
		return w.leave(l, size)
	}
	d.AlsoAt = f.also
	return w.keep(d)
}

// document makes a document of a file's bytes.
func (w *writer) document(u *unit, e entry, raw []byte, lic *license.Tree) (*corpus.Doc, corpus.Reason) {
	text, encoding, defect := lang.Decode(raw, w.c.cfg.Encodings == EncodingsConvert)
	if defect != "" {
		return nil, corpus.Reason(defect)
	}
	d := &corpus.Doc{
		BlobID: e.blob, Source: u.src.Name, Repo: u.repo, Revision: u.revision, Path: e.path,
		Bytes: int64(len(raw)), Encoding: encoding, Text: text,
	}
	if !w.describe(d) {
		return nil, Undetected
	}
	if !wants(u.src.Kinds, d.Kind) {
		return nil, Kind
	}
	if d.BlobID == "" {
		d.BlobID = blobID(raw)
	}
	of := lic.Of(e.path)
	if s := license.Declared(text); s != "" {
		of = license.FromSPDX(s)
	}
	d.License, d.LicenseType = of.Expression, of.Type
	u.meta.put(d)
	return d, ""
}

// describe sets language, kind and flags. It reports false when detection
// breaks down, which is not known to happen but is not in our hands either.
func (w *writer) describe(d *corpus.Doc) (ok bool) {
	defer func() { ok = recover() == nil }()
	d.Language = w.detect.Detect(d.Path, d.Text)
	d.Kind = lang.Kind(d.Language)
	d.IsVendor = w.detect.IsVendor(d.Path)
	d.IsGenerated = w.detect.IsGenerated(d.Path, d.Text)
	return true
}
