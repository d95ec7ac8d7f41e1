package work

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/codemill/codemill/ledger"
)

// fresh returns a shard's receipt if the shard was made with this fingerprint and its
// files have the sizes in the receipt; nil if it has to be made. It does not read the
// files: their checksums are compared when somebody opens them.
func (d Dir) fresh(shard, fingerprint string) (*Receipt, error) {
	r, err := d.Receipt(shard)
	if isNotExist(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if r.Fingerprint != fingerprint {
		return nil, nil
	}
	for _, f := range r.Files {
		st, err := d.fs.Stat(d.join(f.Name))
		if err != nil && !isNotExist(err) {
			return nil, err
		}
		if err != nil || st.Size() != f.Size {
			return nil, nil
		}
	}
	return r, nil
}

// holds reports whether a shard has a receipt, with any fingerprint.
func (d Dir) holds(shard string) (bool, error) { return exists(d.fs, d.join(shard+receiptSuffix)) }

// clear readies a folder for writing. The manifest is removed first, as the folder is
// not complete from now on; then all files that belong to none of these shards.
func (d Dir) clear(shards map[string]bool) error {
	if err := makeDir(d.fs, d.path); err != nil {
		return err
	}
	there, err := exists(d.fs, d.join(ManifestFile))
	if err == nil && there {
		err = remove(d.fs, d.join(ManifestFile))
	}
	if err != nil {
		return err
	}
	return d.removeShards(shards)
}

// removeShards removes all shards but those given, and all files of shards that have no
// receipt: a run that died left them. Receipts are removed first, and the folder synced,
// so that there never is a receipt whose files are gone.
func (d Dir) removeShards(keep map[string]bool) error {
	entries, err := d.fs.ReadDir(d.path)
	if err != nil {
		return err
	}
	receipted := map[string]bool{}
	for _, e := range entries {
		if shard, ok := strings.CutSuffix(e.Name(), receiptSuffix); ok && keep[shard] {
			receipted[shard] = true
		}
	}
	for _, receipts := range []bool{true, false} {
		removed := false
		for _, e := range entries {
			name := e.Name()
			shard, isReceipt := strings.CutSuffix(name, receiptSuffix)
			if !isReceipt {
				shard, _, _ = strings.Cut(name, ".")
			}
			if e.IsDir() || isReceipt != receipts || receipted[shard] {
				continue
			}
			if err := d.fs.RemoveAll(d.join(name)); err != nil {
				return err
			}
			removed = true
		}
		if removed && receipts {
			if err := d.fs.SyncDir(d.path); err != nil {
				return err
			}
		}
	}
	return nil
}

// make makes one shard: the task writes its files, the counts must balance, and the
// receipt is written. After an error or a panic nothing of it is left, and neither is the
// shard that stood there before: create has removed its receipt.
func (d Dir) make(ctx context.Context, t Task, fingerprint string) (*Receipt, error) {
	out, err := d.create(t.Shard)
	if err != nil {
		return nil, err
	}
	err = func() error {
		defer func() {
			if p := recover(); p != nil {
				out.abort()
				panic(p)
			}
		}()
		return t.Make(ctx, out)
	}()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = out.Count.Balance()
	}
	var r *Receipt
	if err == nil {
		r, err = out.commit(fingerprint, t.From)
	}
	if err != nil {
		out.abort()
		return nil, fmt.Errorf("%s: %w", path.Join(d.name, t.Shard), err)
	}
	return r, nil
}

// finish writes the manifest of a folder whose shards all stand. The sum of their counts
// must balance, and take in what the stage before kept where expect is given. parts is
// Manifest.Parts.
func (d Dir) finish(fingerprint string, receipts []*Receipt, expect *ledger.Count, parts map[string]string) (*Manifest, error) {
	m := manifest(d, receipts)
	m.Fingerprint = fingerprint
	m.Parts = parts
	err := m.Count.Balance()
	if err == nil && expect != nil {
		err = m.Count.Follows(*expect)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return m, writeJSON(d.fs, d.join(ManifestFile), m)
}
