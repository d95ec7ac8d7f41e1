package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"text/tabwriter"

	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/state"
	"github.com/codemill/codemill/work/vfs"
)

// compareCmd is `codemill tokenize compare -t A -t B PATH…`: bytes per token by language,
// and how many percent more or fewer than with the first tokenizer. More is better: the
// same text in fewer tokens.
//
//	language  files   bytes  cl100k_base   o200k_base
//	      Go      4  16,618        3.324  3.344 +0.6%
//	    JSON      1   3,376        2.629  2.475 -5.9%
//	   total      5  19,994        3.182  3.157 -0.8%
type compareCmd struct {
	Tokenizers []string `name:"tokenizer" short:"t" required:"" sep:"none" help:"A tokenizer; give two or more. ${vocabularies}, or a tokenizer.json." placeholder:"NAME|FILE"`
	Paths      []string `arg:"" help:"Files, folders, or a work folder, of which the documents that all passes keep are taken."`
	JSON       bool     `name:"json" help:"Print JSON."`
	Least      string   `help:"Leave languages with less text out of the table." placeholder:"BYTES"`
}

// Run prints bytes per token by language.
func (c *compareCmd) Run(a *app) error {
	if err := a.noRecipe("workers"); err != nil {
		return err
	}
	least := int64(0)
	if c.Least != "" {
		var err error
		if least, err = strconv.ParseInt(c.Least, 10, 64); err != nil || least < 0 {
			return &callError{fmt.Errorf("--least: %q is not a number of bytes", c.Least)}
		}
	}
	workers, err := a.workerCount()
	if err != nil {
		return err
	}
	cmpr := &comparison{rows: map[string]*languageRow{}}
	for _, name := range c.Tokenizers {
		tok, err := loadTokenizer(name)
		if err != nil {
			return err
		}
		cmpr.tokenizers = append(cmpr.tokenizers, tok)
	}
	for _, path := range c.Paths {
		if err := cmpr.add(a.ctx, path, workers); err != nil {
			return err
		}
	}
	if err := cmpr.print(a.out, c.names(), least, c.JSON); err != nil {
		return err
	}
	if cmpr.leftOut > 0 {
		fmt.Fprintf(a.err, "codemill: %s files left out: binary, or in no known encoding\n", number(cmpr.leftOut))
	}
	if cmpr.bare > 0 {
		fmt.Fprintf(a.err, "codemill: %s bare git repositories left out: their files are git's objects, not texts\n", number(cmpr.bare))
	}
	if len(cmpr.unread) > 0 {
		slices.Sort(cmpr.unread) // the goroutines that met them came in any order
		for _, message := range cmpr.unread {
			fmt.Fprintln(a.err, "codemill: "+printable(message))
		}
		return &badInputs{fmt.Sprintf("%s files could not be read", number(int64(len(cmpr.unread))))}
	}
	return nil
}

// workerCount is the -j of commands that read no recipe: one a core where it is not given,
// or 0.
func (a *app) workerCount() (int, error) {
	if a.Workers == "" {
		return runtime.GOMAXPROCS(0), nil
	}
	n, err := strconv.Atoi(a.Workers)
	if err != nil || n < 0 {
		return 0, &callError{fmt.Errorf("--workers: %q is not a number of workers", a.Workers)}
	}
	return cmp.Or(n, runtime.GOMAXPROCS(0)), nil
}

// names are the columns' headings: short, or as they were given if two would be the same.
func (c *compareCmd) names() []string {
	names := make([]string, len(c.Tokenizers))
	for i, name := range c.Tokenizers {
		names[i] = shortName(name)
	}
	for i := range names {
		if slices.Index(names, names[i]) != i {
			return c.Tokenizers
		}
	}
	return names
}

// A comparison counts the tokens of several tokenizers by language. Texts are counted by
// many goroutines; mu guards what is below it.
type comparison struct {
	tokenizers []*bpe.Tokenizer

	mu      sync.Mutex
	rows    map[string]*languageRow // by language; "" is none
	idle    []*counters             // that no goroutine uses now
	unread  []string                // why files and folders could not be read
	leftOut int64                   // files that are no text
	bare    int64                   // bare repositories
}

// languageRow is one line of the table, as JSON has it.
type languageRow struct {
	Language string  `json:"language"`
	Files    int64   `json:"files"`
	Bytes    int64   `json:"bytes"`
	Tokens   []int64 `json:"tokens"` // by tokenizer
}

// counters are what one goroutine needs. They hold caches, so they are used again rather
// than made for each file.
type counters struct {
	encoders []*bpe.Encoder // one for each tokenizer, in their order
	detector *lang.Detector
}

