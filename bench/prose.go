package main

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// isProse reports whether a paragraph reads like sentences of the kind.
func isProse(paragraph, kind string) bool {
	if kind == "english" {
		return isEnglish(paragraph)
	}
	p := proses[kind]
	own, all := 0, 0
	for _, r := range paragraph {
		all++
		if unicode.In(r, p.script...) {
			own++
		}
	}
	return own >= p.least && own*10 >= all*p.tenths && len(strings.Fields(paragraph)) >= p.words &&
		(p.sign == nil || strings.ContainsFunc(paragraph, func(r rune) bool { return unicode.Is(p.sign, r) }))
}

func isEnglish(paragraph string) bool {
	letters, all := 0, 0
	for _, r := range paragraph {
		all++
		if r < 0x80 && (unicode.IsLetter(r) || r == ' ') {
			letters++
		}
	}
	return all >= 160 && letters*100 >= all*85 && strings.Contains(paragraph, ". ")
}

var betweenParagraphs = regexp.MustCompile(`\n[ \t]*\n\s*`)

// takeProse adds the new paragraphs of a file to the texts, as many of them
// to a text as make up a page.
func takeProse(c *collector, name, content, kind string, seen map[uint64]bool) {
	const page = 6000
	var b strings.Builder
	flush := func() {
		c.add(text{path: name, language: kind, data: []byte(b.String())})
		b.Reset()
	}
	cut := betweenParagraphs.Split(content, -1)
	if kind == "chinese" {
		cut = strings.Split(content, "\n")
	}
	for _, p := range cut {
		p = strings.TrimSpace(p)
		if id := hash(p); isProse(p, kind) && !seen[id] {
			seen[id] = true
			b.WriteString(p + "\n\n")
		}
		if b.Len() > page {
			flush()
		}
	}
	flush()
}

// leastProse is how many bytes a corpus has that may have fewer than asked for.
const leastProse = 2e6

// collectProse reads prose of a kind, one of proses, from packages and, for
// English, from the documentation below the roots.
func collectProse(kind, python, cache string, roots []string, want int) ([]text, error) {
	c, seen := newCollector(want, 1), map[uint64]bool{}
	var troubles []error
	for _, l := range proses[kind].libraries {
		if c.full() {
			break
		}
		files, err := l.fetch(python, filepath.Join(cache, "packages"))
		if err != nil {
			troubles = append(troubles, err)
			log.Printf("prose: %v", err)
		}
		for _, f := range files {
			takeProse(c, l.name+"/"+f.path, l.clean(string(f.data)), kind, seen)
		}
	}
	if kind == "english" {
		takeDocumentation(c, roots, seen)
	}
	if !c.full() {
		err := fmt.Errorf("only %.1f of %.1f MB of %s prose found", float64(c.have)/1e6, float64(want)/1e6, kind)
		if !proses[kind].scarce || len(troubles) > 0 || c.have < leastProse {
			return nil, errors.Join(append(troubles, err)...)
		}
		log.Printf("prose: %v", err)
	}
	slices.SortFunc(c.texts, func(a, b text) int { return cmp.Compare(hash(a.data), hash(b.data)) })
	return c.texts, nil
}

func takeDocumentation(c *collector, roots []string, seen map[uint64]bool) {
	for _, root := range roots {
		filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
			if c.full() {
				return filepath.SkipAll
			}
			if end := filepath.Ext(p); err == nil && e.Type().IsRegular() && (end == ".md" || end == ".rst") {
				if b, err := os.ReadFile(p); err == nil && len(b) < mostText {
					takeProse(c, p, string(b), "english", seen)
				}
			}
			return nil
		})
	}
}

// fetch brings the package with its registry's ordinary client and returns
// the files asked for.
func (l library) fetch(python, dir string) ([]text, error) {
	dir = filepath.Join(dir, l.registry, l.name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	archives, _ := filepath.Glob(filepath.Join(dir, "*.*"))
	if len(archives) == 0 {
		var err error
		switch l.registry {
		case "debian":
			_, err = run(5*time.Minute, dir, "apt-get", "download", "--quiet", l.name)
		case "npm":
			_, err = run(5*time.Minute, dir, "npm", "pack", "--silent", l.name)
		default:
			form := "--no-binary=:all:"
			if l.registry == "wheel" {
				form = "--only-binary=:all:"
			}
			_, err = run(5*time.Minute, dir, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", form, l.name)
		}
		if err != nil {
			return nil, err
		}
		if archives, _ = filepath.Glob(filepath.Join(dir, "*.*")); len(archives) == 0 {
			return nil, fmt.Errorf("%s: nothing came", l.name)
		}
	}
	want, err := regexp.Compile(l.files)
	if err != nil {
		return nil, err
	}
	var files []text
	err = readArchive(archives[0], func(name string, r io.Reader) error {
		if !want.MatchString(name) {
			return nil
		}
		if strings.HasSuffix(name, ".gz") {
			z, err := gzip.NewReader(r)
			if err != nil {
				return err
			}
			r = z
		}
		b, err := io.ReadAll(r)
		files = append(files, text{path: name, data: b})
		return err
	})
	return files, err
}

// readArchive calls do with every file of a package.
func readArchive(file string, do func(name string, r io.Reader) error) error {
	switch {
	case strings.HasSuffix(file, ".deb"):
		return readDeb(file, do)
	case strings.HasSuffix(file, ".whl"), strings.HasSuffix(file, ".zip"):
		return readZip(file, do)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return readTar(z, do)
}

func readTar(r io.Reader, do func(name string, r io.Reader) error) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := do(path.Clean(h.Name), t); err != nil {
			return err
		}
	}
}

// readDeb leaves the unpacking to dpkg-deb, which knows every compression.
func readDeb(file string, do func(name string, r io.Reader) error) error {
	out, err := run(5*time.Minute, "", "dpkg-deb", "--fsys-tarfile", file)
	if err != nil {
		return err
	}
	return readTar(strings.NewReader(out), do)
}

func readZip(file string, do func(name string, r io.Reader) error) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return err
		}
		err = errors.Join(do(f.Name, r), r.Close())
		if err != nil {
			return err
		}
	}
	return nil
}
