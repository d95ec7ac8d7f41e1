package faultfs

import (
	"cmp"
	"errors"
	"hash/fnv"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/codemill/codemill/work/vfs"
)

// disk keeps account of what a disk would hold if the power went off, as far as
// it may differ from what the operating system says that it holds. Methods may be called
// on nil, which keeps none, but for entry and crash. Those that change the account are
// called before the operating system makes the change, as they look at what is there.
//
// Names and contents are kept apart, as a disk does: a folder has entries, an entry names
// a node, and a node has contents. After Create, Write and Sync of a file whose folder is
// not synced, the contents are safe, but no name leads to them:
//
//	entry{synced: nil, now: n}    n = node{synced: the bytes}
type disk struct {
	mu      sync.Mutex
	folders map[string]map[string]*entry // by path, then name: entries that were touched
}

// entry is a name in a folder: which node it named when the folder was last synced, and
// which it names now. nil is none.
type entry struct{ synced, now *node }

// node is a file or a folder, whatever it is called. Renaming moves it from one entry to
// another.
type node struct {
	folder bool
	synced []byte // a file's contents when it was last synced; nil for none
	dirty  bool   // it was written to since
}

func newDisk() *disk { return &disk{folders: map[string]map[string]*entry{}} }

// entry returns the entry of a path. One that is touched for the first time is taken for
// synced as it stands: what was there before the test began is safe. The caller holds mu.
func (d *disk) entry(path string) (*entry, error) {
	dir, name := filepath.Split(filepath.Clean(path))
	dir = filepath.Clean(dir)
	if d.folders[dir] == nil {
		d.folders[dir] = map[string]*entry{}
	}
	if e := d.folders[dir][name]; e != nil {
		return e, nil
	}
	e := &entry{}
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case st.IsDir():
		e.now = &node{folder: true}
	default:
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		e.now = &node{synced: b}
	}
	e.synced = e.now
	d.folders[dir][name] = e
	return e, nil
}

// create notes that a file is made, or emptied and to be written anew, which keeps its
// node. It returns the node.
func (d *disk) create(path string) (*node, error) {
	if d == nil {
		return nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e, err := d.entry(path)
	if err != nil {
		return nil, err
	}
	if e.now == nil {
		e.now = &node{}
	}
	e.now.dirty = true
	return e.now, nil
}

// written notes that a file is written to.
func (d *disk) written(n *node) {
	if d != nil {
		d.mu.Lock()
		n.dirty = true
		d.mu.Unlock()
	}
}

// sync notes that a file's contents are safe as they are now. Its name need not be.
func (d *disk) sync(n *node, f vfs.File) error {
	if d == nil {
		return nil
	}
	st, err := f.Stat()
	if err != nil {
		return err
	}
	b := make([]byte, st.Size())
	if _, err := f.ReadAt(b, 0); err != nil && err != io.EOF {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n.synced, n.dirty = b, false
	return nil
}

// mkdirAll notes that a folder is made, and those above it that are not there.
func (d *disk) mkdirAll(path string) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for path = filepath.Clean(path); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); err == nil || path == filepath.Dir(path) {
			return
		}
		if e, err := d.entry(path); err == nil {
			e.now = &node{folder: true}
		}
	}
}

// rename notes that a node gets another name. Both entries change: to names what from
// did, and from names nothing. A disk may keep either change without the other.
func (d *disk) rename(from, to string) error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.entry(from)
	if err != nil {
		return err
	}
	t, err := d.entry(to)
	if err != nil {
		return err
	}
	t.now, f.now = f.now, nil
	return nil
}

// removeAll notes that a file or folder, with all that is in it, is named no more.
func (d *disk) removeAll(path string) error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	err := filepath.WalkDir(path, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		e, err := d.entry(path)
		if err == nil {
			e.now = nil
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDir notes that the names in a folder are safe as they are now. It syncs neither the
// contents of its files nor what is in folders below.
func (d *disk) syncDir(path string) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.folders[filepath.Clean(path)] {
		e.synced = e.now
	}
}

// crash makes the operating system's disk what is left of it: it chooses for each entry
// that was touched what is named, and for each file its contents. Folders come before
// what is in them, by their depth: what is in a folder that was lost is lost with it.
func (d *disk) crash(seed uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	depth := func(path string) int { return strings.Count(path, string(filepath.Separator)) }
	folders := slices.SortedFunc(maps.Keys(d.folders), func(a, b string) int {
		return cmp.Or(cmp.Compare(depth(a), depth(b)), cmp.Compare(a, b))
	})
	for _, dir := range folders {
		if _, err := os.Stat(dir); err != nil {
			continue // it was lost itself
		}
		for _, name := range slices.Sorted(maps.Keys(d.folders[dir])) {
			path, e := filepath.Join(dir, name), d.folders[dir][name]
			chosen := e.now
			if e.synced != e.now && chance(seed, path, "entry", 2) == 0 {
				chosen = e.synced
			}
			if err := put(path, chosen, chosen == e.now, seed); err != nil {
				return err
			}
		}
	}
	return nil
}

// put makes a path name a node; stands says whether it does so already. A file that is
// brought back under an old name has the contents that were synced, since what was
// written to it after that stands under another name, or nowhere.
func put(path string, n *node, stands bool, seed uint64) error {
	switch {
	case n == nil:
		return os.RemoveAll(path)
	case n.folder:
		return os.MkdirAll(path, 0o755)
	case stands && !n.dirty:
		return nil
	}
	contents := n.synced
	if stands && n.dirty {
		now, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch chance(seed, path, "contents", 3) {
		case 1:
			contents = now
		case 2:
			contents = now[:len(now)/2]
		}
	}
	return os.WriteFile(path, contents, 0o644)
}

// chance returns a number below n; 0 loses what can be lost. It is a hash of seed, path
// and what is decided, so that a test that fails does so again.
func chance(seed uint64, path, what string, n uint64) uint64 {
	if seed == Worst {
		return 0
	}
	h := fnv.New64a()
	for i := range 8 {
		h.Write([]byte{byte(seed >> (8 * i))})
	}
	io.WriteString(h, what+path)
	v := h.Sum64()
	v ^= v >> 33
	v *= 0xff51afd7ed558ccd
	return (v >> 33) % n
}
