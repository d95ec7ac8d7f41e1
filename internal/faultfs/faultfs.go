// Package faultfs is a file system that fails when a test says so, and that
// then loses what was not synced.
//
// It stands over the operating system's file system, on which everything happens at once.
// Beside that it keeps account of what a disk would hold ([FS.Crash]). What POSIX leaves
// open it takes from the worst side:
//
//	f, _ := fsys.Create("d/.partial-x") // a name in d: lost until d is synced
//	f.Write(b)                          // contents: lost, or half there, until f is synced
//	f.Sync()                            // the contents last, the name does not yet
//	fsys.Rename("d/.partial-x", "d/x")  // may be undone until d is synced
//	fsys.SyncDir("d")                   // now d/x with b outlasts a power failure
//
// faultfs.go is the file system and when it fails; disk.go the account and the loss.
package faultfs

import (
	"errors"
	"math"
	"sync/atomic"

	"github.com/codemill/codemill/work/vfs"
)

// ErrInjected is the failure that a test asked for.
var ErrInjected = errors.New("injected fault")

// FS passes everything on to a [vfs.FS] until its operation number n, which
// fails, and so does every one after it, as if the machine had died there.
// Writing operations count: creating, writing, syncing, closing, renaming,
// removing, making folders. A failing write leaves half of its bytes behind.
// Reading neither counts nor fails: internal/doctrine's Glitch is for that.
//
// Syncing counts but is not passed on: instead the FS keeps account of what
// would be lost without it, and [FS.Crash] loses it. So tests do not wait for a disk.
//
// It is safe for concurrent use. Which operation of several goroutines is number n is then
// a matter of chance.
type FS struct {
	vfs.FS
	left atomic.Int64 // operations that still succeed; below 0 when one has failed
	disk *disk        // nil where nothing will be lost
}

// At returns a file system over the operating system's that dies at its n-th
// writing operation, counted from 0.
func At(n int64) *FS {
	f := &FS{FS: vfs.OS{}, disk: newDisk()}
	f.left.Store(n)
	return f
}

// Sound returns a file system over the operating system's that never fails and
// does not wait for the disk. It loses nothing.
func Sound() *FS {
	f := &FS{FS: vfs.OS{}}
	f.left.Store(math.MaxInt64)
	return f
}

// Dead reports whether the fault has struck: operation n was asked for.
func (f *FS) Dead() bool { return f.left.Load() < 0 }

// Worst is the seed by which all is lost that was not synced.
const Worst uint64 = math.MaxUint64

// Crash leaves on the operating system's disk what a machine that lost its power now
// might have. A name that was made, removed or renamed since its folder was synced is as
// it was then, or as it is now. A file that was written to since it was synced has the
// bytes of then, those of now, or the first half of those. Which of them, depends on the
// seed and the path alone, for each path by itself. The FS is of no use after it; it must
// not be one of [Sound].
func (f *FS) Crash(seed uint64) error {
	f.left.Store(-1)
	return f.disk.crash(seed)
}

// Restart makes a file system that has died work again, as after a process was
// killed and another one started: nothing is lost, and nothing more is synced.
func (f *FS) Restart() { f.left.Store(math.MaxInt64) }

// step counts an operation.
func (f *FS) step() error {
	if f.left.Add(-1) < 0 {
		return ErrInjected
	}
	return nil
}

// Create counts as one operation.
func (f *FS) Create(path string) (vfs.File, error) {
	if err := f.step(); err != nil {
		return nil, err
	}
	n, err := f.disk.create(path)
	if err != nil {
		return nil, err
	}
	file, err := f.FS.Create(path)
	if err != nil {
		return nil, err
	}
	return &faultFile{File: file, fs: f, node: n}, nil
}

// MkdirAll counts as one operation.
func (f *FS) MkdirAll(path string) error {
	if err := f.step(); err != nil {
		return err
	}
	f.disk.mkdirAll(path)
	return f.FS.MkdirAll(path)
}

// Rename counts as one operation.
func (f *FS) Rename(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	if err := f.disk.rename(from, to); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

// RemoveAll counts as one operation.
func (f *FS) RemoveAll(path string) error {
	if err := f.step(); err != nil {
		return err
	}
	if err := f.disk.removeAll(path); err != nil {
		return err
	}
	return f.FS.RemoveAll(path)
}

// SyncDir counts as one operation.
func (f *FS) SyncDir(path string) error {
	if err := f.step(); err != nil {
		return err
	}
	f.disk.syncDir(path)
	return nil
}

// faultFile is a file that [FS.Create] made. One that was opened for reading is not
// wrapped: nothing is written through it.
type faultFile struct {
	vfs.File
	fs   *FS
	node *node // of the file, whatever it is called by now; nil where nothing will be lost
}

// Write marks the file as written to before it may fail, since half of p is written then.
func (f *faultFile) Write(p []byte) (int, error) {
	f.fs.disk.written(f.node)
	if err := f.fs.step(); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultFile) WriteAt(p []byte, off int64) (int, error) {
	f.fs.disk.written(f.node)
	if err := f.fs.step(); err != nil {
		n, _ := f.File.WriteAt(p[:len(p)/2], off)
		return n, err
	}
	return f.File.WriteAt(p, off)
}

func (f *faultFile) Sync() error {
	if err := f.fs.step(); err != nil {
		return err
	}
	return f.fs.disk.sync(f.node, f.File)
}

// Close closes the file in any case, so that a test leaves none open.
func (f *faultFile) Close() error {
	err := f.File.Close()
	if e := f.fs.step(); e != nil {
		return e
	}
	return err
}
