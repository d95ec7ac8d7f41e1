package corpus

import "github.com/codemill/codemill/corpus/table"

// LeftOut is a file or text that crawl did not make a document of.
type LeftOut struct {
	Source, Repo, Path string
	Reason             Reason
	Value, Limit       float64 // measured, and the bound it broke; 0 where the reason has none
	Detail             string  // for people: an error's text
}

// LeftOuts are the columns of what crawl left out.
var LeftOuts = table.Schema[LeftOut]{
	{Name: "source", Type: table.Names, At: func(l *LeftOut) any { return &l.Source }},
	{Name: "repo", Type: table.Names, At: func(l *LeftOut) any { return &l.Repo }},
	{Name: "path", Type: table.Blobs, At: func(l *LeftOut) any { return &l.Path }},
	{Name: "reason", Type: table.Names, At: func(l *LeftOut) any { return (*string)(&l.Reason) }},
	{Name: "value", Type: table.Floats, At: func(l *LeftOut) any { return &l.Value }},
	{Name: "limit", Type: table.Floats, At: func(l *LeftOut) any { return &l.Limit }},
	{Name: "detail", Type: table.Texts, At: func(l *LeftOut) any { return &l.Detail }},
}
