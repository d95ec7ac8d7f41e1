package work

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/ledger"
	"github.com/codemill/codemill/work/vfs"
)

// Dir is the folder of one stage: shards with their receipts, and a manifest when the
// stage is complete. It need not exist. It is a value, to be copied as one likes.
type Dir struct {
	fs       vfs.FS
	path     string    // on disk
	name     string    // the stage's: relative to the work folder, with slashes
	verified *sync.Map // path and checksum of files whose bytes were checked in this process
}

// Path returns where the folder stands on disk.
func (d Dir) Path() string { return d.path }

// Name returns the folder's name within the work folder.
func (d Dir) Name() string { return d.name }

// Remove removes the folder with all that is in it. If it is not there, nothing is
// written. The manifest is first renamed to its temporary name: a run that is killed
// while it removes shards then leaves a folder that looks as if it was being made, and
// not a complete one that has lost shards ([Folder.Check]).
func (d Dir) Remove() error {
	if there, err := exists(d.fs, d.path); err != nil || !there {
		return err
	}
	manifest := d.join(ManifestFile)
	there, err := exists(d.fs, manifest)
	if err != nil {
		return err
	}
	if there {
		if err := d.fs.Rename(manifest, tempName(manifest)); err != nil {
			return err
		}
		if err := d.fs.SyncDir(d.path); err != nil {
			return err
		}
	}
	if err := d.removeShards(nil); err != nil {
		return err
	}
	return remove(d.fs, d.path)
}

// exists reports whether there is something at a path. That it cannot be seen is
// an error, and no sign that nothing is there.
func exists(fsys vfs.FS, path string) (bool, error) {
	_, err := fsys.Stat(path)
	if isNotExist(err) || errors.Is(err, syscall.ENOTDIR) {
		return false, nil
	}
	return err == nil, err
}

func (d Dir) join(name string) string { return filepath.Join(d.path, name) }

// ReceiptPath returns the path of a shard's receipt, for people to remove it.
func (d Dir) ReceiptPath(shard string) string { return d.join(shard + receiptSuffix) }

// Receipt returns the receipt of a shard: [fs.ErrNotExist] where it has none, and
// corpus.ErrCorrupt where it cannot be one of this shard.
func (d Dir) Receipt(shard string) (*Receipt, error) {
	var r Receipt
	path := d.ReceiptPath(shard)
	if err := readJSON(d.fs, path, &r); err != nil {
		return nil, err
	}
	if r.Format != ReceiptFormat || r.Shard != shard || len(r.Files) == 0 || r.Fingerprint == "" {
		return nil, fmt.Errorf("%s: %w (not a receipt of format %d for this shard); remove it to have its shard made again", path, corpus.ErrCorrupt, ReceiptFormat)
	}
	return &r, nil
}

// Open opens a file of a shard, after comparing its size and checksum with the shard's
// receipt; corpus.ErrCorrupt where they differ. Within one process a file is checked
// once. The caller closes the reader.
func (d Dir) Open(shard, file string) (*Reader, error) {
	r, err := d.Receipt(shard)
	if err != nil {
		return nil, err
	}
	info, ok := r.File(file)
	if !ok {
		return nil, fmt.Errorf("%s/%s: no such file in the receipt of shard %s", d.name, file, shard)
	}
	f, err := d.fs.Open(d.join(file))
	if err != nil {
		return nil, fmt.Errorf("%s/%s: %w; run the stage again to have it made anew", d.name, file, err)
	}
	key := d.join(file) + "\x00" + info.SHA256
	if _, ok := d.verified.Load(key); !ok {
		if err := check(f, info); err != nil {
			f.Close()
			return nil, fmt.Errorf("%s/%s: %w; remove %s/%s%s and run again to have it made anew", d.name, file, err, d.name, shard, receiptSuffix)
		}
		d.verified.Store(key, true)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		f.Close()
		return nil, err
	}
	return &Reader{File: f, Info: info}, nil
}

// Reader is an open file of a shard whose bytes have been checked, at its beginning. The
// file may be read anywhere.
type Reader struct {
	vfs.File
	Info FileInfo
}

// check compares a file's size and checksum with what the receipt says.
func check(f vfs.File, info FileInfo) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if st.Size() != info.Size {
		return fmt.Errorf("%w: %d bytes, %d were written", corpus.ErrCorrupt, st.Size(), info.Size)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != info.SHA256 {
		return fmt.Errorf("%w: its checksum is not the one that was written", corpus.ErrCorrupt)
	}
	return nil
}

// Verify compares all files of a shard with its receipt, also those that were checked in
// this process, and returns the receipt. Where a file differs it returns both the receipt
// and the error; where there is no sound receipt, only that error.
func (d Dir) Verify(shard string) (*Receipt, error) {
	r, err := d.Receipt(shard)
	if err != nil {
		return nil, err
	}
	for _, info := range r.Files {
		f, err := d.fs.Open(d.join(info.Name))
		if err != nil {
			return r, err
		}
		err = check(f, info)
		f.Close()
		if err != nil {
			return r, fmt.Errorf("%s/%s: %w", d.name, info.Name, err)
		}
	}
	return r, nil
}

