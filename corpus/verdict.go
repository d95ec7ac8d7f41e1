package corpus

import (
	"encoding/binary"
	"fmt"

	"github.com/codemill/codemill/corpus/table"
)

// Reason says why a document is out; the empty Reason says that it stays. A
// reason is the name of the rule that decided, such as "max_line_length". It
// is counted once for every document that it put out.
type Reason string

// Earlier is the reason in the verdict of a document that an earlier stage had
// already put out: the stage did not look at it.
const Earlier Reason = "before"

// Verdict is what one stage says of one document. It stands in the same shard
// and row as the document.
type Verdict struct {
	Reason     Reason
	Value      float64 // measured, of what the rule names
	Limit      float64 // the bound that Value broke
	Survivor   Pos     // the document it was dropped for, or NoPos
	Similarity float64 // to the survivor, 0 to 1
	Copies     int64   // how many documents this survivor stands for, itself included; 0 if not asked
	Edits      Edits   // what to replace in the text, sorted, not overlapping
}

// Verdicts are the columns of the verdicts.
var Verdicts = table.Schema[Verdict]{
	{Name: "reason", Type: table.Names, At: func(v *Verdict) any { return (*string)(&v.Reason) }},
	{Name: "value", Type: table.Floats, At: func(v *Verdict) any { return &v.Value }},
	{Name: "limit", Type: table.Floats, At: func(v *Verdict) any { return &v.Limit }},
	{Name: "survivor", Type: table.Ints, At: func(v *Verdict) any { return (*uint64)(&v.Survivor) }},
	{Name: "similarity", Type: table.Floats, At: func(v *Verdict) any { return &v.Similarity }},
	{Name: "copies", Type: table.Ints, At: func(v *Verdict) any { return &v.Copies }},
	{Name: "edits", Type: table.Blobs, At: func(v *Verdict) any { return &v.Edits }},
}

// Kept reports whether the document stays.
func (v *Verdict) Kept() bool { return v.Reason == "" }

// Edit replaces the bytes Start to End of a text by Text. Positions refer to
// the text as the stage was given it: the edits of the stages before applied.
type Edit struct {
	Start, End int64
	Text       string
}

// Edits are stored as one value: for each of them start and end as uvarints,
// the length of the replacement as uvarint, the replacement.
type Edits []Edit

// AppendBinary appends the edits as they are stored.
func (edits Edits) AppendBinary(b []byte) ([]byte, error) {
	for _, e := range edits {
		b = binary.AppendUvarint(b, uint64(e.Start))
		b = binary.AppendUvarint(b, uint64(e.End))
		b = binary.AppendUvarint(b, uint64(len(e.Text)))
		b = append(b, e.Text...)
	}
	return b, nil
}

// UnmarshalBinary reads what AppendBinary wrote; [ErrCorrupt] for anything else.
func (edits *Edits) UnmarshalBinary(b []byte) error {
	*edits = nil
	for len(b) > 0 {
		var n [3]uint64
		for i := range n {
			v, k := binary.Uvarint(b)
			if k <= 0 || v > 1<<62 {
				return fmt.Errorf("%w: edits", ErrCorrupt)
			}
			n[i], b = v, b[k:]
		}
		if n[2] > uint64(len(b)) {
			return fmt.Errorf("%w: edits", ErrCorrupt)
		}
		*edits = append(*edits, Edit{int64(n[0]), int64(n[1]), string(b[:n[2]])})
		b = b[n[2]:]
	}
	return nil
}

// Apply returns text with the edits made. It reports false, and the text as it
// was, for edits that overlap, are not sorted, or lie outside of it.
func Apply(text []byte, edits []Edit) ([]byte, bool) {
	if len(edits) == 0 {
		return text, true
	}
	out := make([]byte, 0, len(text))
	at := int64(0)
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > int64(len(text)) {
			return text, false
		}
		out = append(out, text[at:e.Start]...)
		out = append(out, e.Text...)
		at = e.End
	}
	return append(out, text[at:]...), true
}
