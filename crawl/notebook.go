package crawl

import (
	"bytes"
	"errors"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/lang/notebook"
)

const (
	// notebookFactor is how many times max_file_bytes the file of a Jupyter notebook may
	// have, for its outputs are most of it and are left out: 5 MB of a course's notebook
	// come to 20 KB. What it becomes has max_file_bytes at most.
	notebookFactor = 16
	// maxNotebookBytes it may have in any case.
	maxNotebookBytes = 64 << 20
	// notebookMemory is how many times its bytes crawling it takes: the file, and what
	// [notebook.Convert] needs.
	notebookMemory = 5
)

// notebook returns the format of the notebook at a path, None where there is none or
// notebooks are kept as they are.
func (c Config) notebook(path string) notebook.Format {
	if c.Notebooks == NotebooksKeep {
		return notebook.None
	}
	return notebook.FormatOf(path)
}

// limit is how many bytes a file of this path may have.
func (c Config) limit(path string) int64 { return c.limitOf(c.notebook(path)) }

func (c Config) limitOf(f notebook.Format) int64 {
	if f == notebook.Jupyter {
		return min(notebookFactor*c.MaxFileBytes, maxNotebookBytes)
	}
	return c.MaxFileBytes
}

// convert puts into a document what becomes of the notebook that its text is, with the
// language and a flag; of no notebook nothing. It returns why the notebook is left out,
// nil if it is not.
func (c Config) convert(d *corpus.Doc, f notebook.Format) *origin.Left {
	if f == notebook.None {
		return nil
	}
	n, err := notebook.Convert(f, d.Text, notebook.Options{Markdown: c.Notebooks == NotebooksMarkdown, MaxBytes: c.MaxFileBytes})
	switch {
	case errors.Is(err, notebook.ErrEmpty):
		return &origin.Left{Reason: Empty, Detail: err.Error()}
	case errors.Is(err, notebook.ErrTooLarge):
		// The limit is passed where it is given up, and by how much is not known.
		return &origin.Left{Reason: TooLarge, Detail: "what the notebook becomes", Value: float64(c.MaxFileBytes + 1), Limit: float64(c.MaxFileBytes)}
	case errors.Is(err, notebook.ErrHalfPair):
		return &origin.Left{Reason: Encoding, Detail: err.Error()}
	case err != nil:
		return &origin.Left{Reason: Notebook, Detail: err.Error()}
	case bytes.IndexByte(n.Text, 0) >= 0:
		return &origin.Left{Reason: Binary}
	}
	d.Text = n.Text
	d.Language = n.Language
	d.Kind = "" // also where a row says one: it is of what the file was
	d.Flags = []string{corpus.Flag(corpus.FlagNotebook, n.Note)}
	return nil
}

// rowNotebook returns the format of the notebook that a row's text is. The row's language
// goes before its path: where it says Python of an .ipynb, somebody has converted it. So
// they have where the text of a Jupyter notebook is no JSON object, as it is in
// StarCoder's jupyter-scripts.
func (c Config) rowNotebook(d *corpus.Doc) notebook.Format {
	f := c.notebook(d.Path)
	if c.Notebooks == NotebooksKeep {
		return f
	}
	switch language, _ := lang.ByAlias(d.Language); {
	case language == notebook.LinguistJupyter:
		f = notebook.Jupyter
	case language == notebook.LinguistRMarkdown && f == notebook.None:
		f = notebook.RMarkdown
	case language != "" && language != notebook.LinguistRMarkdown:
		return notebook.None
	}
	if f == notebook.Jupyter && !bytes.HasPrefix(bytes.TrimSpace(d.Text), []byte("{")) {
		return notebook.None
	}
	return f
}
