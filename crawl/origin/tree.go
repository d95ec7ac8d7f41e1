package origin

import (
	"crypto/sha1"
	"encoding/hex"
	"strconv"

	"github.com/codemill/codemill/corpus"
)

// Mode is what a listed entry is: a file, or one of what is never opened.
type Mode byte

// The values of Mode. Their numbers stand in listings and so in fingerprints.
const (
	RegularMode Mode = iota
	SymlinkMode
	SubmoduleMode
	NotRegularMode
	UnreadableMode
)

var modeReasons = [...]corpus.Reason{SymlinkMode: Symlink, SubmoduleMode: Submodule, NotRegularMode: NotRegular, UnreadableMode: Unreadable}

// Reason is why an entry is not opened, "" for a file.
func (m Mode) Reason() corpus.Reason { return modeReasons[m] }

// Entry is one line of a tree's listing.
type Entry struct {
	Mode     Mode
	Path     string // slash-separated, relative; any bytes but NUL
	Size     int64  // bytes
	Modified int64  // nanoseconds, 0 where the tree cannot change
	Blob     string // git's object id, hexadecimal; "" where it is not known yet
}

// Blobs reads the files of a tree one after another.
type Blobs interface {
	// Read returns the bytes of the next wanted entry, of a symbolic link its
	// target, borrowed until the next call. A [*Left] says why this one cannot be had; other errors end it.
	Read(e Entry) ([]byte, error)
	Close() error
}

// BlobID computes the object id that git would give to these bytes.
func BlobID(b []byte) string {
	h := sha1.New()
	h.Write(strconv.AppendInt([]byte("blob "), int64(len(b)), 10))
	h.Write([]byte{0})
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}
