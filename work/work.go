package work

import (
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
)

// Work is a work folder: every stage's output of one recipe.
//
//	codemill.json        which recipe it belongs to
//	docs/                documents, and what crawl left out
//	verdicts/<name>/     one folder a verdict stage
//	plan/                what mix chose
//	tokens/              what tokenize wrote
//	report/              the ledger and the run's summary
//	.scratch/            spilled data of the stage that runs
type Work struct {
	fs       FS
	root     string
	verified *sync.Map
	lock     *flock.Flock
}

// WorkFormat is the version of the work folder's layout.
//
//	1: the first
const WorkFormat = 1

const identityFile = "codemill.json"

type identity struct {
	Format int    `json:"format"`
	Recipe string `json:"recipe"`
}

// OpenWork opens the work folder of a recipe for writing, making it where it
// is not there. It refuses a folder that holds something else, that belongs to
// another recipe, or that another process is writing to.
func OpenWork(fsys FS, root, recipe string) (*Work, error) {
	w := &Work{fs: fsys, root: root, verified: &sync.Map{}}
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
		if err := fsys.MkdirAll(root); err != nil {
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

// begin names the folder's recipe where it has none yet, and removes what a run
// that died has left in scratch space: nobody else writes there now.
func (w *Work) begin(have, recipe string) error {
	if have == "" {
		if err := writeJSON(w.fs, filepath.Join(w.root, identityFile), identity{WorkFormat, recipe}); err != nil {
			return err
		}
	}
	return w.clearScratch()
}

func (w *Work) clearScratch() error {
	if _, err := w.fs.Stat(w.scratch()); err != nil {
		return nil
	}
	return w.fs.RemoveAll(w.scratch())
}

func (w *Work) scratch() string { return filepath.Join(w.root, ".scratch") }

// ReadWork opens an existing work folder for reading only.
func ReadWork(fsys FS, root string) (*Work, error) {
	w := &Work{fs: fsys, root: root, verified: &sync.Map{}}
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

// onlyOurs reports whether a folder holds nothing but what a run that died
// while opening it may have left.
func onlyOurs(names []string) bool {
	for _, n := range names {
		if n != ".lock" && n != tempPrefix+identityFile {
			return false
		}
	}
	return true
}

// Close removes scratch space and gives the folder free for other processes. It
// may be called again.
func (w *Work) Close() error {
	if w.lock == nil || !w.lock.Locked() {
		return nil
	}
	_ = w.clearScratch() // else the next to open the folder does
	return w.lock.Unlock()
}

// Recipe returns the name of the recipe that the folder belongs to.
func (w *Work) Recipe() (string, error) {
	var id identity
	path := filepath.Join(w.root, identityFile)
	if err := readJSON(w.fs, path, &id); err != nil {
		return "", err
	}
	if id.Format != WorkFormat || id.Recipe == "" {
		return "", fmt.Errorf("%s: work folder of format %d, this codemill reads %d", path, id.Format, WorkFormat)
	}
	return id.Recipe, nil
}

// Root returns where the folder stands on disk.
func (w *Work) Root() string { return w.root }

// Dir returns a stage's folder, which need not exist: "docs", "verdicts/filter".
func (w *Work) Dir(name string) Dir {
	return Dir{fs: w.fs, path: filepath.Join(w.root, filepath.FromSlash(name)), name: name, verified: w.verified}
}

// FS returns the file system that the folder is on.
func (w *Work) FS() FS { return w.fs }

// ReadFile reads a small file that [Work.WriteFile] wrote; fs.ErrNotExist where
// there is none.
func (w *Work) ReadFile(name string) ([]byte, error) {
	f, err := w.fs.Open(filepath.Join(w.root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// WriteFile writes a small file that is no shard, whole or not at all. The name
// is relative to the work folder.
func (w *Work) WriteFile(name string, b []byte) error {
	path := filepath.Join(w.root, filepath.FromSlash(name))
	if err := w.fs.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	return writeWhole(w.fs, path, b)
}

// Scratch is a folder for data that does not outlive the stage. Its files are
// neither synced nor receipted.
type Scratch struct {
	fs   FS
	path string
	mu   sync.Mutex
	n    int
}

// Scratch makes an empty scratch folder; what an earlier run left under the
// same name is removed. The caller removes it by [Scratch.Close].
func (w *Work) Scratch(name string) (*Scratch, error) {
	s := &Scratch{fs: w.fs, path: filepath.Join(w.scratch(), filepath.FromSlash(name))}
	if err := w.fs.RemoveAll(s.path); err != nil {
		return nil, err
	}
	return s, w.fs.MkdirAll(s.path)
}

// Create makes a new file, for the caller to close.
func (s *Scratch) Create() (File, error) {
	s.mu.Lock()
	s.n++
	path := filepath.Join(s.path, fmt.Sprintf("%06d", s.n))
	s.mu.Unlock()
	return s.fs.Create(path)
}

// Close removes the folder with all that is in it.
func (s *Scratch) Close() error { return s.fs.RemoveAll(s.path) }
