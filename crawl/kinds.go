package crawl

import (
	"context"
	"io/fs"
	"iter"

	"github.com/codemill/codemill/crawl/folder"
	"github.com/codemill/codemill/crawl/git"
	"github.com/codemill/codemill/crawl/jsonl"
	"github.com/codemill/codemill/crawl/origin"
)

// kind is a kind of sources. To add one takes a package like those above and a
// line in kinds.
type kind struct {
	name   string // the value of Source.Type
	ending string // is cut off what is found where it names the repository
	family
}

// kinds are all there are. Where the type is auto, the first that a path fits
// is taken.
var kinds = []kind{
	{"jsonl", "", rowsOf(jsonl.Kind{})},
	{"git", ".git", treesOf(git.Kind{})},
	{"folder", "", treesOf(folder.Kind{})},
}

// kindNames lists the names of all kinds.
func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// opener is what a kind has to do. T is a tree or a file.
type opener[T any] interface {
	// Is reports whether what stands at a path looks to be of the kind.
	Is(path string, info fs.FileInfo) bool
	// Memory is about how many bytes reading it takes.
	Memory(path string, o origin.Options) int64
	// Open looks at it. The path is absolute; what is there need not be of the
	// kind, which the recipe may have said in error.
	Open(ctx context.Context, path string, o origin.Options) (T, error)
}

// tree is a repository that can be listed and read. Of a symbolic link its target
// is read.
type tree interface {
	// Revision names the state for good, "" where only its listing does.
	Revision() string
	// List calls yield for every file in the order of the paths' bytes.
	List(ctx context.Context, yield func(origin.Entry) error) error
	// Open prepares the reading of the entries of wanted, in their order.
	Open(ctx context.Context, wanted iter.Seq[origin.Entry]) (origin.Blobs, error)
}

// file is a file of rows.
type file interface {
	// Spans cuts the file into pieces, in their order.
	Spans(ctx context.Context) ([]origin.Span, error)
	// Rows reads a piece. A row is borrowed until the next one.
	Rows(ctx context.Context, s origin.Span) iter.Seq2[origin.Row, error]
}

// family is a kind whose units are trees, or one whose units are rows.
type family interface {
	is(path string, info fs.FileInfo) bool
	units(ctx context.Context, c *crawler, src *source, at location) ([]*unit, error)
}

func treesOf[T tree](k opener[T]) family { return trees[T]{k} }

func rowsOf[T file](k opener[T]) family { return files[T]{k} }

type trees[T tree] struct{ opener[T] }

func (k trees[T]) is(path string, info fs.FileInfo) bool { return k.Is(path, info) }

// units lists a tree, which is one unit.
func (k trees[T]) units(ctx context.Context, c *crawler, src *source, at location) ([]*unit, error) {
	options := c.options(src)
	options.MaxFileBytes = max(options.MaxFileBytes, maxLicenceBytes)
	t, err := k.Open(ctx, at.path, options)
	if err != nil {
		return nil, err
	}
	u := &unit{src: src, repo: at.repo, revision: t.Revision(), memory: spillBytes + k.Memory(at.path, options), contents: treeContents{t}}
	l := newListing(nil)
	err = t.List(ctx, func(e origin.Entry) error {
		u.files++
		if e.Size <= c.cfg.MaxFileBytes {
			u.bytes += e.Size
		}
		return l.add(e)
	})
	if err != nil {
		return nil, err
	}
	if u.state = "git " + u.revision; u.revision == "" {
		u.state = l.state()
	}
	return []*unit{u}, nil
}

type files[T file] struct{ opener[T] }

func (k files[T]) is(path string, info fs.FileInfo) bool { return k.Is(path, info) }

// units cuts a file, of which each piece is a unit.
func (k files[T]) units(ctx context.Context, c *crawler, src *source, at location) ([]*unit, error) {
	options := c.options(src)
	f, err := k.Open(ctx, at.path, options)
	if err != nil {
		return nil, err
	}
	spans, err := f.Spans(ctx)
	if err != nil {
		return nil, err
	}
	var units []*unit
	for _, s := range spans {
		units = append(units, &unit{
			src: src, repo: at.repo, bytes: s.End - s.Start, files: 1, state: s.State,
			memory: k.Memory(at.path, options), contents: rowContents{f, s},
		})
	}
	return units, nil
}

// options is what a kind is told of a source.
func (c *crawler) options(src *source) origin.Options {
	return origin.Options{
		MaxFileBytes: c.cfg.MaxFileBytes, PieceBytes: c.cfg.ShardBytes, Inside: src.bounds.inside,
		Repo: func(row origin.Fields) string { return rowRepo(row, src.Columns) },
	}
}