// Output is a shard that is being written: a task creates its files and counts what it
// did. The engine ends it, by commit or abort.
type Output struct {
	Count ledger.Count // what the task did; goes into the receipt and must balance

	dir   Dir
	shard string
	files []*FileWriter
}

// create starts a shard. Its old receipt is removed first, so that it never stands beside
// files of another run, and then the files that the receipt lists: the shard may have
// other ones now.
func (d Dir) create(shard string) (*Output, error) {
	path := d.join(shard + receiptSuffix)
	there, err := exists(d.fs, path)
	if err != nil {
		return nil, err
	}
	if there {
		old, err := d.Receipt(shard)
		if err != nil {
			return nil, err
		}
		if err := remove(d.fs, path); err != nil {
			return nil, err
		}
		for _, f := range old.Files {
			if err := d.fs.RemoveAll(d.join(f.Name)); err != nil {
				return nil, err
			}
		}
	}
	return &Output{dir: d, shard: shard}, nil
}

// Shard returns the shard's name.
func (o *Output) Shard() string { return o.shard }

// Create starts a file of the shard, whose name must begin with the shard's. The task
// writes to it and does not close it. The file stands under its name when all of the
// shard is written.
func (o *Output) Create(name string) (*FileWriter, error) {
	if !strings.HasPrefix(name, o.shard) {
		panic(fmt.Sprintf("work: file %q does not belong to shard %q", name, o.shard))
	}
	f, err := o.dir.fs.Create(tempName(o.dir.join(name)))
	if err != nil {
		return nil, err
	}
	w := &FileWriter{name: name, path: o.dir.join(name), fs: o.dir.fs, f: f, hash: sha256.New()}
	w.buf = bufio.NewWriterSize(&w.sum, 1<<18)
	w.sum = summer{w}
	o.files = append(o.files, w)
	return w, nil
}

// commit syncs all files, moves them to their final names, syncs the folder and writes
// the receipt. The order is what "whole or absent" rests on: when the receipt is there, all
// that it names is on disk, under its name. It fails where any step does; abort then
// removes what is left.
func (o *Output) commit(fingerprint, from string) (*Receipt, error) {
	r := &Receipt{Format: ReceiptFormat, Shard: o.shard, Fingerprint: fingerprint, From: from, Count: o.Count}
	for _, w := range o.files {
		if err := w.finish(); err != nil {
			return nil, err
		}
		r.Files = append(r.Files, FileInfo{w.name, w.size, hex.EncodeToString(w.hash.Sum(nil)), w.Rows})
	}
	if err := o.dir.fs.SyncDir(o.dir.path); err != nil {
		return nil, err
	}
	if err := writeJSON(o.dir.fs, o.dir.join(o.shard+receiptSuffix), r); err != nil {
		return nil, err
	}
	for _, f := range r.Files {
		o.dir.verified.Store(o.dir.join(f.Name)+"\x00"+f.SHA256, true)
	}
	return r, nil
}

// abort closes and removes the files that have been begun.
func (o *Output) abort() {
	for _, w := range o.files {
		if !w.closed {
			w.f.Close()
		}
		o.dir.fs.RemoveAll(tempName(w.path))
	}
}

// FileWriter writes one file of a shard, buffered and hashed on the way.
type FileWriter struct {
	Rows int64 // how many rows or records it has, for the receipt; the task sets it

	name, path string
	fs         vfs.FS
	f          vfs.File
	buf        *bufio.Writer
	sum        summer // what buf writes to
	hash       hash.Hash
	size       int64 // bytes that have left buf
	closed     bool
}

// Write adds to the file.
func (w *FileWriter) Write(p []byte) (int, error) { return w.buf.Write(p) }

// Offset returns how many bytes have been given to Write.
func (w *FileWriter) Offset() int64 { return w.size + int64(w.buf.Buffered()) }

// summer is the end of the buffer: it writes to the file, hashes and counts.
type summer struct{ w *FileWriter }

func (s summer) Write(p []byte) (int, error) {
	n, err := s.w.f.Write(p)
	s.w.hash.Write(p[:n])
	s.w.size += int64(n)
	return n, err
}

// finish writes what is buffered, syncs and closes the file, and gives it its name.
func (w *FileWriter) finish() error {
	err := w.buf.Flush()
	if err == nil {
		err = w.f.Sync()
	}
	if cerr := w.f.Close(); err == nil {
		err = cerr
	}
	w.closed = true
	if err == nil {
		err = w.fs.Rename(tempName(w.path), w.path)
	}
	return err
}

// WriteJSON adds a JSON file to the shard, as the engine of a shard would any other: it
// stands under its name when all of the shard does.
func (o *Output) WriteJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	f, err := o.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	return err
}

// ReadJSON reads a JSON file of a shard into v, after checking its bytes.
func (d Dir) ReadJSON(shard, name string, v any) error {
	r, err := d.Open(shard, name)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := json.NewDecoder(r).Decode(v); err != nil {
		return fmt.Errorf("%s/%s: %w", d.name, name, err)
	}
	return nil
}
