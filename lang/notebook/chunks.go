package notebook

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/codemill/codemill/lang"
)

// mostlyProse reports whether so much text and code is a text: it has over four times as
// much of text, and over 1 KiB, below which the share says little. SantaCoder's data have
// files with four fifths of comments at most (bigcode-dataset, preprocessing:
// max_comments_ratio); that of a KiB is ours.
func mostlyProse(text, code int) bool { return text > 1<<10 && text > 4*code }

func convertChunks(f Format, notebook []byte, o Options) (*Document, error) {
	text, images := withoutImages(bytes.Clone(notebook))
	cells := chunks(string(text))
	switch {
	case len(cells) == 0:
		return nil, ErrEmpty
	case len(cells) > maxCells:
		return nil, errTooMany
	}
	language := mostCode(cells)
	withoutNames(cells, language)
	n := countCells(cells)
	n.images = images
	code := 0
	prose := 0
	for i, c := range cells {
		switch {
		case c.code && c.name == "":
			code += len(c.text)
		case i == 0 && isHead(c.text):
		default:
			prose += len(c.text)
		}
	}
	comments, _ := commentOf(language)
	why := ""
	switch {
	case language == "":
		why = "it has no code in a known language"
	case o.Markdown:
		why = "as asked"
	case mostlyProse(prose, code):
		why = fmt.Sprintf("%d bytes of text, %d of %s", prose, code, language)
	}
	if why != "" {
		if int64(len(text)) > o.MaxBytes {
			return nil, ErrTooLarge
		}
		return &Document{text, LinguistRMarkdown, note(f, "it is", why, n)}, nil
	}
	out, err := script(cells, language, comments, o.MaxBytes, &n)
	if err != nil {
		return nil, err
	}
	return &Document{out, language, note(f, language, mostOfCode, n)}, nil
}

// mostOfCode is said of a language that was found by [mostCode].
const mostOfCode = "most of its code"

// mostCode returns the language with most code among those of programs whose comments
// are known, the first of them if several have the same; "" for none.
func mostCode(cells []cell) string {
	best := ""
	sizes := map[string]int{}
	for _, c := range cells {
		if language := languageNamed(c.name); c.code && language != "" {
			sizes[language] += len(c.text)
		}
	}
	for _, c := range cells {
		language := languageNamed(c.name)
		kind, _ := lang.Kind(language, "")
		program := kind == lang.Code || language == "SQL"
		if _, known := commentOf(language); known && program && c.code && sizes[language] > sizes[best] {
			best = language
		}
	}
	return best
}

// withoutNames takes the name from the cells of the notebook's language.
func withoutNames(cells []cell, language string) {
	for i := range cells {
		if c := &cells[i]; c.code && languageNamed(c.name) == language {
			c.name = ""
		}
	}
}

// isHead reports whether a text is YAML before a document.
func isHead(text string) bool {
	return strings.HasPrefix(text, "---\n") && (strings.HasSuffix(text, "\n---") || strings.HasSuffix(text, "\n..."))
}

// chunks cuts R Markdown or Quarto into cells: its head, chunks of code and what is
// between. A chunk is between fences of backticks, of which the first is followed by
// {engine …}, as knitr has it; a fence ends with one of as many marks or more. What does
// not end goes on to the end of the text. There are maxCells at most, or one more, which
// says that there are too many.
func chunks(text string) []cell {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var cells []cell
	add := func(code bool, name string, text string) {
		if c, ok := newCell(code, name, text); ok && len(cells) <= maxCells {
			cells = append(cells, c)
		}
	}
	start, at := 0, 0 // of the text that is no cell yet, and of the next line
	if strings.HasPrefix(text, "---\n") {
		for _, end := range []string{"\n---\n", "\n...\n"} {
			if i := strings.Index(text, end); i >= 0 && (at == 0 || i+len(end) < at) {
				at = i + len(end)
			}
		}
		add(false, "", text[:at])
		start = at
	}
	for at < len(text) {
		line := lineAt(text, at)
		before := at
		at += len(line)
		open, ok := fenceOf(line)
		if !ok {
			continue
		}
		body := at
		end := at
		for at < len(text) {
			line := lineAt(text, at)
			end = at
			at += len(line)
			if close, ok := fenceOf(line); ok && close.mark == open.mark && close.length >= open.length && close.info == "" {
				break
			}
			end = at
		}
		engine := open.engine()
		if engine == "" {
			continue
		}
		add(false, "", text[start:before])
		add(true, engine, without(open.before, text[body:end]))
		start = at
	}
	add(false, "", text[start:])
	return cells
}

// lineAt returns the line at a place with its end.
func lineAt(text string, at int) string {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return text[at : at+i+1]
	}
	return text[at:]
}

// fenceLine is a line with a fence.
type fenceLine struct {
	before string // blanks, and > of a quotation
	mark   byte   // ` or ~
	length int
	info   string // what follows
}

func fenceOf(line string) (f fenceLine, ok bool) {
	rest := strings.TrimLeft(line, " \t>")
	if !strings.HasPrefix(rest, "```") && !strings.HasPrefix(rest, "~~~") {
		return f, false
	}
	f.before = line[:len(line)-len(rest)]
	f.mark = rest[0]
	info := strings.TrimLeft(rest, rest[:1])
	f.length = len(rest) - len(info)
	f.info = strings.TrimSpace(info)
	return f, f.mark == '~' || !strings.Contains(f.info, "`")
}

// engine returns the engine of a chunk, "" of another fence: {r, echo=FALSE}, {python}.
func (f fenceLine) engine() string {
	inner, ok := strings.CutPrefix(f.info, "{")
	if !ok || f.mark != '`' || !strings.HasSuffix(inner, "}") {
		return ""
	}
	inner = strings.TrimLeft(inner, " \t")
	n := strings.IndexFunc(inner, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '+' || r == '#' || r == '-')
	})
	if n <= 0 || strings.IndexByte(" \t,}", inner[n]) < 0 {
		return ""
	}
	return inner[:n]
}

// without removes what stands before a fence from the lines of its chunk.
func without(before, text string) string {
	if before == "" {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		for i := 0; i < len(before) && line != "" && (line[0] == before[i] || line[0] == ' ' && before[i] == '\t'); i++ {
			line = line[1:]
		}
		b.WriteString(line)
	}
	return b.String()
}
