package notebook

import (
	"fmt"
	"strings"
)

// cell is a part of a notebook: a text that is not blank and has no empty lines at its
// ends. Lines end with LF.
type cell struct {
	code bool
	text string
	name string // of its language, as the notebook has it; "" once it is known to be the notebook's
}

// newCell returns a cell of a text, and false if it is blank.
func newCell(code bool, name, text string) (cell, bool) {
	if strings.IndexByte(text, '\r') >= 0 { // it ends lines as well, and so comments
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	text = strings.TrimRight(text, " \t\n\v\f")
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok || strings.TrimSpace(line) != "" {
			break
		}
		text = rest
	}
	return cell{code, text, name}, text != ""
}

// counts are what a note says of a notebook.
type counts struct{ code, text, magics, foreign, images int }

func countCells(cells []cell) (n counts) {
	for _, c := range cells {
		if c.code {
			n.code++
		} else {
			n.text++
		}
	}
	return n
}

// script makes a script of cells.
func script(cells []cell, language string, c comment, limit int64, n *counts) ([]byte, error) {
	var out []byte
	for _, cell := range cells {
		out = between(out)
		text := cell.text
		foreign := false
		if cell.code {
			foreign = foreignMagic(text, language)
			if cell.name != "" {
				text = fence(text, cell.name)
				foreign = true
			}
		}
		switch {
		case foreign:
			n.foreign++
			fallthrough
		case !cell.code:
			for line := range strings.SplitSeq(text, "\n") {
				out = append(c.appendLine(out, line), '\n')
				if int64(len(out)) > limit {
					return nil, ErrTooLarge
				}
			}
		default:
			text, magics := withoutMagics(text, language, c)
			n.magics += magics
			out = append(append(out, text...), '\n')
		}
		if int64(len(out)) > limit {
			return nil, ErrTooLarge
		}
	}
	return out, nil
}

// markdown makes Markdown of cells, with code in fences. name is of the language, for
// cells that have none of their own.
func markdown(cells []cell, name string, limit int64) ([]byte, error) {
	var out []byte
	for _, cell := range cells {
		out = between(out)
		text := cell.text
		if cell.code {
			if cell.name != "" {
				text = fence(text, cell.name)
			} else {
				text = fence(text, name)
			}
		}
		out = append(append(out, text...), '\n')
		if int64(len(out)) > limit {
			return nil, ErrTooLarge
		}
	}
	return out, nil
}

// between ends a cell before the next begins.
func between(out []byte) []byte {
	if len(out) > 0 {
		out = append(out, '\n')
	}
	return out
}

// fence puts code between fences that are longer than any of its own.
func fence(code, name string) string {
	mark := "```"
	for strings.Contains(code, mark) && len(mark) < 64 {
		mark += "`"
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("+#-_.", r):
			return r
		}
		return '-'
	}, name[:min(len(name), 32)])
	return fmt.Sprintf("%s%s\n%s\n%s", mark, strings.ToLower(name), code, mark)
}

// note says for people what a notebook was, what it became and by what, and what of it is
// left or commented out.
func note(f Format, as, by string, n counts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s as %s (%s); cells of code %d, of text %d", f, as, by, n.code, n.text)
	for _, more := range []struct {
		what string
		n    int
	}{{"magics commented out", n.magics}, {"cells of other languages commented out", n.foreign}, {"images removed", n.images}} {
		if more.n > 0 {
			fmt.Fprintf(&b, "; %s %d", more.what, more.n)
		}
	}
	return b.String()
}
