// Package work holds work folders and the engine that makes their shards. It is
// the only package that creates files.
//
// # Words
//
// A stage is a step of a recipe, and its name is that of its folder: "docs",
// "verdicts/filter". It makes shards. A shard is one or several files that are made
// together, by a [Task], and have one [Receipt]. A folder all of whose shards stand has
// a [Manifest], which lists them: the stage is complete.
//
// Shards are numbered from 0. Shard n of the verdicts and of the plan belongs to shard n
// of the documents. A stage may have needs, which are stages in folders below its own:
// what its tasks know of more than one shard, they read there ([Need]).
//
// # Whole or absent
//
// A file is written under a temporary name, synced, closed and renamed. When all files
// of a shard stand so, their folder is synced and the receipt is written, in the same
// way. So a file that a receipt names is whole, and what has no receipt does not count.
// A reader checks size and SHA-256 against the receipt before a decoder sees a byte
// ([Dir.Open]). When all shards stand the manifest is written; the next stage starts
// from it.
//
// # Resume
//
// A receipt holds the fingerprint of all that its shard depends on: the stage's version
// and settings, and the contents of the shards that it was made from. [Job.Run] makes
// the shards that have no receipt with the right fingerprint, and no others. Contents
// are hashes of bytes, not times: a stage that is made again and comes to the same bytes
// causes nothing after it to be made again.
//
// # Files
//
//	work.go      work folders, their lock, scratch space
//	job.go       Job: what a stage is given, and what it depends on
//	stage.go     Stage, Task, Need; Run
//	making.go    one shard made; what is left of other runs removed
//	dir.go       Dir: a stage's folder; writing and reading files of shards
//	receipt.go   Receipt; small files written whole
//	manifest.go  Manifest
//	check.go     files against receipts and manifests
//	records.go   tables of documents, verdicts and plans
//	rows.go      documents joined with the verdicts on them
package work

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work/vfs"
)

// Folder is a work folder: the output of all stages of one recipe. A Folder that was
// opened by [Open] may be written to until it is closed; one of [Read] only read.
//
//	codemill.json        which recipe it belongs to
//	docs/                documents, and what crawl left out
//	verdicts/<name>/     one folder a verdict stage
//	plan/                what mix chose
//	tokens/              what tokenize wrote
//	report/              what the last run did, how the tokens were made
//	.scratch/            spilled data of the stage that runs
type Folder struct {
	fs       vfs.FS
	root     string
	verified *sync.Map    // see Dir
	lock     *flock.Flock // nil where the folder is only read
}

// Format is the version of the work folder's layout.
//
//	1: the first
const Format = 1

const identityFile = "codemill.json"

// identity is codemill.json.
type identity struct {
	Format int    `json:"format"`
	Recipe string `json:"recipe"` // the recipe's name
	// Check is the start of the fingerprint of both; folders of earlier builds
	// have none.
	Check string `json:"check,omitempty"`
}

func (id identity) check() string { return Fingerprint(id.Format, id.Recipe)[:16] }

