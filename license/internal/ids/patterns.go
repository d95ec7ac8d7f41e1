package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"

	"github.com/codemill/codemill/license/spdx"
)

const (
	// signatureWords of a text that is not permissive are its pattern: it is as
	// bound by its first sentences as by all.
	signatureWords = 25
	// maxSPDXBytes and maxOtherBytes bound permissive texts, which are wanted
	// whole, those that SPDX has an id for and others.
	maxSPDXBytes  = 8 << 10
	maxOtherBytes = 1500
	// minWords are in a pattern, so that no common phrase becomes one.
	minWords = 12
)

// patterns writes a pattern for the text of every licence that licensecheck has
// none for, a line "=== id" before each.
func patterns(out io.Writer, of map[string][]string, licenses []scanned) error {
	builtin := licensecheck.BuiltinLicenses()
	scanner, err := licensecheck.NewScanner(builtin)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, l := range builtin {
		have[spdx.Base(l.ID)] = l.LRE != "" || have[spdx.Base(l.ID)]
	}
	types := map[string]string{}
	for t, ids := range of { // into a map: no order is seen
		for _, id := range ids {
			types[strings.ToLower(id)] = t
		}
	}
	is := func(t, id string) bool { return types[spdx.Base(id)] == t }
	var whole []string // permissive texts, none of which may begin with a signature
	for _, l := range licenses {
		if is(permissive, l.ID) {
			whole = append(whole, " "+strings.Join(words(l.Text), " ")+" ")
		}
	}
	seen := map[string]bool{}
	slices.SortStableFunc(licenses, func(a, b scanned) int { return strings.Compare(a.ID, b.ID) })
	for _, l := range licenses {
		text := body(l.Text)
		n := len(words(text))
		if !spdx.IsID(l.ID) || have[spdx.Base(l.ID)] || n < minWords {
			continue
		}
		id := l.ID
		switch {
		case l.Exception == "yes":
			if strings.HasPrefix(id, "LicenseRef-") || categories[l.Category] == restricted || categories[l.Category] == "" {
				continue
			}
			id = "WITH " + id
		case is(permissive, id):
			limit := maxSPDXBytes
			if strings.HasPrefix(id, "LicenseRef-") {
				limit = maxOtherBytes
			}
			if len(text) > limit || scanner.Scan([]byte(text)).Percent > 95 {
				continue
			}
		case is(copyleft, id) || is(restricted, id):
			if text = signature(text, whole); len(scanner.Scan([]byte(text)).Match) > 0 {
				continue // a known text with more behind it
			}
		default:
			continue
		}
		key := strings.Join(words(text), " ")
		if seen[key] {
			continue
		}
		seen[key] = true
		if _, err := licensecheck.NewScanner([]licensecheck.License{{ID: id, LRE: text}}); err != nil {
			continue // it begins with what licensecheck allows no pattern to begin with
		}
		if _, err := fmt.Fprintf(out, "=== %s\n%s", id, text); err != nil {
			return err
		}
	}
	return nil
}

var (
	special     = regexp.MustCompile(`\(\(|\)\)|\|\||\?\?|__+|//\*\*|\*\*//`)
	placeholder = regexp.MustCompile(`<<[^<>\n]{1,60}>>|\[[^\[\]\n]{1,60}\]|\{\{[^{}\n]{1,60}\}\}|<[^<>\n]{1,60}>`)
	noticeLine  = regexp.MustCompile(`(?i)^\W*(portions )?(copyright|\(c\)|©)\b.*(\d|\(c\)|©|holder|owner|author|name|year)`)
	wordOf      = regexp.MustCompile(`[\pL\pN]+`)
)

func words(text string) []string { return wordOf.FindAllString(strings.ToLower(text), -1) }

// body returns a text as a pattern, from its first sentence on: without title
// and the copyright notices before it. Notices within may be there or not.
func body(text string) string {
	var b strings.Builder
	begun := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case noticeLine.MatchString(line):
			if begun {
				b.WriteString("\n((\n__25__\n))??\n")
			}
			continue
		case !begun && len(words(line)) < 6:
			continue
		}
		begun = true
		line = special.ReplaceAllString(line, " ")
		b.WriteString(placeholder.ReplaceAllString(line, " __8__ "))
		b.WriteByte('\n')
	}
	lines := slices.DeleteFunc(strings.Split(b.String(), "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
	for strings.Join(lines, "") != "" && slices.Contains([]string{"((", "__25__", "))??"}, lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n") + "\n"
}

// signature cuts a pattern behind its first words, so many that no other text
// has them, or more where a group of the pattern ends later.
func signature(text string, others []string) string {
	fields := strings.Split(strings.ReplaceAll(text, "\n", " \n "), " ")
	groups := 0
	for i, f := range fields {
		switch f {
		case "((":
			groups++
		case "))??":
			groups--
		}
		if groups > 0 || i < signatureWords || i%10 > 0 {
			continue
		}
		cut := strings.Join(fields[:i], " ")
		known := words(cut)
		if len(known) < signatureWords {
			continue
		}
		key := " " + strings.Join(known, " ") + " "
		if !slices.ContainsFunc(others, func(o string) bool { return strings.Contains(o, key) }) {
			text = cut
			break
		}
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
