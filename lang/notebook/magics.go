package notebook

import (
	"slices"
	"strings"

	"github.com/codemill/codemill/lang"
)

// cellMagics are those of IPython and of often used packages whose cell is no code of
// the kernel's language, and no language either; their names in lower case.
var cellMagics = setOf("script system sx ! cmd latex bigquery sparksql configure cu nvcc tikz itikz plantuml dot writetemplate value")

// shellWords are commands that IPython takes without a mark.
var shellWords = setOf("cat cd cp mv rm rmdir mkdir copy ddir echo ls ll ldir ren pip pip3 conda mamba")

// operators cannot follow a command.
var operators = setOf("in is and or if not for")

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(list) {
		set[name] = true
	}
	return set
}

// leading are the marks of the lines that kernels take at the beginning of a cell, by
// language; those of other languages take %%. Of Python see [pythonMagics]. A language
// whose comments or statements begin with a mark does not have it.
var leading = map[string][]string{
	"C": {"%"}, "C++": {"%"}, "Clojure": {"%"}, "Gnuplot": {"%"}, "Groovy": {"%"}, "Java": {"%"}, "Kotlin": {"%"}, "Scala": {"%"}, "Scheme": {"%"},
	"Go": {"%", "!"}, "Haskell": {":"}, "Rust": {":"}, "C#": {"#!"}, "F#": {"#!"}, "PowerShell": {"#!"}, "Julia": {";", "]", "?"},
	"MATLAB": {}, "Prolog": {}, "Logtalk": {}, "Erlang": {}, "TeX": {}, "PostScript": {}, "Mercury": {}, "Wolfram Language": {},
}

// isIPython reports whether the language's kernel is IPython's.
func isIPython(language string) bool {
	return language == "Python" || language == "Sage" || language == "Cython"
}

// foreignMagic reports whether the magic with which a cell begins makes it one of another
// language than the kernel's, or of none.
func foreignMagic(code, language string) bool {
	line, _, _ := strings.Cut(strings.TrimLeft(code, " \t\n"), "\n")
	mark := "%%"
	if language == "C#" || language == "F#" || language == "PowerShell" {
		mark = "#!"
	}
	rest, ok := strings.CutPrefix(line, mark)
	if comments, _ := commentOf(language); !ok || comments.open == "%" {
		return false
	}
	words := strings.Fields(rest)
	if len(words) == 0 {
		return false
	}
	name := strings.ToLower(words[0])
	if file := words[len(words)-1]; name == "writefile" || name == "file" {
		for _, l := range lang.ByName(file) {
			if l == language {
				return false
			}
		}
		return true
	}
	other := languageNamed(name)
	return cellMagics[name] || name[0] == '!' || other != "" && other != language
}

// withoutMagics comments out the magics of a cell, and returns how many there were.
func withoutMagics(code, language string, c comment) (string, int) {
	if isIPython(language) {
		return pythonMagics(code, c)
	}
	marks, ok := leading[language]
	if !ok {
		marks = []string{"%%"}
	}
	n := 0
	var out []byte
	for code != "" {
		line, rest, more := strings.Cut(code, "\n")
		if slices.ContainsFunc(marks, func(mark string) bool { return strings.HasPrefix(line, mark) }) {
			n++
			out = c.appendLine(out, line)
		} else if strings.TrimSpace(line) != "" {
			break
		}
		if more {
			out = append(out, '\n')
		}
		code = rest
	}
	return string(out) + code, n
}

