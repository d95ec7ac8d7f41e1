package notebook

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/codemill/codemill/lang"
)

const plenty = 1 << 20

// jupyterOf is a notebook of cells and metadata as they are written.
func jupyterOf(cells, metadata string) string {
	return `{"cells":[` + cells + `],"metadata":` + metadata + `,"nbformat":4,"nbformat_minor":4}`
}

// codeCell is a cell of code.
func codeCell(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return `{"cell_type":"code","metadata":{},"outputs":[],"source":` + string(b) + `}`
}

// textCell is a cell of Markdown.
func textCell(text string) string {
	return strings.Replace(codeCell(text), `"code"`, `"markdown"`, 1)
}

const python = `{"language_info":{"name":"python"}}`

// TestKernels holds by what the language of a notebook is found, and what goes before
// what.
func TestKernels(t *testing.T) {
	for metadata, want := range map[string]string{
		`{"language_info":{"name":"julia"},"kernelspec":{"language":"R","name":"ir"}}`:                           "Julia (language_info.name)",
		`{"language_info":{"name":"polyglot-notebook"},"kernelspec":{"language":"C#","name":".net-csharp"}}`:     "C# (kernelspec.language)",
		`{"kernelspec":{"language":"","name":"julia-1.9"},"jupytext":{"main_language":"R"}}`:                     "R (jupytext.main_language)",
		`{"kernelspec":{"name":"ir","display_name":"Python"}}`:                                                   "R (kernelspec.name)",
		`{"kernelspec":{"name":"julia-1.9"}}`:                                                                    "Julia (kernelspec.name)",
		`{"kernelspec":{"name":"python3"}}`:                                                                      "Python (kernelspec.name)",
		`{"kernelspec":{"name":"xcpp17"}}`:                                                                       "C++ (kernelspec.name)",
		`{"kernelspec":{"name":"conda-env-rain","display_name":"Python [conda env:rain]"}}`:                      "Python (kernelspec.display_name)",
		`{"kernelspec":{"name":"conda-env-rain","display_name":"R 4.1"}}`:                                        "R (kernelspec.display_name)",
		`{"language_info":{"name":"pyspark"}}`:                                                                   "Python (language_info.name)",
		`{"language_info":{"name":"house","pygments_lexer":"ipython3"},"kernelspec":{"language":"","name":"r"}}`: "Python (language_info.pygments_lexer)",
		`{"language_info":{"name":"octave"}}`:                                                                    "MATLAB (language_info.name)",
		`{"widgets":{"state":{"language_info":{"name":"R"}}}}`:                                                   "Python (it names no language)",
		`{"language_info":{"name":null},"kernelspec":{"language":7}}`:                                            "Python (it names no language)",
		`{}`:                                   "Python (it names no language)",
		`null`:                                 "Python (it names no language)",
		`{"language_info":{"name":"sos"}}`:     "Markdown (its language is not known)",
		`{"language_info":{"name":"mermaid"}}`: "Markdown (comments of Mermaid are not known)",
		`{"language_info":{"name":"` + "x\U0001f600" + `"}}`: "Markdown (its language is not known)",
	} {
		d, err := Convert(Jupyter, []byte(jupyterOf(codeCell("x"), metadata)), Options{MaxBytes: plenty})
		if err != nil || !strings.HasPrefix(d.Note, "Jupyter (nbformat 4.4) as "+want+";") || !strings.HasPrefix(want, d.Language+" (") {
			t.Errorf("%s: %+v, %v", metadata, d, err)
		}
	}
}

