package crawl

import (
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
)

// The reasons for which a listed file or row does not become a document;
// those that a type of sources gives stand in package origin.
const (
	NotIncluded corpus.Reason = "not_included" // no glob of include fits its path
	Excluded    corpus.Reason = "excluded"     // a glob of exclude fits its path
	// ExportIgnore is of what the repository leaves out of its archives.
	ExportIgnore corpus.Reason = "export_ignore"
	Path         corpus.Reason = "path" // would lead elsewhere where it is unpacked, see escapes
	Kind         corpus.Reason = "kind" // not of the kinds that the source asks for
	Symlink                    = origin.Symlink
	Submodule                  = origin.Submodule
	NotRegular                 = origin.NotRegular
	Unreadable                 = origin.Unreadable
	Changed                    = origin.Changed
	Empty        corpus.Reason = corpus.Reason(lang.Empty)
	TooLarge     corpus.Reason = "too_large" // over max_file_bytes
	Binary       corpus.Reason = corpus.Reason(lang.Binary)
	Notebook     corpus.Reason = "notebook" // cannot be read as one
	LFSPointer   corpus.Reason = corpus.Reason(lang.LFSPointer)
	Encoding                   = origin.Encoding
	Undetected   corpus.Reason = "undetected" // language detection broke down on it
	SeenBlob     corpus.Reason = "seen_blob"  // blobs: once, and another place comes first
	Malformed                  = origin.Malformed
	LineTooLong                = origin.LineTooLong
	NoText       corpus.Reason = "no_text" // a JSONL row without a text, also not an empty one: bad input

	UnreadableRepo = origin.UnreadableRepo
	NotYet         = origin.NotYet
)

// escapes reports whether a file that is unpacked by this path, below a folder
// to which the path is joined, could end outside of it or among git's own files
// there. A path with "/" in front is joined like any other: The Stack v2 has it.
func escapes(path string) bool {
	for e := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if e == ".." || strings.EqualFold(e, origin.GitDir) {
			return true
		}
	}
	return strings.IndexByte(path, 0) >= 0
}

// IsBad reports whether a reason means broken input rather than choice. A path that
// leads elsewhere is among them: no tool makes one by itself, so that who crawls wants
// to hear of it. So is a row without a text: its text stands in a column that nobody
// named. Symbolic links, submodules, texts in no known encoding and notebooks that cannot
// be read are not: sound repositories have them.
func IsBad(r corpus.Reason) bool {
	switch r {
	case Unreadable, UnreadableRepo, Changed, Malformed, LineTooLong, Path, Undetected, NoText:
		return true
	}
	return false
}

// MayPass reports whether a reason may not be there another time: a disk or network
// that failed, a file that was being written.
func MayPass(r corpus.Reason) bool { return r == Unreadable || r == Changed }
