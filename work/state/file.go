package state

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/work"
)

// FileKind is what a file of a work folder holds.
type FileKind int

// The kinds of files.
const (
	Documents FileKind = iota
	LeftOut            // by crawl
	Verdicts
	Known // survivors of earlier runs, beside the verdicts of dedup
	Plan
	Blend
	Tokens
	Text // JSON and the like, to be shown as it is
)

// File is a file of a work folder, by its name.
type File struct {
	Kind  FileKind
	Dir   string // relative to the work folder
	Pass  string // whose verdicts it holds
	Shard string
	// Number is that of the shard of documents that the file belongs to.
	Number int
}

// FileOf tells what a file holds by its name, relative to the work folder.
func FileOf(name string) (File, error) {
	dir, file := path.Dir(name), path.Base(name)
	shard, ending, _ := strings.Cut(file, ".")
	f := File{Dir: dir, Shard: shard}
	var isVerdict bool
	f.Pass, isVerdict = strings.CutPrefix(dir, "verdicts/")
	n, err := strconv.Atoi(shard)
	f.Number = n
	numbered := err == nil && n >= 0
	switch {
	case ending == "arrow":
		f.Kind = Tokens
	case dir == work.PlanStage && shard == corpus.BlendShard && ending == "json":
		f.Kind = Blend
	case strings.HasSuffix(ending, "json"):
		f.Kind = Text
	case numbered && dir == work.DocsStage && ending == "left.parquet":
		f.Kind = LeftOut
	case numbered && dir == work.DocsStage && ending == "parquet":
		f.Kind = Documents
	case numbered && isVerdict && ending == "known.parquet":
		f.Kind = Known
	case numbered && isVerdict && ending == "parquet":
		f.Kind = Verdicts
	case numbered && dir == work.PlanStage && ending == "parquet":
		f.Kind = Plan
	default:
		return f, fmt.Errorf("%s: not a file that inspect knows", name)
	}
	return f, nil
}
