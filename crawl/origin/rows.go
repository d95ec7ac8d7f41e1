package origin

// Span is a piece of a file of rows, which begins and ends with whole rows. It is a unit
// of crawl: it is never split across shards.
type Span struct {
	Start, End int64 // byte offsets in the file; the byte at End is not in it
	// State changes when the documents of the piece may: it goes into the shard's
	// fingerprint.
	State string
}

// Row is one row of a file, as its type reads it.
type Row struct {
	// Start and End are byte offsets in the file, or in what it decompresses to. A row
	// without a path of its own is named by its start.
	Start, End int64
	Size       int64  // bytes that it counts with if it is left out
	Fields     Fields // nil where Left is set
	Left       *Left  // why the row cannot be had, nil if it can
}

// Fields gives the values of a row by name.
type Fields interface {
	// Field returns the value under a name, or where there is none under the name
	// taken as a dotted path: with "meta.repo" the field repo of the object meta. It is
	// a string, [Replaced], [Number], bool, []any of these, or [Object]; nil where
	// there is none or it is null.
	Field(name string) any
	// Names returns the names of all fields, sorted.
	Names() []string
}

// Number is a number, as it is written: "1e3".
type Number string

// Replaced is a string in which the decoder has put U+FFFD for what it could
// not read.
type Replaced string

// Object is a value with fields of its own.
type Object struct{}
