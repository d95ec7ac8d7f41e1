// Package vfs is the file system under a work folder, behind an interface so that
// tests can put one that fails in its place.
package vfs

import (
	"io"
	"io/fs"
	"os"
)

// FS is the file system as far as codemill writes to it and reads back what it
// wrote. Tests put one in its place that fails at a chosen operation
// ([github.com/codemill/codemill/internal/faultfs]).
type FS interface {
	Create(path string) (File, error) // empty, for reading and writing
	Open(path string) (File, error)   // for reading
	MkdirAll(path string) error
	Rename(from, to string) error // within one folder, replacing to
	RemoveAll(path string) error
	SyncDir(path string) error // makes renames and removals in it last
	Stat(path string) (fs.FileInfo, error)
	ReadDir(path string) ([]fs.DirEntry, error)
}

// File is an open file of an [FS].
type File interface {
	io.ReaderAt
	io.WriterAt
	io.ReadWriteSeeker
	io.Closer
	Sync() error
	Stat() (fs.FileInfo, error)
}

// OS is the operating system's file system.
type OS struct{}

// Create makes or empties a file.
func (OS) Create(path string) (File, error) {
	return osFile(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644))
}

// Open opens a file for reading.
func (OS) Open(path string) (File, error) { return osFile(os.Open(path)) }

// osFile keeps a nil *os.File from becoming a non-nil File.
func osFile(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// MkdirAll makes a folder and those above it.
func (OS) MkdirAll(path string) error { return os.MkdirAll(path, 0o755) }

// Rename moves a file over another.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// RemoveAll removes a file or folder; one that is not there is no error.
func (OS) RemoveAll(path string) error { return os.RemoveAll(path) }

// SyncDir flushes a folder's entries to disk.
func (OS) SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}

// Stat describes a file.
func (OS) Stat(path string) (fs.FileInfo, error) { return os.Stat(path) }

// ReadDir lists a folder, sorted by name.
func (OS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }
