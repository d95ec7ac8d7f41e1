package filter

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/work"
)

// The values of Config.OptOutCopies, besides [Keep].
const (
	Files        = "files"
	Repositories = "repositories"
)

// The reasons of copies. Survivor is then a document of a listed repository whose
// text this one is, or which is copied in its repository; NoPos where that one is no
// document, since the crawl keeps each blob once. Similarity is 1, or the share of
// the repository that is copied.
const (
	CopyReason       = "opt_out_copy"
	RepositoryReason = "opt_out_copy_repository"
)

// copiedShare is the share of a repository's bytes from which on it is a copy. A fork
// keeps most files of what it was made from; what projects have in common otherwise,
// such as licences and libraries, is seldom half of one.
const copiedShare = 0.5

// What a task has to know of all documents stands in needs of the stage, in files of
// sorted records whose numbers are big-endian:
//
//	listed/00000.texts …          a textRecord for each text of a listed repository
//	listed/listed.texts           the same of all shards, each text once
//	repositories/00000.shares …   a shareRecord for each repository that is not listed
//	repositories/copies.shares    the same of all shards, of those that are copies
//
// Documents that earlier passes put out count as well: what was left of a repository
// says less of where it is from.
const (
	listedSub   = "listed"
	listedShard = "listed"
	textsExt    = ".texts"
	sharesSub   = "repositories"
	sharesShard = "copies"
	sharesExt   = ".shares"
)

// textRecord is a text's content id, and the position of the first document with it.
type textRecord [16 + 8]byte

// shareRecord is the hash of a repository's name, the bytes of its documents, how many
// of these are copied, and the first document that is.
type shareRecord [16 + 8 + 8 + 8]byte

func newShare(hash [16]byte, bytes, copied int64, of corpus.Pos) (r shareRecord) {
	copy(r[:], hash[:])
	binary.BigEndian.PutUint64(r[16:], uint64(bytes))
	binary.BigEndian.PutUint64(r[24:], uint64(copied))
	binary.BigEndian.PutUint64(r[32:], uint64(of))
	return r
}

func (r *shareRecord) parse() (bytes, copied int64, of corpus.Pos) {
	u64 := binary.BigEndian.Uint64
	return int64(u64(r[16:])), int64(u64(r[24:])), corpus.Pos(u64(r[32:]))
}

func hashOf(repo string) [16]byte {
	h := sha256.Sum256([]byte(repo))
	return [16]byte(h[:])
}

// copies finds the copies of what listed repositories have.
type copies struct {
	list   *optOut
	of     string // Files or Repositories
	job    work.Job
	shards int
}

// asksAfterCopies adds to a stage what copies have to be known by. Any document may
// then change the verdict on any other.
func (f *Filter) asksAfterCopies(job work.Job, s *work.Stage) (*copies, error) {
	inputs, err := job.Inputs()
	if err != nil {
		return nil, err
	}
	c := &copies{f.optOut, f.settings.Copies, job, len(inputs)}
	all := work.Fingerprint(inputs)
	for i := range s.Tasks {
		s.Tasks[i].Inputs = []any{s.Tasks[i].Inputs, all}
	}
	need := func(sub, final string, inputs any, shard func(context.Context, int, *work.Output) error, merge func(context.Context, *work.Output) error) {
		s.Needs = append(s.Needs, work.Need{Sub: sub, Stage: func(context.Context) (work.Stage, error) {
			n, err := job.Sub(sub).PerShard(work.Stage{Version: Version, Settings: f.settings.OptOut}, work.TableMemory, shard)
			for i := range n.Tasks {
				n.Tasks[i].Inputs = []any{n.Tasks[i].Inputs, inputs}
				n.Tasks[i].Bytes = 0
			}
			n.Final = []work.FinalTask{{Shard: final, Make: func(ctx context.Context, out *work.Output, _ *work.Manifest) error { return merge(ctx, out) }}}
			return n, err
		}})
	}
	need(listedSub, listedShard, nil, c.textsOf, c.mergeTexts)
	if c.of == Repositories {
		need(sharesSub, sharesShard, all, c.sharesOf, c.mergeShares)
	}
	return c, nil
}

// textsOf writes the texts of listed repositories of one shard.
func (c *copies) textsOf(ctx context.Context, shard int, out *work.Output) error {
	var list []textRecord
	var repo string
	listed := false
	for row, err := range c.job.Rows(ctx, shard, false) {
		if err != nil {
			return err
		}
		if row.Doc.Repo != repo {
			repo = strings.Clone(row.Doc.Repo)
			listed = c.list.has(repo)
		}
		if listed || c.alsoListed(row.Doc) {
			var r textRecord
			copy(r[:], row.Doc.ContentID[:])
			binary.BigEndian.PutUint64(r[16:], uint64(row.Pos))
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b textRecord) int { return bytes.Compare(a[:], b[:]) })
	list = slices.CompactFunc(list, func(a, b textRecord) bool { return bytes.Equal(a[:16], b[:16]) })
	return writeRecords(out, textsExt, slices.Values(list), func(r *textRecord) []byte { return r[:] })
}

// alsoListed reports whether a listed repository has a document, which stands under
// another's name.
func (c *copies) alsoListed(d *corpus.Doc) bool {
	return slices.ContainsFunc(d.AlsoAt, func(at string) bool { return c.list.has(repoOfPlace(at)) })
}

// mergeTexts joins the texts of all shards.
func (c *copies) mergeTexts(ctx context.Context, out *work.Output) error {
	f, err := out.Create(listedShard + textsExt)
	if err != nil {
		return err
	}
	var last textRecord
	return c.merged(ctx, listedSub, textsExt, len(last), func(b []byte) error {
		if f.Rows > 0 && bytes.Equal(b[:16], last[:16]) {
			return nil
		}
		copy(last[:], b)
		f.Rows++
		_, err := f.Write(b)
		return err
	})
}

// sharesOf writes how much is copied of each repository of one shard.
func (c *copies) sharesOf(ctx context.Context, shard int, out *work.Output) error {
	copied, err := c.copied(ctx, shard)
	if err != nil {
		return err
	}
	shares := map[string]shareRecord{}
	for row, err := range c.job.Rows(ctx, shard, false) {
		if err != nil {
			return err
		}
		d := row.Doc
		if d.Repo == "" {
			continue
		}
		share, seen := shares[d.Repo]
		if !seen {
			share = newShare(hashOf(d.Repo), 0, 0, corpus.NoPos)
		}
		size, part, first := share.parse()
		if of, ok := copied[row.Pos.Row()]; ok {
			part += d.Bytes
			first = min(first, of)
		}
		shares[strings.Clone(d.Repo)] = newShare([16]byte(share[:]), size+d.Bytes, part, first)
	}
	maps.DeleteFunc(shares, func(repo string, _ shareRecord) bool { return c.list.has(repo) })
	list := slices.SortedFunc(maps.Values(shares), func(a, b shareRecord) int { return bytes.Compare(a[:], b[:]) })
	return writeRecords(out, sharesExt, slices.Values(list), func(r *shareRecord) []byte { return r[:] })
}

// mergeShares adds up the shares of all shards, for a repository's rows may stand in
// several, and writes those of copies.
func (c *copies) mergeShares(ctx context.Context, out *work.Output) error {
	f, err := out.Create(sharesShard + sharesExt)
	if err != nil {
		return err
	}
	var sum shareRecord
	begun := false
	end := func() error {
		size, part, _ := sum.parse()
		if part == 0 || float64(part) < copiedShare*float64(size) {
			return nil
		}
		f.Rows++
		_, err := f.Write(sum[:])
		return err
	}
	err = c.merged(ctx, sharesSub, sharesExt, len(sum), func(b []byte) error {
		next := shareRecord(b)
		if begun && bytes.Equal(next[:16], sum[:16]) {
			size, part, first := sum.parse()
			nextSize, nextPart, nextFirst := next.parse()
			sum = newShare([16]byte(sum[:]), size+nextSize, part+nextPart, min(first, nextFirst))
			return nil
		}
		if begun {
			if err := end(); err != nil {
				return err
			}
		}
		begun = true
		sum = next
		return nil
	})
	if err != nil || !begun {
		return err
	}
	return end()
}

// known is what is known of the copies in one shard.
type known struct {
	rows  map[int64]corpus.Pos     // by row, a document whose text it is; see CopyReason
	repos map[[16]byte]shareRecord // of repositories that are copies
}

// in returns what is known of one shard.
func (c *copies) in(ctx context.Context, shard int) (k known, err error) {
	if k.rows, err = c.copied(ctx, shard); err != nil || c.of != Repositories {
		return k, err
	}
	here := map[[16]byte]bool{}
	var repo string
	for row, err := range c.job.Rows(ctx, shard, false) {
		if err != nil {
			return k, err
		}
		if row.Doc.Repo != repo {
			repo = strings.Clone(row.Doc.Repo)
			here[hashOf(repo)] = true
		}
	}
	k.repos = map[[16]byte]shareRecord{}
	err = c.each(ctx, sharesSub, sharesShard, sharesExt, len(shareRecord{}), func(b []byte) error {
		if hash := [16]byte(b); here[hash] {
			k.repos[hash] = shareRecord(b)
		}
		return nil
	})
	return k, err
}

