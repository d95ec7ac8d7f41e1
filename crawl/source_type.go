package crawl

import (
	"context"
	"io/fs"
	"iter"
	"slices"

	"github.com/codemill/codemill/crawl/folder"
	"github.com/codemill/codemill/crawl/git"
	"github.com/codemill/codemill/crawl/jsonl"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang/notebook"
)

// sourceType is a type of sources, such as git repositories. To add one, write a package
// like those imported here and a line in sourceTypes.
type sourceType struct {
	name string // the value of Source.Type in the recipe
	// ending is cut off the name of a folder or file that gives its name to the
	// repository: ".git", so that a bare clone name.git is the repository name.
	ending string
	// folders says that it stands at folders, rather than at files.
	folders bool
	family
}

// sourceTypes are all types of sources. Where the recipe says auto, the first type whose
// Is accepts a path is taken.
var sourceTypes = []sourceType{
	{"jsonl", "", false, rowsOf(jsonl.Opener{})},
	{gitType, ".git", true, treesOf(git.Opener{})},
	{folderType, "", true, treesOf(folder.Opener{})},
}

// The types that are told apart: where Source.Ref and Source.AsOf have a meaning, and
// what a folder of clones is taken for.
const (
	gitType    = "git"
	folderType = "folder"
)

// typeNamed returns a type of this name, which is one of sourceTypeNames.
func typeNamed(name string) sourceType {
	return sourceTypes[slices.IndexFunc(sourceTypes, func(k sourceType) bool { return k.name == name })]
}

// sourceTypeNames lists the values of Source.Type but auto.
func sourceTypeNames() []string {
	var names []string
	for _, k := range sourceTypes {
		names = append(names, k.name)
	}
	return names
}

// opener is what the package of a type has to provide. T is a [tree] or a [file].
type opener[T any] interface {
	// Is reports whether what stands at a path is of the type, by its name and by what
	// is in it. Nothing is read.
	Is(path string, info fs.FileInfo) bool
	// Memory is about how many bytes of memory crawling what stands at a path takes.
	Memory(path string, o origin.Options) int64
	// Open opens what stands at a path, which is absolute. Is need not have been asked:
	// the recipe may have named the type, and be wrong.
	Open(ctx context.Context, path string, o origin.Options) (T, error)
}

// tree is a repository: files that can be listed and read, and symbolic links, of which
// the target is read. Its methods may be called any number of times.
type tree interface {
	// Revision identifies the content, such as a commit: the same revision always has
	// the same files. "" where there is no such thing; then the listing says what state
	// the tree is in.
	Revision() string
	// List calls yield for every file, in the order of the paths' bytes. It ends at the
	// first error that yield returns, with that error.
	List(ctx context.Context, yield func(origin.Entry) error) error
	// Open prepares the reading of files. wanted says which ones, in the order in which
	// they will be read; it may be iterated more than once, from another goroutine. An
	// error of it ends the reading. The caller closes what it returns.
	Open(ctx context.Context, wanted iter.Seq2[origin.Entry, error]) (origin.Blobs, error)
}

// file is a file of rows, each of which may become a document.
type file interface {
	// Spans cuts the file into pieces that begin and end with whole rows, in their
	// order. Each becomes a unit.
	Spans(ctx context.Context) ([]origin.Span, error)
	// Rows reads the rows of a piece, in their order. A row is borrowed: it is valid
	// until the loop body ends. Bad rows come as rows that say so; an error ends it.
	Rows(ctx context.Context, s origin.Span) iter.Seq2[origin.Row, error]
}

// family is what crawl knows of a type: trees or files, made by treesOf or rowsOf.
type family interface {
	// is reports whether what stands at a path is of the type.
	is(path string, info fs.FileInfo) bool
	// units opens and lists what stands at a location. note is origin.Options.Note. A
	// [*origin.Left] as error is of the location alone.
	units(ctx context.Context, c *crawler, src *source, at location, note func(what, detail string)) ([]*unit, error)
}

// treesOf is the family of a type that finds trees.
func treesOf[T tree](k opener[T]) family { return trees[T]{k} }

// rowsOf is the family of a type that finds files of rows.
func rowsOf[T file](k opener[T]) family { return files[T]{k} }

type trees[T tree] struct{ opener[T] }

func (k trees[T]) is(path string, info fs.FileInfo) bool { return k.Is(path, info) }

// units lists a tree, which is one unit. Its state is the revision, or else a hash of the
// listing.
func (k trees[T]) units(ctx context.Context, c *crawler, src *source, at location, note func(what, detail string)) ([]*unit, error) {
	options := c.options(src, note)
	options.MaxFileBytes = max(options.MaxFileBytes, maxLicenceBytes)
	memory := spillBytes + k.Memory(at.path, options)
	options.MaxFileBytes = max(options.MaxFileBytes, c.cfg.limitOf(notebook.Jupyter))
	t, err := k.Open(ctx, at.path, options)
	if err != nil {
		return nil, err
	}
	u := &unit{src: src, repo: at.repo, revision: t.Revision()}
	l := newListing(nil)
	large := int64(0) // bytes of the largest notebook
	err = t.List(ctx, func(e origin.Entry) error {
		u.files++
		if e.Size <= c.cfg.limit(e.Path) {
			u.bytes += e.Size
			if c.cfg.notebook(e.Path) != notebook.None {
				large = max(large, e.Size)
			}
		}
		return l.add(e)
	})
	if err != nil {
		return nil, err
	}
	u.memory = memory + notebookMemory*large
	whole := treeContents{tree: t}
	if u.state = "git " + u.revision; u.revision == "" {
		u.state = l.state()
	} else if c.keep(l) {
		whole.listed = l
	}
	u.contents = whole
	return []*unit{u}, nil
}

type files[T file] struct{ opener[T] }

func (k files[T]) is(path string, info fs.FileInfo) bool { return k.Is(path, info) }

// units cuts a file into pieces, each of which is a unit.
func (k files[T]) units(ctx context.Context, c *crawler, src *source, at location, note func(what, detail string)) ([]*unit, error) {
	options := c.options(src, note)
	f, err := k.Open(ctx, at.path, options)
	if err != nil {
		return nil, err
	}
	spans, err := f.Spans(ctx)
	if err != nil {
		return nil, err
	}
	memory := k.Memory(at.path, options)
	var units []*unit
	for _, s := range spans {
		units = append(units, &unit{
			src: src, repo: at.repo, bytes: s.End - s.Start, files: 1, state: s.State,
			memory: memory, contents: rowContents{f, s},
		})
	}
	return units, nil
}

// options is what an opener is told of a source.
func (c *crawler) options(src *source, note func(what, detail string)) origin.Options {
	before, _ := src.before() // Validate has seen it
	return origin.Options{
		MaxFileBytes: c.cfg.MaxFileBytes, PieceBytes: c.cfg.ShardBytes, Inside: src.bounds.inside,
		Repo: func(row origin.Fields) string { return rowRepo(row, src.Columns) },
		Ref:  src.Ref, Before: before, Note: note,
	}
}
