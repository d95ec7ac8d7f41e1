package crawl

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work"
)

// writer writes one shard: its documents and what is left out. One goroutine uses it.
type writer struct {
	c       *crawler
	out     *work.Output
	docs    work.DocWriter
	left    *work.TableFile[corpus.LeftOut]
	detect  *lang.Detector
	repeats *repeats // nil where every place of a blob is kept
	// attributes and editing are of the tree that is crawled, nil for rows.
	attributes *attributes
	editing    *editorConfigs
	// panicked is what language detection last died of.
	panicked string
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

// keep sets the ids of a document, writes it, and counts it with the bytes of its text.
func (w *writer) keep(d *corpus.Doc) error {
	d.SetIDs()
	a := ledger.Amount{Docs: 1, Bytes: int64(len(d.Text))}
	w.out.Count.Keep(d.Source, a)
	w.out.Count.Tally("language", choice.Name(d.Language), a)
	w.out.Count.Tally("kind", choice.Name(d.Kind), a)
	w.out.Count.Tally("license", d.License, a)
	w.out.Count.Tally("license_type", d.LicenseType, a)
	w.out.Count.Tally("license_from", d.LicenseFrom, a)
	w.out.Count.Tally("encoding", d.Encoding, a)
	if _, ok := d.Flag(corpus.FlagNotebook); ok {
		w.out.Count.Tally("notebook", choice.Name(d.Language), a)
	}
	return w.docs.Write(d)
}

// leave writes what is left out, and counts it with this size.
func (w *writer) leave(l corpus.LeftOut, size int64) error {
	if l.Reason == Undetected {
		l.Detail = w.panicked
	}
	l.Detail = strings.ToValidUTF8(l.Detail, string(utf8.RuneError))
	w.out.Count.Drop(l.Source, string(l.Reason), ledger.Amount{Docs: 1, Bytes: size})
	return w.left.Write(&l)
}

// describe sets language and flags, and over them what attributes say; the language of
// what was a notebook is set. It reports
// false when detection panics, which is not known to happen, but Linguist's rules are not
// ours. What it panicked with goes into the row of the file that is left out.
func (w *writer) describe(d *corpus.Doc) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			w.panicked = fmt.Sprint(p)
			ok = false
		}
	}()
	if _, converted := d.Flag(corpus.FlagNotebook); !converted {
		d.Language = w.detect.Detect(d.Path, d.Text)
	}
	d.IsVendor = w.detect.IsVendor(d.Path)
	if why := w.detect.Generated(d.Path, d.Text, d.Language); why != "" {
		d.IsGenerated = true
		d.Flags = append(d.Flags, corpus.Flag(corpus.FlagGenerated, why))
	}
	if w.detect.IsDocumentation(d.Path) {
		d.Flags = append(d.Flags, corpus.Flag(corpus.FlagDocumentation, "Linguist's list"))
	}
	if w.detect.IsTest(d.Path) {
		d.Flags = append(d.Flags, corpus.Flag(corpus.FlagTest, "Linguist's list"))
	}
	w.attributes.put(d)
	return true
}

// setKind sets the kind by the language and the path of a file, "" for none.
func setKind(d *corpus.Doc, file string) {
	kind, rule := lang.Kind(d.Language, file)
	d.Kind = kind
	if rule != "" {
		d.Flags = append(d.Flags, corpus.Flag(corpus.FlagKind, rule))
	}
}

// kindRule returns the line of lang's tables by which a document has its kind, "" for
// Linguist's type of its language.
func kindRule(d *corpus.Doc) string {
	rule, _ := d.Flag(corpus.FlagKind)
	return rule
}
