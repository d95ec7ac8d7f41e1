// Package faultfs is a file system that fails when a test says so.
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
// Syncing counts but is not passed on: the loops that die thousands of times
// do not cut the power.
type FS struct {
	vfs.FS
	left atomic.Int64
}

// At returns a file system over the operating system's that dies at its n-th
// writing operation, counted from 0.
func At(n int64) *FS {
	f := &FS{FS: vfs.OS{}}
	f.left.Store(n)
	return f
}

// Sound returns a file system over the operating system's that never fails and
// does not wait for the disk.
func Sound() *FS { return At(math.MaxInt64) }

// Dead reports whether the fault has struck.
func (f *FS) Dead() bool { return f.left.Load() < 0 }

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
	file, err := f.FS.Create(path)
	if err != nil {
		return nil, err
	}
	return &faultFile{File: file, fs: f}, nil
}

// MkdirAll counts as one operation.
func (f *FS) MkdirAll(path string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.FS.MkdirAll(path)
}

// Rename counts as one operation.
func (f *FS) Rename(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

// RemoveAll counts as one operation.
func (f *FS) RemoveAll(path string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.FS.RemoveAll(path)
}

// SyncDir counts as one operation.
func (f *FS) SyncDir(path string) error {
	if err := f.step(); err != nil {
		return err
	}
	return nil
}

type faultFile struct {
	vfs.File
	fs *FS
}

func (f *faultFile) Write(p []byte) (int, error) {
	if err := f.fs.step(); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultFile) WriteAt(p []byte, off int64) (int, error) {
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
	return nil
}

func (f *faultFile) Close() error {
	err := f.File.Close()
	if e := f.fs.step(); e != nil {
		return e
	}
	return err
}
