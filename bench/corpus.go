package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// languages are what counts as code, by the ends of the files' names. Data is
// not among them: a corpus would be full of it.
var languages = func() map[string]string {
	byName := map[string]string{}
	for language, ends := range map[string]string{
		"Go": "go", "Python": "py pyi", "JavaScript": "js mjs cjs jsx", "TypeScript": "ts tsx mts cts", "C": "c h", "C++": "cc cpp cxx hh hpp hxx ipp",
		"Rust": "rs", "Java": "java", "Kotlin": "kt", "Scala": "scala", "Ruby": "rb", "PHP": "php", "Perl": "pl pm t", "Shell": "sh bash", "Lua": "lua",
		"SQL": "sql", "CSS": "css scss less", "Assembly": "s asm", "Vim": "vim", "Lisp": "el lisp scm", "Haskell": "hs", "OCaml": "ml mli", "Swift": "swift",
		"C#": "cs", "R": "r", "Julia": "jl", "Erlang": "erl", "Fortran": "f90 f", "CMake": "cmake", "Tcl": "tcl", "Protobuf": "proto", "Cython": "pyx pxd",
		"TOML": "toml", "Make": "mk", "Vue": "vue", "Svelte": "svelte", "Cuda": "cu cuh", "GLSL": "glsl", "Batch": "bat", "PowerShell": "ps1",
	} {
		for _, end := range strings.Fields(ends) {
			byName["."+end] = language
		}
	}
	return byName
}()

// A text is a document with where it came from.
type text struct {
	path, language string
	data           []byte
}

const (
	leastText = 64      // bytes: below it, nothing is measured but overhead
	mostText  = 1 << 20 // what crawl takes by default
	mostShare = 0.3     // of the corpus in one language
)

// codeRoots are the folders where a machine keeps source code: the toolchains
// and the caches of their package managers, as far as they are there.
func codeRoots(python string) (roots []string) {
	ask := func(below, name string, args ...string) {
		out, err := run(time.Minute, "", name, args...)
		for _, line := range strings.Fields(out) {
			if err == nil {
				roots = append(roots, filepath.Join(line, below))
			}
		}
	}
	ask("src", "go", "env", "GOROOT")
	ask("", "go", "env", "GOMODCACHE")
	ask("", python, "-c", "import sysconfig; print(*{sysconfig.get_path(p) for p in ('stdlib', 'platlib', 'purelib')})")
	ask("lib/rustlib/src", "rustc", "--print", "sysroot")
	ask("", "npm", "root", "--global")
	if home, err := os.UserHomeDir(); err == nil {
		roots = append(roots, filepath.Join(cmp.Or(os.Getenv("CARGO_HOME"), filepath.Join(home, ".cargo")), "registry", "src"))
	}
	for _, dir := range []string{"include", "share", "lib", "src", "local/include", "local/share", "local/lib"} {
		roots = append(roots, filepath.Join("/usr", dir))
	}
	return roots
}

// findCode lists the source files below the roots, each once, in an order that
// is random but always the same.
func findCode(roots []string) []text {
	var found []text
	seen := map[string]bool{}
	for _, root := range roots {
		filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return nil // what cannot be read is no part of the corpus
			}
			language := languages[strings.ToLower(filepath.Ext(path))]
			if language != "" && e.Type().IsRegular() && !seen[path] {
				seen[path] = true
				found = append(found, text{path: path, language: language})
			}
			return nil
		})
	}
	slices.SortFunc(found, func(a, b text) int { return cmp.Compare(hash(a.path), hash(b.path)) })
	return found
}

func hash[T ~string | ~[]byte](s T) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:])
}

// A collector takes texts until there are enough, none twice.
type collector struct {
	want, have int     // bytes
	share      float64 // of want that one language may have
	byLanguage map[string]int
	seen       map[uint64]bool
	texts      []text
}

func newCollector(want int, share float64) *collector {
	return &collector{want: want, share: share, byLanguage: map[string]int{}, seen: map[uint64]bool{}}
}

func (c *collector) full() bool { return c.have >= c.want }

// add takes the text if it is one, new, and not too much of its language.
func (c *collector) add(t text) {
	id := hash(t.data)
	switch {
	case len(t.data) < leastText || len(t.data) > mostText || c.seen[id] || !isText(t.data):
		return
	case c.byLanguage[t.language]+len(t.data) > int(c.share*float64(c.want))+mostText:
		return
	}
	c.seen[id] = true
	c.have += len(t.data)
	c.byLanguage[t.language] += len(t.data)
	c.texts = append(c.texts, t)
}

// isText reports whether b is valid UTF-8 and free of NUL, and of what looks
// like a control token: how libraries treat those is a matter of policy that
// the sides need not share.
func isText(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsRune(b, 0) && !bytes.Contains(b, []byte("<|")) && !bytes.Contains(b, []byte("<｜"))
}

// collectCode reads source files until there are so many bytes.
func collectCode(roots []string, want int) ([]text, error) {
	c := newCollector(want, mostShare)
	for _, t := range findCode(roots) {
		if c.full() {
			break
		}
		if data, err := os.ReadFile(t.path); err == nil {
			t.data = data
			c.add(t)
		}
	}
	if !c.full() {
		return c.texts, fmt.Errorf("only %.0f of %.0f MB of code found below %d folders, %s and others", float64(c.have)/1e6, float64(want)/1e6, len(roots), roots[0])
	}
	return c.texts, nil
}

// mix says what the texts are, largest share first.
func mix(texts []text) string {
	total, by := 0, map[string]int{}
	for _, t := range texts {
		by[t.language] += len(t.data)
		total += len(t.data)
	}
	names := make([]string, 0, len(by))
	for n := range by {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(by[b], by[a]), cmp.Compare(a, b)) })
	var parts []string
	for _, n := range names[:min(8, len(names))] {
		parts = append(parts, fmt.Sprintf("%s %.0f%%", n, 100*float64(by[n])/float64(total)))
	}
	return fmt.Sprintf("%d texts, %.1f MB, %d languages: %s", len(texts), float64(total)/1e6, len(names), strings.Join(parts, ", "))
}
