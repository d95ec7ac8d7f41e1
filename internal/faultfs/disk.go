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
// it may differ from what the operating system says that it holds. All methods
// may be called on nil, which keeps none.
type disk struct {
	mu      sync.Mutex
	folders map[string]map[string]*entry // by path, then name: entries that were touched
}

// entry is a name in a folder. Its nodes are nil where it names nothing.
type entry struct{ synced, now *node }

// node is a file or a folder, whatever it is called.
type node struct {
	folder bool
	synced []byte // a file's contents when it was last synced
	dirty  bool   // written to since
}

func newDisk() *disk { return &disk{folders: map[string]map[string]*entry{}} }

// entry returns that of a path. One that was not touched before is as it stands.
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

func (d *disk) written(n *node) {
	if d != nil {
		d.mu.Lock()
		n.dirty = true
		d.mu.Unlock()
	}
}

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

// crash writes to the disk what it chooses for each entry, folders before what
// is in them.
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

// put makes a path name a node; stands says whether it does so already.
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

// chance returns a number below n; 0 loses what can be lost.
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
