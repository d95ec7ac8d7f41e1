package work

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
)

// Checked is what [Folder.Check] found. What is wrong does not end the looking: all of it
// is listed.
type Checked struct {
	Wrong []error // what is not as it was written; each error says where
	Files int64   // files of shards that were compared with their checksums
	Bytes int64   // in these files
}

// wrong notes that something is not as it was written; nil is nothing.
func (c *Checked) wrong(err error) {
	if err != nil {
		c.Wrong = append(c.Wrong, err)
	}
}

// Check compares the files of all stages with their receipts, and the receipts with the
// manifests. What a killed run leaves is not wrong: temporary files, and, in a folder
// that is not complete, files of a shard that has no receipt yet. The error is for what
// kept it from looking.
func (w *Folder) Check(ctx context.Context) (*Checked, error) {
	c := &Checked{}
	return c, w.check(ctx, c, "", false)
}

// check looks at a folder and those below it. complete says whether the stage above it,
// if there is one, is complete.
func (w *Folder) check(ctx context.Context, c *Checked, name string, complete bool) error {
	entries, err := w.fs.ReadDir(filepath.Join(w.root, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !e.IsDir() && (strings.HasSuffix(e.Name(), receiptSuffix) || e.Name() == ManifestFile)
	}) {
		if complete, err = w.Dir(name).check(ctx, c, entries, complete); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != scratchDir {
			if err := w.check(ctx, c, path.Join(name, e.Name()), complete); err != nil {
				return err
			}
		}
	}
	return nil
}

// check looks at one folder of shards and reports whether it is complete. Below a
// complete stage (within) it has to be, unless its manifest stands under the temporary
// name: then it was being made anew or removed when a run was killed.
func (d Dir) check(ctx context.Context, c *Checked, entries []fs.DirEntry, within bool) (complete bool, err error) {
	m, err := d.Manifest()
	begun, beginErr := exists(d.fs, tempName(d.join(ManifestFile)))
	switch {
	case beginErr != nil:
		return false, beginErr
	case errors.Is(err, ErrIncomplete) && within && !begun:
		c.wrong(fmt.Errorf("%s: its %s is missing; run again", d.name, ManifestFile))
	case errors.Is(err, corpus.ErrCorrupt):
		c.wrong(err)
	case err != nil && !errors.Is(err, ErrIncomplete):
		return false, err
	}
	receipts := map[string]*Receipt{}
	known := map[string]bool{ManifestFile: true} // names that a receipt, or the format, accounts for
	for _, e := range entries {
		shard, ok := strings.CutSuffix(e.Name(), receiptSuffix)
		if !ok || e.IsDir() || strings.HasPrefix(e.Name(), tempPrefix) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		known[e.Name()] = true
		r, err := d.Verify(shard)
		c.wrong(err)
		if r == nil {
			continue
		}
		receipts[shard] = r
		for _, f := range r.Files {
			known[f.Name] = true
			c.Files++
			c.Bytes += f.Size
		}
		if err := r.Count.Balance(); err != nil {
			c.wrong(fmt.Errorf("%s/%s: %w", d.name, shard, err))
		}
	}
	for _, e := range entries {
		shard, _, _ := strings.Cut(e.Name(), ".")
		begun := m == nil && receipts[shard] == nil // by a run that died
		if !e.IsDir() && !known[e.Name()] && !begun && !strings.HasPrefix(e.Name(), tempPrefix) {
			c.wrong(fmt.Errorf("%s: no receipt knows this file", path.Join(d.name, e.Name())))
		}
	}
	if m != nil {
		d.checkManifest(c, m, receipts)
	}
	return m != nil, nil
}

// checkManifest compares a manifest with the receipts of its shards: each that it lists is
// there and is the one it was made from, there is no other, and counts and fingerprints add
// up. It compares the needs that stay (Parts) too. receipts is used up.
func (d Dir) checkManifest(c *Checked, m *Manifest, receipts map[string]*Receipt) {
	var sum ledger.Count
	var prints []string
	for _, s := range m.Shards {
		r := receipts[s.Shard]
		if r == nil {
			c.wrong(fmt.Errorf("%s/%s: the manifest lists this shard, but it has no receipt", d.name, s.Shard))
			continue
		}
		if r.Contents() != s.Contents || r.From != s.From || r.Files[0].Rows != s.Rows {
			c.wrong(fmt.Errorf("%s/%s: its receipt is another than the one the manifest was made from", d.name, s.Shard))
		}
		sum.Add(r.Count)
		prints = append(prints, r.Fingerprint)
		delete(receipts, s.Shard)
	}
	for _, shard := range slices.Sorted(maps.Keys(receipts)) {
		c.wrong(fmt.Errorf("%s/%s: the manifest does not list this shard; remove %s and run again", d.name, shard, ManifestFile))
	}
	if len(prints) == len(m.Shards) && Fingerprint(prints) != m.Fingerprint {
		c.wrong(fmt.Errorf("%s: the fingerprints of the receipts are others than the manifest was made from; remove %s and run again", d.name, ManifestFile))
	}
	if Fingerprint(sum) != Fingerprint(m.Count) {
		c.wrong(fmt.Errorf("%s: the counts of the shards do not add up to the manifest's", d.name))
	}
	c.wrong(inDir(d, m.Count.Balance()))
	for _, part := range slices.Sorted(maps.Keys(m.Parts)) {
		sub := d
		sub.name, sub.path = path.Join(d.name, part), d.join(part)
		if p, err := sub.Manifest(); err == nil && p.Fingerprint != m.Parts[part] {
			c.wrong(fmt.Errorf("%s was made with other settings, or from others, than %s; run again", sub.name, d.name))
		}
	}
}

// inDir says of an error in which folder it is; nil stays nil.
func inDir(d Dir, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", d.name, err)
}
