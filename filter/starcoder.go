package filter

import "strings"

// StarCoder is the exemptions of StarCoder's table.
const StarCoder = "starcoder"

// exemption is a row of StarCoder's table of filters by language and extension
// (bigcode-dataset, preprocessing/visual_inspection.csv) that switches a filter
// off. Languages are the Linguist names of today for what the table calls one
// language.
type exemption struct {
	languages  string // separated by commas
	extensions string // separated by spaces
}

// noLongLines are the rows without a number under Long_line_threshold: both
// long-line filters are off (get_filter_params: the mean is only looked at
// where the maximum is).
func noLongLines() []exemption {
	return []exemption{
		{"Markdown", ".markdown .md .mkd .mkdn .ron"},
		{"TeX,BibTeX", ".bbx .bib .cbx .dtx .ins .lbx .mkii .mkiv .mkvi .sty .tex"},
		{"SQL,PLSQL,PLpgSQL,SQLPL,TSQL", ".sql"},
		{"R", ".r"},
		{"reStructuredText", ".rst"},
		{"RMarkdown", ".rmd"},
		{"CMake", ".cmake"},
		{"Bluespec,Bluespec BH", ".bsv"},
		{"Wolfram Language", ".ma .nb"},
		{"MATLAB", ".matlab"},
		{"Stata", ".ado .do"},
		{"Visual Basic 6.0,VBA,Visual Basic .NET", ".frm"},
		{"JSON", ".json"},
	}
}

// noAlphabetic are the rows with "remove" under Alpha filter.
func noAlphabetic() []exemption {
	return []exemption{
		{"Assembly", ".asm"},
		{"SAS", ".sas"},
		{"Stata", ".ado .do"},
		{"Visual Basic 6.0,VBA,Visual Basic .NET", ".frm"},
	}
}

func pairs(list []exemption) map[pair]bool {
	m := map[pair]bool{}
	for _, e := range list {
		for language := range strings.SplitSeq(e.languages, ",") {
			for ext := range strings.FieldsSeq(e.extensions) {
				m[pair{language, ext}] = true
			}
		}
	}
	return m
}

// starCoder is what the table exempts from the rules of its filters. Where the
// table is stricter than DeepSeek-Coder (500 for .fsh, 0.5 for JSON and YAML,
// extensions left out altogether) it is not followed.
func starCoder() map[string][]exemption {
	return map[string][]exemption{
		"max_line_length":     noLongLines(),
		"mean_line_length":    noLongLines(),
		"alphabetic_fraction": noAlphabetic(),
	}
}