// add counts a file, a folder or a work folder. Files are decoded and their languages
// found as crawl does, with its defaults. All of a file is in memory, in each worker.
func (c *comparison) add(ctx context.Context, path string, workers int) error {
	if is, err := work.IsFolder(vfs.OS{}, path); err != nil {
		return err
	} else if is {
		return c.addWork(ctx, path, workers)
	}
	var files []string
	err := eachInput(path, func(path string, given bool, err error) error {
		_, unreadable := errors.AsType[*fs.PathError](err)
		switch {
		case errors.Is(err, errBare) && !given:
			c.bare++
		case unreadable:
			c.unread = append(c.unread, err.Error())
		case err != nil:
			return err
		default:
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return fanout.Each(ctx, workers, len(files), func(_ context.Context, i int) error {
		raw, err := os.ReadFile(files[i])
		if _, unreadable := errors.AsType[*fs.PathError](err); unreadable {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.unread = append(c.unread, err.Error())
			return nil
		}
		text := lang.Decode(raw, lang.Encodings{}).Text
		if text == nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.leftOut++
			return nil
		}
		k := c.get()
		defer c.put(k)
		c.count(k, k.detector.Detect(files[i], text), text)
		return nil
	})
}

// addWork counts the documents of a work folder that all its passes keep, by the language
// that crawl gave them.
func (c *comparison) addWork(ctx context.Context, path string, workers int) error {
	w, err := work.Read(vfs.OS{}, path)
	if err != nil {
		return err
	}
	chain, err := state.Read(w)
	if err != nil {
		return err
	}
	job := work.Job{Work: w, After: chain.Passes}
	return fanout.Each(ctx, workers, len(chain.Docs.Shards), func(ctx context.Context, shard int) error {
		k := c.get()
		defer c.put(k)
		for row, err := range job.Rows(ctx, shard, true) {
			if err != nil {
				return err
			}
			if !row.Out {
				c.count(k, row.Doc.Language, row.Doc.Text)
			}
		}
		return nil
	})
}

// get returns counters for one text, to be given back by put.
func (c *comparison) get() *counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.idle); n > 0 {
		k := c.idle[n-1]
		c.idle = c.idle[:n-1]
		return k
	}
	k := &counters{detector: lang.NewDetector()}
	for _, tok := range c.tokenizers {
		k.encoders = append(k.encoders, tok.NewEncoder())
	}
	return k
}

func (c *comparison) put(k *counters) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, k)
}

// count adds a text. The counting, which takes the time, holds no lock.
func (c *comparison) count(k *counters, language string, text []byte) {
	tokens := make([]int64, len(k.encoders))
	for i, enc := range k.encoders {
		tokens[i] = int64(enc.Count(text))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rows[language]
	if r == nil {
		r = &languageRow{Language: language, Tokens: make([]int64, len(tokens))}
		c.rows[language] = r
	}
	r.addTo(1, int64(len(text)), tokens)
}

// addTo adds files to a row; tokens are by tokenizer.
func (r *languageRow) addTo(files, bytes int64, tokens []int64) {
	r.Files += files
	r.Bytes += bytes
	for i, n := range tokens {
		r.Tokens[i] += n
	}
}

// print writes the table, the languages with the most text first. Those with less than
// least bytes have no line, and are in the total all the same.
func (c *comparison) print(out io.Writer, names []string, least int64, asJSON bool) error {
	total := &languageRow{Language: "total", Tokens: make([]int64, len(names))}
	var rows []*languageRow
	// In any order; they are sorted below.
	for _, r := range c.rows {
		total.addTo(r.Files, r.Bytes, r.Tokens)
		if r.Bytes >= least {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *languageRow) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Language, b.Language))
	})
	if asJSON {
		return printJSON(out, "", struct {
			Tokenizers []string       `json:"tokenizers"`
			Languages  []*languageRow `json:"languages"`
			Total      *languageRow   `json:"total"`
		}{names, rows, total})
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "language\tfiles\tbytes\t")
	for _, n := range names {
		fmt.Fprintf(t, "%s\t", n)
	}
	fmt.Fprintln(t)
	for _, r := range append(rows, total) {
		r.print(t)
	}
	return t.Flush()
}

// print writes bytes per token, and how much more than the first tokenizer's, as for 100
// tokens of the first and 98 of the second "+2.0%".
func (r *languageRow) print(out io.Writer) {
	fmt.Fprintf(out, "%s\t%s\t%s\t", name(choice.Name(r.Language)), number(r.Files), number(r.Bytes))
	for i, n := range r.Tokens {
		cell := perToken(r.Bytes, n)
		if i > 0 && n > 0 && r.Tokens[0] > 0 {
			cell += fmt.Sprintf(" %+.1f%%", 100*(float64(r.Tokens[0])/float64(n)-1))
		}
		fmt.Fprintf(out, "%s\t", cell)
	}
	fmt.Fprintln(out)
}
