package filter

import (
	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
)

// DeepSeekCoder is the preset of DeepSeek-Coder's data rules (arXiv 2401.14196,
// section 2.1).
const DeepSeekCoder = "deepseek-coder"

// deepSeekCoder has the paper's limits but for prose, whose paragraphs are
// lines: the paper states its rules for code. The long-line rules are for code,
// markup, data and what has no language. Prose has its own, with StarCoder2's
// limit (The Stack v2, rules for long lines); limits of 1000 and 100 for prose
// too are the paper's to the letter.
//
// Two more are against prose that is none: lists and tables by prose_rows, dumps
// and logs by prose_digits. The paper has no such rules; both limits are measured.
// Of 3,766 texts of prose in Go modules and Debian sources, 71 have more than half of
// their characters in rows, 2.0 of 79 MB: all are word lists, tables and tests of
// typesetters but one README of 1,233 bytes. READMEs with tables in them begin at
// 0.45. 6 others have more than 0.3 digits: dumps, and pages of which each letter is
// an escape. Of 11,310 other texts (manuals, READMEs, verse in English and Chinese)
// the two put out 12, all but one poem tables of contents and dumps.
//
// The rule for data is the paper's of JSON and YAML, "which typically contain more
// data". Catalogues of messages are with them: nearly all are longer, and they would
// be a quarter of the code of Debian's sources.
func deepSeekCoder() preset {
	lines := []string{corpus.Code, corpus.Markup, corpus.Data, choice.Other}
	prose := []string{corpus.Prose}
	html := []string{"HTML"}
	return preset{
		// 0 puts out XML that is not XSLT.
		{Rule: Rule{Name: "xml_declaration", Metric: "xml_declaration", Except: []string{"XSLT"}}, max: limit{"xml_declaration", 0}},
		{Rule: Rule{Name: "max_line_length", Metric: "max_line_length", Kinds: lines}, max: limit{"max_line_length", 1000}},
		{Rule: Rule{Name: "mean_line_length", Metric: "mean_line_length", Kinds: lines}, max: limit{"mean_line_length", 100}},
		{Rule: Rule{Name: "prose_max_line_length", Metric: "max_line_length", Kinds: prose}, max: limit{"prose_max_line_length", 100_000}},
		{Rule: Rule{Name: "prose_mean_line_length", Metric: "mean_line_length", Kinds: prose}, max: limit{"prose_mean_line_length", off}},
		{Rule: Rule{Name: "prose_rows", Metric: "row_fraction", Kinds: prose}, max: limit{"prose_rows", 0.5}},
		{Rule: Rule{Name: "prose_digits", Metric: "digit_fraction", Kinds: prose}, max: limit{"prose_digits", 0.3}},
		{Rule: Rule{Name: "alphabetic_fraction", Metric: "alphabetic_fraction"}, min: limit{"min_alphabetic", 0.25}},
		{Rule: Rule{Name: "html_visible_chars", Metric: "html_visible_chars", Languages: html}, min: limit{"min_visible_chars", 100}},
		{Rule: Rule{Name: "html_visible_fraction", Metric: "html_visible_fraction", Languages: html}, min: limit{"min_visible_fraction", 0.2}},
		{Rule: Rule{Name: "data_chars", Metric: "chars", Languages: []string{"JSON", "YAML", "Gettext Catalog"}}, min: limit{"min_data_chars", 50}, max: limit{"max_data_chars", 5000}},
	}
}
