package origin

// Span is a piece of a file of rows, which begins and ends with whole rows. It
// is what is never split across shards.
type Span struct {
	Start, End int64  // bytes of the file
	State      string // what the piece's documents depend on
}

// Row is one row of a file, as its kind reads it.
type Row struct {
	Start, End int64  // in the file, or in what it decompresses to; the start names a row without a path
	Size       int64  // what it counts with when it is left out
	Fields     Fields // nil when Left is set
	Left       *Left  // why the row cannot be had
}

// Fields gives the values of a row by name.
type Fields interface {
	// Field returns the field of a name, or else of its dotted path: a string,
	// [Replaced], [Number], bool, []any of these, or [Object]; nil for none.
	Field(name string) any
}

// Number is a number as it is written.
type Number string

// Replaced is a string in which the decoder has put U+FFFD for what it could
// not read.
type Replaced string

// Object is a value with fields of its own.
type Object struct{}