// TestCells holds what becomes of cells.
func TestCells(t *testing.T) {
	unknown := `{"language_info":{"name":"no such"}}`
	own := func(name, text string) string {
		return strings.Replace(codeCell(text), `"metadata":{}`, `"metadata":{`+name+`}`, 1)
	}
	for _, c := range []struct{ name, cells, metadata, want string }{
		{"order", textCell("t") + "," + codeCell("a\n") + "," + codeCell("b"), python, "# t\n\na\n\nb\n"},
		{"a list", `{"cell_type":"code","source":["a\n","  b",""]}`, python, "a\n  b\n"},
		{"twice", `{"cell_type":"code","source":"a","source":"b"}`, python, "b\n"},
		{"blank", codeCell(" \n\t") + "," + `{"cell_type":"code"}` + "," + `{"cell_type":"code","source":null}` + "," + textCell("") + "," + codeCell("\n\n  a\n b \n\n"), python, "  a\n b\n"},
		{"line ends", codeCell("a\r\nb\rc") + "," + textCell("d\r\ne\rf\r"), python, "a\nb\nc\n\n# d\n# e\n# f\n"},
		{"escapes", `{"cell_type":"code","source":"\"\\n\\\"\t\u00fc\ud83d\ude00 \ufffd"}`, python, "\"\\n\\\"\tü😀 \ufffd\n"},
		{"raw and others", `{"cell_type":"raw","source":"r"},{"source":"s"},{"cell_type":"heading","level":3,"source":"h"},{"cell_type":"heading","source":"i"},{"cell_type":"heading","level":77,"source":"j"}`, python, "# r\n\n# s\n\n# ### h\n\n# # i\n\n# ###### j\n\nx\n"},
		{"another language", own(`"vscode":{"languageId":"sql"}`, "select 1") + "," + codeCell("a = 1\nb = 2"), python, "# ```sql\n# select 1\n# ```\n\na = 1\nb = 2\n"},
		{"its own", own(`"vscode":{"languageId":"python"}`, "a"), python, "a\n"},
		{".NET", own(`"dotnet_interactive":{"language":"fsharp"},"vscode":{"languageId":"polyglot-notebook"}`, "let a = 1") + "," + own(`"polyglot_notebook":{"kernelName":"csharp"},"dotnet_interactive":{"language":"fsharp"}`, "a;"), `{"language_info":{"name":"C#"}}`, "let a = 1\n\n// ```csharp\n// a;\n// ```\n"},
		{".NET before", own(`"vscode":{"languageId":"dotnet-interactive.csharp"}`, "a;"), `{"language_info":{"name":"C#"}}`, "a;\n"},
		{"SQL is a program", codeCell("select 1"), `{"language_info":{"name":"sql"}}`, "select 1\n"},
		{"block comments", textCell("a *) b\n\n(* c") + "," + codeCell("let x = 1"), `{"language_info":{"name":"OCaml"}}`, "(* a * ) b *)\n(* *)\n(* ( * c *)\n\nlet x = 1\n"},
		{"unknown", textCell("t") + "," + codeCell("``a````b"), unknown, "t\n\n`````no-such\n``a````b\n`````\n"},
		{"no code", textCell("# t\n\n- a") + "," + `{"cell_type":"raw","source":"r"}`, python, "# t\n\n- a\n\nr\n"},
		{"images", textCell(`![a](data:image/png;base64,iVBORw0KGgo=) <img src='data:image/gif;base64,R0lGOD=='>`) + "," + codeCell(`f("data:image/png;base64," + b)`), python, "# ![a]() <img src=''>\n\nf(\"data:image/png;base64,\" + b)\n"},
		{"attachments and outputs", `{"attachments":{"a.png":{"image/png":"iVBORw0KGgo="}},"cell_type":"markdown","source":"![a](attachment:a.png)"},{"cell_type":"code","outputs":[{"data":{"image/png":"iVBORw0KGgo="},"x":[NaN,-Infinity,{}]}],"source":"a"}`, python, "# ![a](attachment:a.png)\n\na\n"},
	} {
		if c.name == "raw and others" {
			c.cells += "," + codeCell("x")
		}
		d, err := Convert(Jupyter, []byte(jupyterOf(c.cells, c.metadata)), Options{MaxBytes: plenty})
		if err != nil || string(d.Text) != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, d, err, c.want)
		}
	}
}

