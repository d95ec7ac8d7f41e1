package corpus

// Reason says why a document is out; the empty Reason says that it stays. A
// reason is the name of the rule that decided, such as "max_line_length". It
// is counted once for every document that it put out.
type Reason string

// Before is the reason in the verdict of a document that an earlier stage had
// already put out: the stage did not look at it.
const Before Reason = "before"

// Verdict is what one stage says of one document. It stands in the same shard
// and row as the document.
type Verdict struct {
	Reason     Reason
	Value      float64 // measured, of what the rule names
	Limit      float64 // the bound that Value broke
	Survivor   Pos     // the document it was dropped for, or NoPos
	Similarity float64 // to the survivor, 0 to 1
	Copies     int64   // how many documents this survivor stands for, itself included; 0 if not asked
	Edits      []Edit  // what to replace in the text, sorted, not overlapping
}

// Kept reports whether the document stays.
func (v *Verdict) Kept() bool { return v.Reason == "" }

// Edit replaces the bytes Start to End of a text by Text. Positions refer to
// the text as the stage was given it: the edits of the stages before applied.
type Edit struct {
	Start, End int64
	Text       string
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
