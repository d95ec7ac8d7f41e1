package crawl

import (
	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/lang"
)

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
	Empty       corpus.Reason = corpus.Reason(lang.Empty)
	TooLarge    corpus.Reason = "too_large" // over max_file_bytes
	Binary      corpus.Reason = corpus.Reason(lang.Binary)
	LFSPointer  corpus.Reason = corpus.Reason(lang.LFSPointer)
	Encoding    corpus.Reason = corpus.Reason(lang.BadEncoding)
	Undetected  corpus.Reason = "undetected" // language detection broke down on it
	SeenBlob    corpus.Reason = "seen_blob"  // blobs: once, and another place comes first
	Malformed   corpus.Reason = "malformed"  // a line that is not a JSON object with the columns' types
	LineTooLong corpus.Reason = "line_too_long"
	NoText      corpus.Reason = "no_text" // a JSONL row without a text
)