// TestDefects holds what of a notebook is said where it is none.
func TestDefects(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "byte 0: want '{'",
		"[]":                                "byte 0: want '{'",
		"{}":                                "no cells",
		`{"nbformat":4}`:                    "no cells",
		`{"cells":[]}`:                      ErrEmpty.Error(),
		`{"cells":[{}]}`:                    ErrEmpty.Error(),
		`{"worksheets":[]}`:                 ErrEmpty.Error(),
		`{"cells":{}}`:                      "byte 9: want '['",
		`{"cells":null}`:                    "byte 9: want '['",
		`{"cells":[7]}`:                     "byte 10: want '{'",
		`{"cells":[{}`:                      "byte 12: want ']'",
		`{"cells":[{},]}`:                   "byte 13: want '{'",
		`{"cells":[{"a":}]}`:                "byte 15: want a value",
		`{"cells":[{"a":,}]}`:               "byte 15: want a value",
		`{"cells":[{"a":[}`:                 "byte 17: want '}'",
		`{"cells":[{"source":7}]}`:          "byte 20: want a string",
		`{"cells":[{"source":["a",7]}]}`:    "byte 25: want a string",
		`{"cells":[{"source":"a`:            "byte 20: a string without an end",
		`{"cells":[{"source":"a\`:           "byte 20: a string without an end",
		`{"cells":[{"source":"a\"`:          "byte 20: a string without an end",
		`{"cells":[{"source":"\x"}]}`:       "byte 20: invalid character 'x' in string escape code",
		"{\"cells\":[{\"source\":\"\n\"}]}": `byte 20: invalid character '\n' in string literal`,
		`{"cells":[{"source":"a"}]}}`:       "byte 26: more follows where the notebook ends",
		`{"cells":[{"source":"a"}]` + "\n<<<<<<< HEAD":                  "byte 26: want '}'",
		`{"cells":[{"cell_type":"code","source":"\ud83d"}]}`:            ErrHalfPair.Error(),
		`{"cells":[{"cell_type":"code","source":["\ud83d","\ude00"]}]}`: ErrHalfPair.Error(),
	} {
		d, err := Convert(Jupyter, []byte(text), Options{MaxBytes: plenty})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, %v, want %s", text, d, err, want)
		}
	}
	if d, err := Convert(Jupyter, []byte(`{"cells":[{"cell_type":"code","outputs":["\ud83d"],"source":"a","\ud83d":1}]}`), Options{MaxBytes: plenty}); err != nil {
		t.Error("half of a pair where it is left out:", d, err)
	}
	for _, text := range []string{"", "\n \n", "\r"} {
		if _, err := Convert(Quarto, []byte(text), Options{MaxBytes: plenty}); !errors.Is(err, ErrEmpty) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestOldFormats holds nbformat 3, and that of lists of cells the last counts.
func TestOldFormats(t *testing.T) {
	for text, want := range map[string]string{
		`{"nbformat":3,"worksheets":[{"cells":[{"cell_type":"code","language":"r","input":"a"}]},{"metadata":{},"cells":[{"cell_type":"code","input":["b"]}]}]}`: "R:a\n\nb\n",
		`{"cells":[{"cell_type":"code","source":"b"}],"nbformat":4,"worksheets":[]}`:                                                                             "Python:b\n",
		`{"worksheets":[{"cells":[{"cell_type":"code","input":"a"}]}],"cells":[{"cell_type":"code","source":"b"}]}`:                                              "Python:b\n",
		`{"cells":[{"cell_type":"code","source":"b"}],"cells":[{"cell_type":"code","source":"c"}]}`:                                                              "Python:c\n",
		`{"nbformat":99999,"cells":[{"cell_type":"code","source":"b"}]}`:                                                                                         "Python:b\n",
		`{"nbformat":"4","cells":[{"cell_type":"code","source":"b"}]} ` + "\n":                                                                                   "Python:b\n",
	} {
		d, err := Convert(Jupyter, []byte(text), Options{MaxBytes: plenty})
		if err != nil || d.Language+":"+string(d.Text) != want || strings.Contains(d.Note, "nbformat 9") {
			t.Errorf("%s: %+v, %v, want %q", text, d, err, want)
		}
	}
}

// TestLimits holds how many bytes may come out, just within and just over it.
func TestLimits(t *testing.T) {
	wide := strings.Repeat("a\n", 50) // each line of text becomes two bytes longer
	for name, c := range map[string]struct {
		format Format
		text   string
		option Options
	}{
		"script":        {Jupyter, jupyterOf(codeCell("abc")+","+codeCell("de"), python), Options{}},
		"comments":      {Jupyter, jupyterOf(codeCell("abc")+","+textCell(wide), python), Options{}},
		"magics":        {Jupyter, jupyterOf(codeCell("%a\n%b"), python), Options{}},
		"last comment":  {Jupyter, jupyterOf(codeCell("abc")+","+textCell("a"), python), Options{}},
		"Markdown":      {Jupyter, jupyterOf(codeCell("abc"), python), Options{Markdown: true}},
		"only text":     {Jupyter, jupyterOf(textCell("abc")+","+textCell("d"), python), Options{}},
		"chunks":        {RMarkdown, "t\n\n```{r}\nx\n```\n", Options{}},
		"left as it is": {RMarkdown, "text\n", Options{}},
		"image":         {Jupyter, jupyterOf(textCell("![](data:image/png;base64,"+strings.Repeat("A", 5000)+")")+","+codeCell("x"), python), Options{}},
	} {
		c.option.MaxBytes = plenty
		d, err := Convert(c.format, []byte(c.text), c.option)
		if err != nil {
			t.Fatal(name, err)
		}
		size := int64(len(d.Text))
		c.option.MaxBytes = size
		if again, err := Convert(c.format, []byte(c.text), c.option); err != nil || string(again.Text) != string(d.Text) {
			t.Errorf("%s: %d bytes: %v", name, size, err)
		}
		for _, less := range []int64{1, size / 2, size} {
			c.option.MaxBytes = size - less
			if _, err := Convert(c.format, []byte(c.text), c.option); !errors.Is(err, ErrTooLarge) {
				t.Errorf("%s: %d bytes of %d: %v", name, c.option.MaxBytes, size, err)
			}
		}
	}
}

// TestManyCells holds how many cells there may be, just within and just over it; blank
// ones do not count.
func TestManyCells(t *testing.T) {
	for n, good := range map[int]bool{maxCells: true, maxCells + 1: false} {
		cells := strings.Repeat(`{"cell_type":"code","source":"a"},{},`, n) + "{}"
		if _, err := Convert(Jupyter, []byte(jupyterOf(cells, python)), Options{MaxBytes: plenty}); (err == nil) != good || !good && err.Error() != "more than 65536 cells" {
			t.Errorf("%d cells: %v", n, err)
		}
		if _, err := Convert(RMarkdown, []byte(strings.Repeat("```{r}\nx\n```\n```{r}\n```\n", n)), Options{MaxBytes: plenty}); (err == nil) != good {
			t.Errorf("%d chunks: %v", n, err)
		}
	}
}

// TestChunks holds how R Markdown and Quarto are cut and what becomes of them.
func TestChunks(t *testing.T) {
	long := strings.Repeat("words and words\n", 70)
	for _, c := range []struct{ name, text, language, want string }{
		{"chunks", "a\n\n```{r}\nx <- 1\n```\nb\n```{r name, echo=FALSE}\ny\n```\n", "R", "# a\n\nx <- 1\n\n# b\n\ny\n"},
		{"head", "---\ntitle: a\n---\n```{r}\nx\n```", "R", "# ---\n# title: a\n# ---\n\nx\n"},
		{"head with dots", "---\ntitle: a\n...\n```{r}\nx\n```", "R", "# ---\n# title: a\n# ...\n\nx\n"},
		{"head without an end", "---\n```{r}\nx\n```", "R", "# ---\n\nx\n"},
		{"CR LF", "a\r\n```{r}\r\nx\r\n```\r\n", "R", "# a\n\nx\n"},
		{"without an end", "```{r}\nx\n", "R", "x\n"},
		{"nothing in it", "```{r}\n```\n```{r}\nx\n```", "R", "x\n"},
		{"more marks", "````{r}\n```\n````\n```{r}\ny", "R", "```\n\ny\n"},
		{"within a list", "- a\n\n  ```{r}\n  if (x)\n    y\n  ```\n", "R", "# - a\n\nif (x)\n  y\n"},
		{"within a quotation", "> ```{r}\n> x\n> ```\n", "R", "x\n"},
		{"indented less", "   ```{r}\n  x\n y\n   ```\n", "R", "x\ny\n"},
		{"tab", "\t```{r}\n\tx\n y\n\t```\n", "R", "x\ny\n"},
		{"most code", "```{python}\nx\n```\n```{r}\nxyz\n```\n", "R", "# ```python\n# x\n# ```\n\nxyz\n"},
		{"as much", "```{python}\nx\n```\n```{r}\ny\n```\n", "Python", "x\n\n# ```r\n# y\n# ```\n"},
		{"markup is no program", "```{css}\na { b: c }\n```\n```{r}\ny\n```\n", "R", "# ```css\n# a { b: c }\n# ```\n\ny\n"},
		{"Rcpp", "```{Rcpp}\nint x;\n```\n", "C++", "int x;\n"},
		{"magic", "```{python}\n%matplotlib inline\nx\n```\n", "Python", "# %matplotlib inline\nx\n"},
		{"no chunks", "a\n```r\nx\n```\n```{.r}\nx\n```\n```{=html}\nx\n```\n```{{r}}\nx\n```\n~~~{r}\nx\n~~~\n```{r\nx\n```\n``` r\n", "RMarkdown", ""},
		{"within another fence", "````md\n```{r}\nx\n```\n````\n", "RMarkdown", ""},
		{"tildes", "~~~\n```{r}\nx\n```\n~~~\n", "RMarkdown", ""},
		{"code in a line", "```{r} x```\n```{r}\nx\n```", "R", "# ```{r} x```\n\nx\n"},
		{"unknown engines", "```{ojs}\nx\n```\n```{mermaid}\ny\n```\n", "RMarkdown", ""},
		{"mostly text", long + "```{r}\nx\n```\n", "RMarkdown", ""},
	} {
		d, err := Convert(RMarkdown, []byte(c.text), Options{MaxBytes: plenty})
		if c.want == "" {
			c.want = c.text
		}
		if err != nil || d.Language != c.language || string(d.Text) != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, d, err, c.want)
		}
	}
	if d, err := Convert(Quarto, []byte("```{r}\nx\n```\n"), Options{Markdown: true, MaxBytes: plenty}); err != nil || d.Language != "RMarkdown" || d.Note != "Quarto as it is (as asked); cells of code 1, of text 0" {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err := Convert(Quarto, []byte("![](data:image/png;base64,iVBO)\n"), Options{MaxBytes: plenty}); err != nil || string(d.Text) != "![]()\n" {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestMostlyProse holds the limits of what is a text, just within and just over them. The
// head of the document counts for neither.
func TestMostlyProse(t *testing.T) {
	for _, c := range []struct {
		text, code int
		want       bool
	}{{1024, 0, false}, {1025, 0, true}, {4000, 1000, false}, {4001, 1000, true}, {1025, 256, true}, {1024, 1, false}} {
		if mostlyProse(c.text, c.code) != c.want {
			t.Errorf("%+v", c)
		}
	}
	for n, language := range map[int]string{4 * 300: "R", 4*300 + 1: "RMarkdown"} {
		text := "---\n" + strings.Repeat("a: b\n", 500) + "---\n" + strings.Repeat("t", n) + "\n```{r}\n" + strings.Repeat("x", 300) + "\n```\n"
		if d, err := Convert(RMarkdown, []byte(text), Options{MaxBytes: plenty}); err != nil || d.Language != language {
			t.Errorf("%d letters: %+v, %v", n, d, err)
		}
	}
}

// TestComments holds that the languages are Linguist's, and that the comments are those
// that are looked for licences.
func TestComments(t *testing.T) {
	n := 0
	for _, c := range commentTable {
		for language := range strings.SplitSeq(c.languages, ",") {
			n++
			if kind, _ := lang.Kind(language, ""); kind == lang.Other {
				t.Errorf("Linguist has no %q", language)
			}
			text := c.appendLine(c.appendLine(nil, "a licence"), "")
			if lang.Header(append(text, "\nx = 1"...), language) == 0 && language != "q" {
				t.Errorf("%s: %q is no comment", language, text)
			}
			if got, ok := commentOf(language); !ok || got != c.comment {
				t.Errorf("%s: %v", language, got)
			}
		}
	}
	if _, ok := commentOf("Brainfuck"); ok || n < 90 {
		t.Error(n, ok)
	}
}

func TestFormatOf(t *testing.T) {
	for file, want := range map[string]Format{"a/b.ipynb": Jupyter, "B.IPYNB": Jupyter, "a.Rmd": RMarkdown, "a.rmd": RMarkdown, "a.qmd": Quarto, "a.md": None, "ipynb": None, "a.ipynb.txt": None, "Notebook": None} {
		if got := FormatOf(file); got != want {
			t.Errorf("%s: %q", file, got)
		}
	}
}

// TestHostile holds that nothing takes more than time in proportion to its size: with
// time of its square, these would take hours.
func TestHostile(t *testing.T) {
	const size = 1 << 20
	rep := func(s string) string { return strings.Repeat(s, size/len(s)) }
	source := func(s string) string { return jupyterOf(codeCell(s)+","+textCell(s), python) }
	for name, text := range map[string]string{
		"brackets":       rep("["),
		"objects":        rep(`{"cells":`),
		"nested outputs": jupyterOf(`{"outputs":`+strings.Repeat("[", size/2)+strings.Repeat("]", size/2)+`,"source":"a"}`, "{}"),
		"cells":          jupyterOf(rep(`{"source":"a"},`)+"{}", "{}"),
		"empty cells":    jupyterOf(rep(`{},`)+"{}", "{}"),
		"backslashes":    `{"a":"` + rep(`\`),
		"escaped quotes": `{"a":"` + rep(`\"`),
		"keys":           `{` + rep(`"a":1,`) + `"cells":[]}`,
		"metadata":       `{"cells":[{"source":"a"}],"metadata":{` + rep(`"kernelspec":{"name":"x"},`) + `"a":1}}`,
		"cell metadata":  jupyterOf(`{"metadata":{`+rep(`"vscode":{},`)+`"a":"languageId"},"source":"a"}`, "{}"),
		"a string":       source(rep("a")),
		"lines":          source(rep("\n")),
		"lines of one":   source(rep("a\n")),
		"magics":         source(rep("%a\n")),
		"open magics":    source(rep("%a (\n")),
		"questions":      source(rep("a?\n")),
		"assignments":    source(rep("a=\n")),
		"commands":       source(rep("ls  ")),
		"quotes":         source(rep(`'`)),
		"triple quotes":  source(rep(`"""'`)),
		"continued":      source(rep("\\\n")),
		"fences":         source(rep("`")),
		"data":           source(rep("data:")),
		"data URIs":      source(rep("data:image/png,(")),
		"open data":      source(rep(`"data:image/png,a `)),
		"media types":    source("data:" + rep("image/")),
		"base64":         source(rep("data:image/png;base64,")),
		"bare images":    source(rep("R0lGOD")),
		"broken images":  source(rep("R0lGOD\n")),
		"separated":      source(rep(strings.Repeat("A", wrapped) + `"   "`)),
		"percent":        source("data:image/png;base64," + rep("%2")),
	} {
		start := time.Now()
		d, err := Convert(Jupyter, []byte(text), Options{MaxBytes: 64 << 20})
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%s: %v", name, took)
		} else if testing.Verbose() {
			t.Logf("%s: %v, %v", name, took, err)
		}
		_ = d
	}
	for name, text := range map[string]string{
		"lines": rep("\n"), "fences": rep("```\n"), "chunks": rep("```{r}\n"), "one fence": rep("`"), "quotations": rep(">"), "heads": rep("---\n"), "head": "---\n" + rep("a\n"), "longer": rep("```{r}\n````\n"), "engines": "```{" + rep("r"), "names": rep("```{r}\nx\n```\n"),
	} {
		start := time.Now()
		_, err := Convert(RMarkdown, []byte(text), Options{MaxBytes: 64 << 20})
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%s: %v", name, took)
		} else if testing.Verbose() {
			t.Logf("%s: %v, %v", name, took, err)
		}
	}
}

func ExampleConvert() {
	d, err := Convert(Jupyter, []byte(jupyterOf(textCell("Numbers")+","+codeCell("%pip install numpy\nimport numpy"), python)), Options{MaxBytes: plenty})
	fmt.Printf("%s%s\n%v", d.Text, d.Note, err)
	// Output:
	// # Numbers
	//
	// # %pip install numpy
	// import numpy
	// Jupyter (nbformat 4.4) as Python (language_info.name); cells of code 1, of text 1; magics commented out 1
	// <nil>
}
