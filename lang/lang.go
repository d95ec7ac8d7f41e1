// Package lang tells what a file is by its path and its bytes: the language and
// the kind of a text, whether it is vendored or generated, and its encoding. Its
// answers are those of Linguist as go-enry gives them, but for Perl's tests, for kinds
// and for what is generated, where each departure is named. It opens no files and
// knows nothing of where they come from.
//
// # Files
//
//	detector.go          the language of a text, step by step
//	modeline.go          the step of Emacs' and Vim's modelines
//	heuristics.go        the step of Linguist's rules for an extension
//	needs.go             words that a text has which a rule's expression matches
//	heuristics_table.go  those rules, generated
//	classify.go          the step of the classifier
//	automaton.go         how expressions are matched
//	flags.go             vendored, documentation, tests
//	generated.go         generated: by marks and shape
//	generated_names.go   generated: by name
//	header.go            the leading comment of a text
//	language.go          what is known of a language by its name
//	kind.go              code, markup, prose or data: the table
//	decode.go            bytes to UTF-8
package lang
