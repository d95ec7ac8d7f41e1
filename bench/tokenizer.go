package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// tokenizer encodes the same files with codemill and with tiktoken-go, one
// thread, in turn, and compares the ids. tiktoken-go gets a part of the files,
// as it is slow; codemill's cold figure is the first pass over all of them
// with an empty cache, the warm one the second.
func tokenizer(w io.Writer, args []string) (map[string]float64, error) {
	flags := flag.NewFlagSet("tokenizer", flag.ContinueOnError)
	root := flags.String("corpus", "", "folder of text files (default GOROOT/src)")
	limit := flags.Int("mb", 60, "how much of it to read")
	sample := flags.Int("peer-mb", 3, "how much of that the slow peer gets")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *root == "" {
		out, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			return nil, err
		}
		*root = filepath.Join(strings.TrimSpace(string(out)), "src")
	}
	docs, err := readTexts(*root, *limit*1e6)
	if err != nil {
		return nil, err
	}
	ratios := map[string]float64{}
	rows := [][]string{{"vocabulary", "codemill cold", "codemill warm", "tiktoken-go " + version("github.com/pkoukk/tiktoken-go"), "cold : peer", "ids"}}
	for _, vocab := range []string{"r50k_base", "p50k_base", "cl100k_base", "o200k_base"} {
		tok, err := bpe.LoadTiktoken(vocab)
		if err != nil {
			return nil, err
		}
		peer, err := tiktokenGo(vocab)
		if err != nil {
			return nil, err
		}
		enc, buf := tok.NewEncoder(), []uint32(nil)
		pass := func() float64 {
			start, n := time.Now(), 0
			for _, d := range docs {
				buf = enc.Append(buf[:0], d)
				n += len(d)
			}
			return float64(n) / 1e6 / time.Since(start).Seconds()
		}
		cold, warm := pass(), pass()
		start, n, ids := time.Now(), 0, [][]int{}
		for _, d := range docs {
			if n > *sample*1e6 {
				break
			}
			ids = append(ids, peer.EncodeOrdinary(string(d)))
			n += len(d)
		}
		slow := float64(n) / 1e6 / time.Since(start).Seconds()
		for i, want := range ids {
			buf = enc.Append(buf[:0], docs[i])
			if !slices.EqualFunc(buf, want, func(a uint32, b int) bool { return int(a) == b }) {
				return nil, fmt.Errorf("%s: the ids of text %d differ", vocab, i)
			}
		}
		rows = append(rows, []string{vocab, fmt.Sprintf("%.1f MB/s", cold), fmt.Sprintf("%.1f MB/s", warm), fmt.Sprintf("%.2f MB/s", slow),
			fmt.Sprintf("%.1f", cold/slow), fmt.Sprintf("equal in %d texts", len(ids))})
		name := strings.TrimSuffix(vocab, "_base")
		ratios["tiktoken-go/"+name+"/code/1thread/cold"] = cold / slow
		ratios["tiktoken-go/"+name+"/code/1thread/warm"] = warm / slow
	}
	return ratios, table(w, rows)
}

// readTexts reads files of valid UTF-8 below root, in the order of their
// paths, up to about max bytes.
func readTexts(root string, max int) (docs [][]byte, err error) {
	left := max
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || left <= 0 {
			return filepath.SkipAll
		}
		if !e.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err == nil && len(b) < 1<<20 && len(b) > 0 && utf8.Valid(b) {
			docs = append(docs, b)
			left -= len(b)
		}
		return err
	})
	if err == nil && len(docs) == 0 {
		err = fmt.Errorf("%s: no text files", root)
	}
	return docs, err
}

func tiktokenGo(name string) (*tiktoken.Tiktoken, error) {
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	return tiktoken.GetEncoding(name)
}

// version returns the version of a module as go.mod has it.
func version(module string) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
