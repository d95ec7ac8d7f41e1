package notebook

import (
	"bytes"
	"fmt"
	"strings"
)

// jupyter is a notebook while it is read.
type jupyter struct {
	scanner
	max      int64 // bytes of all texts
	cells    []cell
	size     int64 // bytes of their texts, with what stands between them
	images   int
	found    bool // there was a list of cells
	metadata []byte
	version  string // of nbformat
	buf      []byte // memory for one cell's text
}

func convertJupyter(notebook []byte, o Options) (*Document, error) {
	j := jupyter{scanner: scanner{b: notebook}, max: o.MaxBytes}
	if err := j.read(); err != nil {
		return nil, err
	}
	if len(j.cells) == 0 {
		return nil, ErrEmpty
	}
	n := countCells(j.cells)
	n.images = j.images
	name, language, how := j.kernel()
	if language != "" {
		for i := range j.cells {
			if c := &j.cells[i]; c.code && c.name == "" {
				c.name = name
			}
		}
		if most := mostCode(j.cells); most != "" && most != language {
			language = most
			how = mostOfCode
		}
		withoutNames(j.cells, language)
	}
	comments, known := commentOf(language)
	why := ""
	switch {
	case n.code == 0:
		why = "it has no code"
	case o.Markdown:
		why = "as asked"
	case language == "":
		why = "its language is not known"
	case !known:
		why = "comments of " + language + " are not known"
	}
	d := &Document{Language: language}
	format := Jupyter
	if j.version != "" {
		format += Format(" (nbformat " + j.version + ")")
	}
	var err error
	if why != "" {
		d.Language = Markdown
		d.Text, err = markdown(j.cells, name, o.MaxBytes)
		d.Note = note(format, Markdown, why, n)
	} else {
		d.Text, err = script(j.cells, language, comments, o.MaxBytes, &n)
		d.Note = note(format, language, how, n)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// read reads the notebook. Of a key that is there twice the last counts, as everywhere.
func (j *jupyter) read() error {
	minor := ""
	err := j.object(func(key string) error {
		switch key {
		case "cells":
			j.reset()
			return j.list()
		case "worksheets":
			if len(j.cells) > 0 { // a converter has left the older key
				_, err := j.skip()
				return err
			}
			j.reset()
			return j.array(func() error {
				return j.object(func(key string) error {
					if key == "cells" {
						return j.list()
					}
					_, err := j.skip()
					return err
				})
			})
		}
		value, err := j.skip()
		switch {
		case err != nil:
		case key == "metadata":
			j.metadata = value
		case key == "nbformat":
			j.version = number(value)
		case key == "nbformat_minor":
			minor = number(value)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case j.next() != 0 || j.at < len(j.b):
		return j.failed("more follows where the notebook ends")
	case !j.found:
		return fmt.Errorf("no cells")
	}
	if j.version != "" && minor != "" {
		j.version += "." + minor
	}
	return nil
}

func (j *jupyter) reset() {
	j.cells = nil
	j.size = 0
	j.images = 0
	j.found = true
}

// number returns a value that is a number of few digits as it is written, else "".
func number(value []byte) string {
	if len(value) > 4 || len(bytes.Trim(value, "0123456789")) > 0 {
		return ""
	}
	return string(value)
}

// list reads a list of cells.
func (j *jupyter) list() error { return j.array(j.cell) }

// cell reads a cell, and keeps it if it is not blank.
func (j *jupyter) cell() error {
	var kind, name string
	level := 0
	j.buf = j.buf[:0]
	err := j.object(func(key string) (err error) {
		switch key {
		case "source", "input":
			return j.source()
		}
		value, err := j.skip()
		if err != nil {
			return err
		}
		switch key {
		case "cell_type":
			kind = lookup(value)
		case "language": // nbformat 3
			name = lookup(value)
		case "level":
			level = int(min(6, max(1, value[0]-'0')))
		case "metadata":
			if name == "" {
				name = cellLanguage(value)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	text, images := withoutImages(j.buf)
	if kind == "heading" { // nbformat 3
		text = append(append(bytes.Repeat([]byte("#"), max(1, level)), ' '), text...)
	}
	code := kind == "code"
	if !code {
		name = ""
	}
	if c, ok := newCell(code, name, string(text)); ok {
		if j.size > 0 {
			j.size++
		}
		if j.size += int64(len(c.text)) + 1; j.size > j.max {
			return ErrTooLarge
		}
		if len(j.cells) == maxCells {
			return errTooMany
		}
		j.cells = append(j.cells, c)
	}
	j.images += images
	return nil
}

// source reads a cell's text into buf: a string, or several in a list.
func (j *jupyter) source() (err error) {
	j.buf = j.buf[:0]
	one := func() (err error) {
		j.buf, err = j.text(j.buf)
		return err
	}
	switch j.next() {
	case '[':
		return j.array(one)
	case 'n':
		_, err := j.skip()
		return err
	}
	return one()
}

// cellLanguage returns the language that a cell has of its own, as Visual Studio Code and
// .NET Interactive write it into its metadata.
func cellLanguage(metadata []byte) string {
	if !bytes.Contains(metadata, []byte("languageId")) && !bytes.Contains(metadata, []byte("interactive")) && !bytes.Contains(metadata, []byte("polyglot")) {
		return ""
	}
	for _, at := range [][]string{{"polyglot_notebook", "kernelName"}, {"dotnet_interactive", "language"}, {"vscode", "languageId"}} {
		name := strings.TrimPrefix(lookup(metadata, at...), "dotnet-interactive.")
		if name != "" && name != "polyglot-notebook" {
			return name
		}
	}
	return ""
}

// kernel finds the notebook's language: the name that it has there, Linguist's, "" if
// that is not known, and where it was found.
func (j *jupyter) kernel() (name, language, how string) {
	for _, at := range [][]string{{"language_info", "name"}, {"kernelspec", "language"}, {"jupytext", "main_language"}, {"language_info", "pygments_lexer"}, {"kernelspec", "name"}, {"kernelspec", "display_name"}} {
		named := lookup(j.metadata, at...)
		if language := languageNamed(named); language != "" {
			return named, language, at[0] + "." + at[1]
		}
		if name == "" {
			name = named
		}
	}
	for _, c := range j.cells {
		if language := languageNamed(c.name); language != "" {
			return c.name, language, "its first cell with a language"
		}
		if name == "" {
			name = c.name
		}
	}
	if name != "" {
		return name, "", ""
	}
	return "python", "Python", "it names no language"
}
