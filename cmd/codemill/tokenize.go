package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/codemill/codemill/tokenize"
	"github.com/codemill/codemill/tokenize/bpe"
)

// tokenizeCmds are the stage, which `codemill tokenize RECIPE` runs, and what
// people ask a tokenizer for. A recipe named like one of these is written ./count.
type tokenizeCmds struct {
	Stage   tokenizeCmd `cmd:"" default:"withargs" help:"Write the planned documents of a recipe as packed token sequences; what tokenize does with a recipe."`
	Count   countCmd    `cmd:"" help:"Count tokens, bytes and bytes per token of files, folders or standard input."`
	Encode  encodeCmd   `cmd:"" help:"Write the ids of files, folders or standard input."`
	Decode  decodeCmd   `cmd:"" help:"Write the text of ids."`
	Compare compareCmd  `cmd:"" help:"Compare tokenizers on a corpus: bytes per token by language."`
}

// tokenizerFlag names one tokenizer.
type tokenizerFlag struct {
	Tokenizer string `short:"t" required:"" help:"${vocabularies}, or a tokenizer.json." placeholder:"NAME|FILE"`
}

// loadTokenizer reads a tokenizer as the stage does: a control token that a text
// spells out is text. A folder stands for the tokenizer.json in it. The error is a
// [*callError].
func loadTokenizer(name string) (*bpe.Tokenizer, error) {
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		name = filepath.Join(name, "tokenizer.json")
	}
	tok, err := tokenize.Load(tokenize.Config{Tokenizer: name})
	if err != nil {
		return nil, &callError{fmt.Errorf("--tokenizer: %w", err)}
	}
	return tok, nil
}

// shortName names a tokenizer in a table. Every tokenizer.json has the same name, so it is
// named by its folder: models/qwen2/tokenizer.json is "qwen2".
func shortName(name string) string {
	if filepath.Base(name) == "tokenizer.json" {
		if abs, err := filepath.Abs(name); err == nil {
			return filepath.Base(filepath.Dir(abs))
		}
	}
	return filepath.Base(name)
}

// inputs are the texts that a command is given.
type inputs struct {
	Paths []string `arg:"" optional:"" help:"Files and folders; standard input if there are none, or as -. In folders, binary files, .git and bare repositories are left out."`
}

// each opens one text after another and calls do with its name and contents, which need not
// be read to their end. Standard input has the name "-". Files that cannot be read are
// named on standard error, and the others go on; in the end they are a [*badInputs]. Any
// other error of do ends it, and so does a signal.
func (in *inputs) each(a *app, do func(name string, r io.Reader) error) error {
	paths := in.Paths
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	bad, binary := 0, 0
	for _, path := range paths {
		if path == "-" {
			if err := do("-", interrupted{a.ctx, os.Stdin}); err != nil {
				return err
			}
			continue
		}
		err := eachInput(path, func(path string, given bool, err error) error {
			// What was asked for by name is read whatever it is, or is an error. What
			// was met in a folder is left out if it holds no text.
			if errors.Is(err, errBare) && !given {
				fmt.Fprintf(a.err, "codemill: %s: left out\n", printable(err.Error()))
				return nil
			}
			if err == nil {
				err = open(path, func(r *bufio.Reader) error {
					if !given && looksBinary(r) {
						binary++
						return nil
					}
					return do(path, interrupted{a.ctx, r})
				})
			}
			if _, unreadable := err.(*fs.PathError); unreadable {
				bad++
				fmt.Fprintln(a.err, "codemill: "+printable(err.Error()))
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if binary > 0 {
		fmt.Fprintf(a.err, "codemill: %s binary files left out\n", number(int64(binary)))
	}
	if bad > 0 {
		return &badInputs{fmt.Sprintf("%s files could not be read", number(int64(bad)))}
	}
	return nil
}

// errBare is the error of a bare git repository in the place of texts.
var errBare = errors.New("a bare git repository holds git's objects and no texts; give a clone with files, or a work folder that it was crawled into")

// eachInput calls do for a file, or for those of a folder and the folders in it, in the
// order of their names. Left out are .git, links, and what is no regular file.
//
// given is true where the path itself was asked for (path is root). do is also given paths that hold no text to be read: with the error
// of looking at them, or with [errBare] for a bare repository, which is not gone into. An
// error of do ends it.
func eachInput(root string, do func(path string, given bool, err error) error) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if err := do(path, path == root, err); err != nil {
				return err
			}
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && d.Name() == ".git" && path != root:
			return fs.SkipDir
		case d.IsDir() && isBare(path):
			if err := do(path, path == root, &callError{fmt.Errorf("%s: %w", path, errBare)}); err != nil {
				return err
			}
			return fs.SkipDir
		case d.IsDir(), path != root && !d.Type().IsRegular():
			return nil
		}
		return do(path, path == root, nil)
	})
}

