package crawl

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// writer makes one shard.
type writer struct {
	c      *crawler
	out    *work.Output
	docs   work.DocWriter
	left   *work.TableFile[corpus.LeftOut]
	detect *lang.Detector
	// repeats is nil where every place of a blob is kept.
	repeats *repeats
}

// make crawls the units of a shard in their order.
func (c *crawler) make(ctx context.Context, units []*unit, out *work.Output) error {
	w := &writer{c: c, out: out, detect: lang.NewDetector()}
	var err error
	if w.docs, err = out.CreateDocs(); err != nil {
		return err
	}
	if w.left, err = out.CreateLeftOut(); err != nil {
		return err
	}
	if c.cfg.Blobs == BlobsOnce {
		if w.repeats, err = openRepeats(c.repeatsDir()); err != nil {
			return err
		}
		defer w.repeats.close()
	}
	for _, u := range units {
		if err := u.crawl(ctx, w, u); err != nil {
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
	w.out.Count.Tally("encoding", d.Encoding, a)
	return w.docs.Write(d)
}

// leave writes what is not made a document, which counts with its size.
func (w *writer) leave(l corpus.LeftOut, size int64) error {
	l.Detail = strings.ToValidUTF8(l.Detail, string(utf8.RuneError))
	w.out.Count.Drop(l.Source, string(l.Reason), ledger.Amount{Docs: 1, Bytes: size})
	return w.left.Write(&l)
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