// pythonMagics comments out what IPython takes and Python does not: lines that begin
// with %, ! or ?, that end with ?, that assign one of the first two, and commands of the
// shell. They are looked for where a statement can begin, as IPython does. One that ends
// with a backslash, or within the brackets of what is measured, goes on in the next line.
func pythonMagics(code string, c comment) (string, int) {
	var p pythonLines
	n := 0
	out := make([]byte, 0, len(code)+64)
	goesOn := false // a magic does
	for line := range strings.Lines(code) {
		line, ended := strings.CutSuffix(line, "\n")
		begins := p.statement()
		inCode := p.read(line)
		body := strings.TrimLeft(line, " \t")
		magic := goesOn || begins && isMagic(body, inCode && p.statement())
		open := magic && p.depth > 0 && (goesOn || body[0] == '%') // a call that is measured
		if magic && !open {
			p = pythonLines{}
		}
		switch {
		case goesOn:
			out = c.appendLine(out, line)
		case magic:
			n++
			if out = append(out, line[:len(line)-len(body)]...); len(body) < len(line) {
				out = append(out, "pass  "...)
			}
			out = c.appendLine(out, body)
		default:
			out = append(out, line...)
		}
		goesOn = magic && (strings.HasSuffix(strings.TrimRight(line, " \t"), `\`) || open)
		if ended {
			out = append(out, '\n')
		}
	}
	return string(out), n
}

// isMagic reports whether a line, without its indentation, is no Python where a statement
// begins. ends says that the line ends as code and a statement may end with it.
func isMagic(line string, ends bool) bool {
	if line == "" {
		return false
	}
	switch line[0] {
	case '%', '!', '?':
		return len(strings.TrimSpace(line)) > 1
	}
	if ends && strings.HasSuffix(strings.TrimRight(line, " \t"), "?") {
		return true
	}
	word, rest, _ := strings.Cut(line, " ")
	next, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if shellWords[word] && next != "" && !operators[next] && isArgument(next) {
		return true
	}
	target, value, assigned := strings.Cut(line, "=")
	value = strings.TrimLeft(value, " \t")
	return assigned && len(value) > 1 && (value[0] == '!' && value[1] != '=' || value[0] == '%' && value[1] != '=' && value[1] != ' ') && isTarget(target)
}

// isArgument reports whether a word cannot follow a name in Python, where it stands for
// an operator: - is one before a blank.
func isArgument(word string) bool {
	first := word[0]
	switch {
	case first >= 'a' && first <= 'z', first >= 'A' && first <= 'Z', first >= '0' && first <= '9', strings.IndexByte(`_~."'$`, first) >= 0:
		return true
	case first == '-':
		return len(word) > 1 && word[1] != '='
	case first == '/':
		return len(word) > 1 && word[1] != '=' && word[1] != '/'
	}
	return false
}

// isTarget reports whether a text may be what Python assigns to.
func isTarget(text string) bool {
	return strings.TrimSpace(text) != "" && strings.IndexFunc(text, func(r rune) bool {
		return strings.ContainsRune(`"'#(){}:!%=<>`, r)
	}) < 0
}

// pythonLines knows how far Python's strings and brackets reach beyond their lines.
type pythonLines struct {
	quote     string // that closes the string, "" outside of one
	depth     int    // of brackets
	continued bool   // the line before ends with a backslash
}

// statement reports whether a statement can begin with the next line.
func (p *pythonLines) statement() bool { return p.quote == "" && p.depth == 0 && !p.continued }

// read reads a line. It reports whether its last character is code, neither comment nor
// within a string.
func (p *pythonLines) read(line string) bool {
	p.continued = false
	i := 0
	for i < len(line) {
		c := line[i]
		switch {
		case p.quote != "" && c == '\\':
			i++
		case p.quote != "" && strings.HasPrefix(line[i:], p.quote):
			i += len(p.quote) - 1
			p.quote = ""
		case p.quote != "":
		case c == '#':
			return false
		case c == '"' || c == '\'':
			p.quote = line[i : i+1]
			if triple := strings.Repeat(p.quote, 3); strings.HasPrefix(line[i:], triple) {
				p.quote = triple
				i += 2
			}
		case c == '(' || c == '[' || c == '{':
			p.depth++
		case c == ')' || c == ']' || c == '}':
			p.depth = max(0, p.depth-1)
		case c == '\\' && i == len(line)-1:
			p.continued = true
		}
		i++
	}
	if len(p.quote) == 1 && i == len(line) { // else the line end is escaped
		p.quote = ""
		return false
	}
	return p.quote == ""
}