// isBare tells a bare repository, or the .git of a clone, by what git looks for.
func isBare(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// open calls do with a file's contents. An error of opening is an [*fs.PathError].
func open(path string, do func(r *bufio.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(bufio.NewReaderSize(f, 64<<10))
}

// looksBinary tells that a NUL is among the first 8000 bytes, which is git's rule
// (buffer_is_binary). It takes nothing from r.
func looksBinary(r *bufio.Reader) bool {
	head, _ := r.Peek(8000)
	return bytes.IndexByte(head, 0) >= 0
}

// interrupted ends a long read when the program is to stop: it asks before each piece that
// is read. A read that waits for standard input it does not end; a second signal does.
type interrupted struct {
	ctx context.Context
	r   io.Reader
}

func (i interrupted) Read(p []byte) (int, error) {
	if err := context.Cause(i.ctx); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// encodeFrom encodes what r gives, piece by piece, so that a text need not fit into memory.
// emit is given ids that are valid until it returns. special has special tokens recognised
// that the text spells out.
func encodeFrom(r io.Reader, enc *bpe.Encoder, special bool, emit func(ids []uint32) error) error {
	s := enc.NewStream(special, emit)
	if _, err := io.Copy(s, r); err != nil {
		return err
	}
	return s.Close()
}

// countCmd is `codemill tokenize count -t cl100k_base FILE…`:
//
//	tokens            bytes B/token
//	   241            1,080   4.481  a.py
type countCmd struct {
	tokenizerFlag
	inputs
	Special bool `help:"Recognise special tokens that a text spells out, instead of taking them for text."`
	Total   bool `help:"Print the total only."`
}

// Run prints a line a file, and the total where there is more than one. The total stands
// also where some files could not be read; the exit code then says so.
func (c *countCmd) Run(a *app) error {
	if err := a.noRecipe(); err != nil {
		return err
	}
	tok, err := loadTokenizer(c.Tokenizer)
	if err != nil {
		return err
	}
	enc := tok.NewEncoder()
	out := bufio.NewWriter(a.out)
	line := func(tokens, bytes int64, what string) {
		fmt.Fprintf(out, "%14s %16s %7s  %s\n", number(tokens), number(bytes), perToken(bytes, tokens), what)
	}
	fmt.Fprintf(out, "%14s %16s %7s\n", "tokens", "bytes", "B/token")
	var tokens, bytes int64
	files := 0
	err = c.each(a, func(path string, r io.Reader) error {
		n, counted := int64(0), &countingReader{r: r}
		if err := encodeFrom(counted, enc, c.Special, func(ids []uint32) error { n += int64(len(ids)); return nil }); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		tokens, bytes, files = tokens+n, bytes+counted.n, files+1
		if !c.Total {
			line(n, counted.n, name(path))
		}
		return nil
	})
	if _, bad := err.(*badInputs); err != nil && !bad {
		return err
	}
	if c.Total || files != 1 {
		line(tokens, bytes, fmt.Sprintf("total of %s files", number(int64(files))))
	}
	if flushErr := out.Flush(); flushErr != nil {
		return flushErr
	}
	return err
}

// perToken prints bytes per token, "-" where there are no tokens.
func perToken(bytes, tokens int64) string {
	if tokens == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", float64(bytes)/float64(tokens))
}

// countingReader counts the bytes that are read through it.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
