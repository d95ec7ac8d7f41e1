package git

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/codemill/codemill/crawl/origin"
)

// sizesAtOnce is how many blobs one call of git is asked the size of.
const sizesAtOnce = 4096

// listPartial lists a tree of which blobs may be missing that the repository's origin has
// promised. Git dies of such a blob where it is asked for its size, or its bytes, and may
// not fetch it. So git is asked first which ones are missing; they, and links among
// them, are entries that cannot be read.
func (g Tree) listPartial(ctx context.Context, yield func(origin.Entry) error) error {
	missing := map[[32]byte]bool{}
	err := g.lines(ctx, '\n', func(line string) error {
		if id, ok := strings.CutPrefix(line, "?"); ok {
			missing[binaryID(id)] = true
		}
		return nil
	}, "rev-list", "--objects", "--no-object-names", "--missing=print", g.commit+"^{tree}")
	if err != nil {
		return err
	}
	var chunk []origin.Entry
	flush := func() error {
		if err := g.sizes(ctx, chunk); err != nil {
			return err
		}
		for _, e := range chunk {
			if err := yield(e); err != nil {
				return err
			}
		}
		chunk = chunk[:0]
		return nil
	}
	err = g.lines(ctx, 0, func(line string) error {
		head, path, _ := strings.Cut(line, "\t")
		e, err := parseTreeLine(head + " 0\t" + path)
		if err != nil {
			return err
		}
		if missing[binaryID(e.Blob)] && (e.Mode == origin.RegularMode || e.Mode == origin.SymlinkMode) {
			e.Mode = origin.UnreadableMode
		}
		if chunk = append(chunk, e); len(chunk) < sizesAtOnce {
			return nil
		}
		return flush()
	}, "ls-tree", "-r", "-z", "--full-tree", g.commit)
	if err != nil {
		return err
	}
	return flush()
}

// sizes asks git for the sizes of the files and links among some entries.
func (g Tree) sizes(ctx context.Context, entries []origin.Entry) error {
	var wanted []*origin.Entry
	var ids strings.Builder
	for i := range entries {
		if e := &entries[i]; e.Mode == origin.RegularMode || e.Mode == origin.SymlinkMode {
			wanted = append(wanted, e)
			ids.WriteString(e.Blob + "\n")
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	cmd := command(ctx, g.dir, "cat-file", "--batch-check=%(objectsize)")
	cmd.Stdin = strings.NewReader(ids.String())
	var complaint tail
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return faultOf(ctx, complaint.explain(ctx, cmd, err), g.dir)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(wanted) {
		return fmt.Errorf("git cat-file: %d answers to %d questions", len(lines), len(wanted))
	}
	for i, e := range wanted {
		size, err := strconv.ParseInt(lines[i], 10, 64)
		switch {
		case err == nil:
			e.Size = size
		case e.Mode == origin.RegularMode: // "missing": it is not there, or damaged
			e.Mode = origin.UnreadableMode
		}
	}
	return nil
}

// binaryID is an object id, with zeros behind one of SHA-1.
func binaryID(id string) (b [32]byte) {
	if len(id) <= 2*len(b) {
		hex.Decode(b[:], []byte(id))
	}
	return b
}
