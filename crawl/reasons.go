package crawl

import (
	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
)

// The reasons for which a listed file or row does not become a document;
// those that a kind of sources gives stand in package origin.
const (
	NotIncluded corpus.Reason = "not_included" // no glob of include fits its path
	Excluded    corpus.Reason = "excluded"     // a glob of exclude fits its path
	Kind        corpus.Reason = "kind"         // not of the kinds that the source asks for
	Symlink                   = origin.Symlink
	Submodule                 = origin.Submodule
	NotRegular                = origin.NotRegular
	Unreadable                = origin.Unreadable
	Changed                   = origin.Changed
	Empty       corpus.Reason = corpus.Reason(lang.Empty)
	TooLarge    corpus.Reason = "too_large" // over max_file_bytes
	Binary      corpus.Reason = corpus.Reason(lang.Binary)
	LFSPointer  corpus.Reason = corpus.Reason(lang.LFSPointer)
	Encoding                  = origin.Encoding
	Undetected  corpus.Reason = "undetected" // language detection broke down on it
	SeenBlob    corpus.Reason = "seen_blob"  // blobs: once, and another place comes first
	Malformed                 = origin.Malformed
	LineTooLong               = origin.LineTooLong
	NoText      corpus.Reason = "no_text" // a JSONL row without a text
)
