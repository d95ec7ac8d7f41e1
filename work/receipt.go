package work

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work/vfs"
)

// ReceiptFormat is the version of receipts and manifests.
//
//	1: the first
const ReceiptFormat = 1

// receiptSuffix follows a shard's name.
const receiptSuffix = ".receipt.json"

// Receipt says that a shard is there, and what is in it: the file <shard>.receipt.json.
// It is written after all files of the shard stand whole under their final names. A file
// that no receipt names does not count as written.
//
//	{"format": 1, "shard": "00012", "fingerprint": "9f3c…", "from": "51ab…",
//	 "files": [{"name": "00012.parquet", "size": 8123, "sha256": "…", "rows": 120}],
//	 "count": {"sources": {"hub": {"in": {"docs": 120, …}, "kept": {…}, "reasons": {…}}}}}
//
// Fingerprint, From and Contents are three hashes: of all that the shard depends on, of the
// inputs among these alone, and of what came of it. A run makes a shard anew when the first
// differs. Readers ask by the second whether two stages belong together. The third goes
// into the fingerprints of what is made from the shard.
type Receipt struct {
	Format      int          `json:"format"` // ReceiptFormat
	Shard       string       `json:"shard"`
	Fingerprint string       `json:"fingerprint"`    // of all that the shard depends on
	From        string       `json:"from,omitempty"` // see Task.From
	Files       []FileInfo   `json:"files"`          // in the order in which they were created; at least one
	Count       ledger.Count `json:"count"`          // what the task took in, kept and dropped
}

// FileInfo is one file of a shard.
type FileInfo struct {
	Name   string `json:"name"`   // within the stage's folder
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // hexadecimal
	Rows   int64  `json:"rows"`   // rows or records in it
}

// File returns what the receipt says of a file.
func (r *Receipt) File(name string) (FileInfo, bool) {
	for _, f := range r.Files {
		if f.Name == name {
			return f, true
		}
	}
	return FileInfo{}, false
}

// Contents hashes names, sizes and checksums of the shard's files. Shards that are made
// from this one depend on it.
func (r *Receipt) Contents() string { return Fingerprint(r.Files) }

// Fingerprint hashes values by their JSON, as 64 hexadecimal digits. Equal values have
// equal fingerprints, whatever machine or build computes them. A value that has no JSON
// is a panic.
func Fingerprint(parts ...any) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, p := range parts {
		if err := enc.Encode(p); err != nil {
			panic(fmt.Sprintf("work: fingerprint of %T: %v", p, err)) // a programming error
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// readJSON reads a small file that codemill wrote into v. One that is missing is
// [fs.ErrNotExist], one that makes no sense corpus.ErrCorrupt.
func readJSON(fsys vfs.FS, path string, v any) error {
	f, err := fsys.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w (%v); remove it to have its shard made again", path, corpus.ErrCorrupt, err)
	}
	return nil
}

// writeJSON writes v as JSON, whole or not at all.
func writeJSON(fsys vfs.FS, path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(fsys, path, append(b, '\n'))
}

// writeWhole writes a small file whole or not at all: under a temporary name, synced,
// renamed, and its folder synced.
func writeWhole(fsys vfs.FS, path string, b []byte) error {
	tmp := tempName(path)
	f, err := fsys.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = fsys.Rename(tmp, path)
	}
	if err != nil {
		_ = fsys.RemoveAll(tmp) // else the next run does
		return err
	}
	return fsys.SyncDir(filepath.Dir(path))
}

// makeDir makes a folder, and those above it that are not there, and syncs the folders
// that they stand in, so that they outlast a power failure.
func makeDir(fsys vfs.FS, path string) error {
	var parents []string // of folders that are made
	for p := path; ; p = filepath.Dir(p) {
		there, err := exists(fsys, p)
		if err != nil {
			return err
		}
		if there || p == filepath.Dir(p) {
			break
		}
		parents = append(parents, filepath.Dir(p))
	}
	if err := fsys.MkdirAll(path); err != nil {
		return err
	}
	for _, p := range parents {
		if err := fsys.SyncDir(p); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a file or folder and syncs the folder it stood in, so that it is gone
// after a power failure too.
func remove(fsys vfs.FS, path string) error {
	if err := fsys.RemoveAll(path); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(path))
}

// tempName is where a file stands until it is whole: docs/.partial-00012.parquet. It is in
// the same folder, so that giving it its name is one rename, which is there or not.
func tempName(path string) string {
	return filepath.Join(filepath.Dir(path), tempPrefix+filepath.Base(path))
}

const tempPrefix = ".partial-"

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
