package crawl

import "github.com/codemill/codemill/corpus"

// The reasons for which a listed file or row does not become a document.
const (
	NotIncluded corpus.Reason = "not_included" // no glob of include fits its path
	Excluded    corpus.Reason = "excluded"     // a glob of exclude fits its path
	Kind        corpus.Reason = "kind"         // not of the kinds that the source asks for
	Symlink     corpus.Reason = "symlink"      // never followed
	Submodule   corpus.Reason = "submodule"    // a commit of another repository
	NotRegular  corpus.Reason = "not_regular"  // socket, pipe or device; never opened
	Unreadable  corpus.Reason = "unreadable"   // the system or git could not give its bytes: bad input
	Changed     corpus.Reason = "changed"      // grew, shrank or went away while it was read
	Empty       corpus.Reason = "empty"        // no bytes, or nothing but a byte order mark
	TooLarge    corpus.Reason = "too_large"    // over max_file_bytes
	Binary      corpus.Reason = "binary"       // holds a NUL byte (or character, for UTF-16 and UTF-32)
	LFSPointer  corpus.Reason = "lfs_pointer"  // stands for a file that Git LFS keeps elsewhere
	Encoding    corpus.Reason = "encoding"     // neither UTF-8 nor convertible with confidence
	Undetected  corpus.Reason = "undetected"   // language detection broke down on it
	SeenBlob    corpus.Reason = "seen_blob"    // blobs: once, and another place comes first
	Malformed   corpus.Reason = "malformed"    // a line that is not a JSON object with the columns' types
	LineTooLong corpus.Reason = "line_too_long"
	NoText      corpus.Reason = "no_text" // a JSONL row without a text
)
