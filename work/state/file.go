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

// The kinds of files, with an example of a name.
const (
	Documents FileKind = iota // docs/00012.parquet
	LeftOut                   // docs/00012.left.parquet: what crawl left out
	Verdicts                  // verdicts/filter/00012.parquet
	Known                     // verdicts/dedup/00012.known.parquet: survivors of earlier runs
	Plan                      // plan/00012.parquet
	Blend                     // plan/blend.json
	Tokens                    // tokens/data-00000-of-00002.arrow
	Text                      // any other JSON, such as a receipt: to be shown as it is
)

// File is what the name of a file of a work folder says.
type File struct {
	Kind  FileKind
	Dir   string // its folder, relative to the work folder, with slashes
	Pass  string // whose verdicts it holds; "" outside of verdicts/
	Shard string // its name up to the first dot
	// Number is that of the shard of documents that the file belongs to; 0 where Shard
	// is no number, as of Blend, Tokens and most of Text.
	Number int
}

// FileOf tells what a file holds by its name, relative to the work folder, with slashes.
// It looks at the name alone: the file may be damaged, or not be there. The error is for
// names of no kind, such as files of dedup's needs.
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