// verdict returns the verdict on a document that is a copy.
func (k known) verdict(row work.Row) (v corpus.Verdict, ok bool) {
	if of, ok := k.rows[row.Pos.Row()]; ok {
		return corpus.Verdict{Reason: CopyReason, Survivor: of, Similarity: 1}, true
	}
	if len(k.repos) == 0 || row.Doc.Repo == "" {
		return v, false
	}
	share, ok := k.repos[hashOf(row.Doc.Repo)]
	size, part, of := share.parse()
	return corpus.Verdict{Reason: RepositoryReason, Survivor: of, Similarity: float64(part) / float64(max(size, 1)), Value: float64(part) / float64(max(size, 1)), Limit: copiedShare}, ok
}

// copied returns the rows of a shard whose texts stand in listed repositories, with the
// first document there. Those of listed repositories are among them.
func (c *copies) copied(ctx context.Context, shard int) (map[int64]corpus.Pos, error) {
	rows := map[int64]corpus.Pos{}
	var texts []textRecord // with rows in the place of positions
	var also []int64       // rows whose texts would be found to be their own
	for row, err := range c.job.Rows(ctx, shard, false) {
		if err != nil {
			return nil, err
		}
		var r textRecord
		copy(r[:], row.Doc.ContentID[:])
		binary.BigEndian.PutUint64(r[16:], uint64(row.Pos.Row()))
		texts = append(texts, r)
		if c.alsoListed(row.Doc) {
			also = append(also, row.Pos.Row())
		}
	}
	slices.SortFunc(texts, func(a, b textRecord) int { return bytes.Compare(a[:], b[:]) })
	err := c.each(ctx, listedSub, listedShard, textsExt, len(textRecord{}), func(b []byte) error {
		for len(texts) > 0 && bytes.Compare(texts[0][:16], b[:16]) <= 0 {
			if bytes.Equal(texts[0][:16], b[:16]) {
				rows[int64(binary.BigEndian.Uint64(texts[0][16:]))] = corpus.Pos(binary.BigEndian.Uint64(b[16:]))
			}
			texts = texts[1:]
		}
		return nil
	})
	for _, row := range also {
		rows[row] = corpus.NoPos
	}
	return rows, err
}

// repoOfPlace returns the repository of an element of Doc.AlsoAt, "repo:path".
func repoOfPlace(place string) string {
	at := 0
	if i := strings.Index(place, "://"); i >= 0 {
		at = i + len("://")
	}
	repo, _, _ := strings.Cut(place[at:], ":")
	return place[:at+len(repo)]
}

// writeRecords writes records into a file of a shard.
func writeRecords[R any](out *work.Output, ext string, records func(func(R) bool), of func(*R) []byte) error {
	f, err := out.Create(out.Shard() + ext)
	if err != nil {
		return err
	}
	for r := range records {
		f.Rows++
		if _, err := f.Write(of(&r)); err != nil {
			return err
		}
	}
	return nil
}

// each calls do with the records of one file of a need, in their order. A record is
// valid until do returns.
func (c *copies) each(ctx context.Context, sub, shard, ext string, width int, do func(b []byte) error) error {
	f, err := c.job.Sub(sub).Dir().Open(shard, shard+ext)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	record := make([]byte, width)
	for i := range f.Info.Rows {
		if i%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if _, err := io.ReadFull(in, record); err != nil {
			return fmt.Errorf("%s/%s: %w", sub, shard, err)
		}
		if err := do(record); err != nil {
			return err
		}
	}
	return nil
}

// merged calls do with the records of all shards of a need, sorted.
func (c *copies) merged(ctx context.Context, sub, ext string, width int, do func(b []byte) error) (err error) {
	scratch, err := c.job.Work.Scratch(c.job.Stage + "-" + sub)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := scratch.Close(); err == nil {
			err = cerr
		}
	}()
	sorter := extsort.New(width, max(c.job.Memory/4, extsort.MinBudget), scratch)
	defer sorter.Close()
	for i := range c.shards {
		if err := c.each(ctx, sub, corpus.ShardName(i), ext, width, sorter.Add); err != nil {
			return err
		}
	}
	sorted, err := sorter.Sort()
	if err != nil {
		return err
	}
	for b, err := range sorted.All() {
		if err != nil {
			return err
		}
		if err := do(b); err != nil {
			return err
		}
	}
	return nil
}
