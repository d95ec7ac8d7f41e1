package origin

import (
	"crypto/sha1"
	"encoding/hex"
	"strconv"

	"github.com/codemill/codemill/corpus"
)

// Mode is what an entry of a tree is: a regular file, or something that is never opened.
type Mode byte

// The values of Mode. Their numbers are part of listings, whose hash is the state of a
// folder.
const (
	RegularMode Mode = iota
	SymlinkMode
	SubmoduleMode
	NotRegularMode
	UnreadableMode
)

var modeReasons = [...]corpus.Reason{SymlinkMode: Symlink, SubmoduleMode: Submodule, NotRegularMode: NotRegular, UnreadableMode: Unreadable}

// Reason is why an entry is not opened, "" for a regular file.
func (m Mode) Reason() corpus.Reason { return modeReasons[m] }

// Entry is one line of a tree's listing.
type Entry struct {
	Mode     Mode
	Path     string // slash-separated, relative; any bytes but NUL
	Size     int64  // bytes
	Modified int64  // nanoseconds, 0 where the tree cannot change
	Blob     string // git's object id, hexadecimal; "" where it is not known yet
}

// Blobs reads files of a tree, one after another. One goroutine uses it.
type Blobs interface {
	// Read returns the bytes of the next wanted entry, which is given; of a symbolic
	// link its target. They are borrowed: valid until the next call. A [*Left] as error
	// says why this one cannot be had, and the next may be read; after another error
	// nothing can be read.
	Read(e Entry) ([]byte, error)
	// Close ends the reading, at any time.
	Close() error
}

// BlobID computes the object id, in hexadecimal, that git gives to a blob of these bytes.
func BlobID(b []byte) string {
	h := sha1.New()
	h.Write(strconv.AppendInt([]byte("blob "), int64(len(b)), 10))
	h.Write([]byte{0})
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}
