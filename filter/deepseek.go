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
		{Rule: Rule{Name: "alphabetic_fraction", Metric: "alphabetic_fraction"}, min: limit{"min_alphabetic", 0.25}},
		{Rule: Rule{Name: "html_visible_chars", Metric: "html_visible_chars", Languages: html}, min: limit{"min_visible_chars", 100}},
		{Rule: Rule{Name: "html_visible_fraction", Metric: "html_visible_fraction", Languages: html}, min: limit{"min_visible_fraction", 0.2}},
		{Rule: Rule{Name: "data_chars", Metric: "chars", Languages: []string{"JSON", "YAML"}}, min: limit{"min_data_chars", 50}, max: limit{"max_data_chars", 5000}},
	}
}