// Open opens the work folder of a recipe for writing, making it where it
// is not there. It refuses a folder that holds something else, that belongs to
// another recipe, or that another process is writing to.
func Open(fsys vfs.FS, root, recipe string) (*Folder, error) {
	w := &Folder{fs: fsys, root: root, verified: &sync.Map{}}
	have, err := w.Recipe()
	switch {
	case isNotExist(err):
		if entries, err := fsys.ReadDir(root); err == nil && !onlyOurs(entriesNames(entries)) {
			return nil, fmt.Errorf("%s is not empty and not a work folder of codemill; choose another one with --work", root)
		}
	case err != nil:
		return nil, err
	case have != recipe:
		return nil, fmt.Errorf("%s is the work folder of the recipe %q, not of %q; choose another one with --work", root, have, recipe)
	}
	if have == "" {
		if err := makeDir(fsys, root); err != nil {
			return nil, err
		}
	}
	w.lock = flock.New(filepath.Join(root, ".lock"))
	if ok, err := w.lock.TryLock(); err != nil {
		return nil, err
	} else if !ok {
		return nil, fmt.Errorf("%s is in use by another codemill", root)
	}
	if err := w.begin(have, recipe); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// begin writes the recipe's name into a folder that has none yet. It removes what a run
// that died left in scratch space, and temporary files of small files: the folder is
// locked, so nobody else writes there now. Temporary files of shards are removed by the
// stage that makes them.
func (w *Folder) begin(have, recipe string) error {
	if have == "" {
		id := identity{Format: Format, Recipe: recipe}
		id.Check = id.check()
		if err := writeJSON(w.fs, filepath.Join(w.root, identityFile), id); err != nil {
			return err
		}
	}
	for _, dir := range smallFiles {
		if err := w.clearTemporary(dir); err != nil {
			return err
		}
	}
	return w.clearScratch()
}

// smallFiles are the folders, below a work folder or an index, that hold files which
// belong to no shard.
var smallFiles = [...]string{".", "report"}

// clearTemporary removes the temporary files in a folder; those of folders in it stay.
func (w *Folder) clearTemporary(dir string) error {
	entries, err := w.fs.ReadDir(filepath.Join(w.root, dir))
	if err != nil && !isNotExist(err) {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) {
			if err := w.fs.RemoveAll(filepath.Join(w.root, dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Folder) clearScratch() error {
	if there, err := exists(w.fs, w.scratch()); err != nil || !there {
		return err
	}
	return w.fs.RemoveAll(w.scratch())
}

// scratchDir holds spilled data of the stage that runs.
const scratchDir = ".scratch"

func (w *Folder) scratch() string { return filepath.Join(w.root, scratchDir) }

// Read opens an existing work folder for reading only.
func Read(fsys vfs.FS, root string) (*Folder, error) {
	w := &Folder{fs: fsys, root: root, verified: &sync.Map{}}
	if _, err := w.Recipe(); isNotExist(err) {
		return nil, fmt.Errorf("%s is not a work folder of codemill (it has no %s)", root, identityFile)
	} else if err != nil {
		return nil, err
	}
	return w, nil
}

func entriesNames[E interface{ Name() string }](entries []E) []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// onlyOurs reports whether a folder holds nothing but what a run may have left that died
// while it made the folder.
func onlyOurs(names []string) bool {
	for _, n := range names {
		if n != ".lock" && n != tempPrefix+identityFile {
			return false
		}
	}
	return true
}

// Close removes scratch space and unlocks the folder for other processes. It may be
// called again.
func (w *Folder) Close() error {
	if w.lock == nil || !w.lock.Locked() {
		return nil
	}
	_ = w.clearScratch() // else the next to open the folder does
	return w.lock.Unlock()
}

// Recipe returns the name of the recipe that the folder belongs to.
func (w *Folder) Recipe() (string, error) {
	var id identity
	path := filepath.Join(w.root, identityFile)
	if err := readJSON(w.fs, path, &id); err != nil {
		return "", err
	}
	if id.Format != Format || id.Recipe == "" {
		return "", fmt.Errorf("%s: work folder of format %d, this codemill reads %d", path, id.Format, Format)
	}
	if id.Check != "" && id.Check != id.check() {
		return "", fmt.Errorf("%s: %w (it was written for another recipe than %q)", path, corpus.ErrCorrupt, id.Recipe)
	}
	return id.Recipe, nil
}

// Root returns where the folder stands on disk.
func (w *Folder) Root() string { return w.root }

// Dir returns the folder of a stage by its name, such as "docs" or "verdicts/filter". It
// need not be there.
func (w *Folder) Dir(name string) Dir {
	return Dir{fs: w.fs, path: filepath.Join(w.root, filepath.FromSlash(name)), name: name, verified: w.verified}
}

// IsFolder reports whether a work folder stands at a path.
func IsFolder(fsys vfs.FS, path string) (bool, error) {
	return exists(fsys, filepath.Join(path, identityFile))
}

// Find returns the work folder that a path is in, and the path relative to it, with
// slashes. The nearest folder counts.
func Find(fsys vfs.FS, path string) (root, rel string, err error) {
	path, err = filepath.Abs(path)
	for dir := path; err == nil; dir = filepath.Dir(dir) {
		is, err := IsFolder(fsys, dir)
		if err != nil {
			return "", "", err
		}
		if is {
			rel, err := filepath.Rel(dir, path)
			return dir, filepath.ToSlash(rel), err
		}
		if dir == filepath.Dir(dir) {
			return "", "", fmt.Errorf("%s is neither a work folder of codemill nor in one (there is no %s)", path, identityFile)
		}
	}
	return "", "", err
}

// DiskUse adds up the files below a folder; what cannot be read counts nothing.
func (w *Folder) DiskUse(name string) (sum int64) {
	entries, _ := w.fs.ReadDir(filepath.Join(w.root, filepath.FromSlash(name)))
	for _, e := range entries {
		if e.IsDir() {
			sum += w.DiskUse(name + "/" + e.Name())
		} else if st, err := e.Info(); err == nil && st.Mode().IsRegular() {
			sum += st.Size()
		}
	}
	return sum
}

// Folders lists the names of the folders within a folder, sorted; none where that is
// not there.
func (w *Folder) Folders(name string) ([]string, error) {
	entries, err := w.fs.ReadDir(filepath.Join(w.root, filepath.FromSlash(name)))
	if isNotExist(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// FS returns the file system that the folder is on.
func (w *Folder) FS() vfs.FS { return w.fs }

// ReadFile reads a small file that [Folder.WriteFile] wrote; [fs.ErrNotExist] where
// there is none. The name is relative to the work folder, with slashes.
func (w *Folder) ReadFile(name string) ([]byte, error) {
	f, err := w.fs.Open(filepath.Join(w.root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// WriteFile writes a small file that is no shard, whole or not at all. The name
// is relative to the work folder.
func (w *Folder) WriteFile(name string, b []byte) error {
	path := filepath.Join(w.root, filepath.FromSlash(name))
	if err := makeDir(w.fs, filepath.Dir(path)); err != nil {
		return err
	}
	return writeWhole(w.fs, path, b)
}

// Scratch is a folder for data that does not outlive the stage. Its files are not synced
// and have no receipts. It is safe for concurrent use.
type Scratch struct {
	fs   vfs.FS
	path string
	mu   sync.Mutex
	n    int // files made
}

// Scratch makes an empty scratch folder; what an earlier run left under the
// same name is removed. The caller removes it by [Scratch.Close].
func (w *Folder) Scratch(name string) (*Scratch, error) {
	s := &Scratch{fs: w.fs, path: filepath.Join(w.scratch(), filepath.FromSlash(name))}
	if err := w.fs.RemoveAll(s.path); err != nil {
		return nil, err
	}
	return s, w.fs.MkdirAll(s.path)
}

// Create makes a new file, for the caller to close.
func (s *Scratch) Create() (vfs.File, error) {
	s.mu.Lock()
	s.n++
	path := filepath.Join(s.path, fmt.Sprintf("%06d", s.n))
	s.mu.Unlock()
	return s.fs.Create(path)
}

// Close removes the folder with all that is in it.
func (s *Scratch) Close() error { return s.fs.RemoveAll(s.path) }
