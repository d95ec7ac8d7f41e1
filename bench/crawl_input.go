package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// crawlInput is the same files three times: folders/NAME, repos/NAME.git and
// rows/NAME.jsonl.
type crawlInput struct {
	dir   string
	repos []string // the bare repositories
	files int
	bytes int64
}

// A packageFolder is a package of some package manager's, or a part of a
// toolchain: what stands for a repository.
type packageFolder struct {
	path  string
	name  string // without its version
	files []string
	bytes int64
	code  int64 // bytes of it that are code by their names
}

// input makes the files, unless they stand in the cache.
func (b *crawlBench) input() (*crawlInput, error) {
	in := &crawlInput{dir: filepath.Join(b.cache, fmt.Sprintf("crawl-%d-%d-%x", b.mb, b.repos, hash(b.roots)>>48))}
	whole := filepath.Join(in.dir, "whole") // is there once all others are
	if _, err := os.Stat(whole); err == nil {
		return in, in.count()
	}
	if err := os.RemoveAll(in.dir); err != nil {
		return nil, err
	}
	folders := b.packages()
	if len(folders) < b.repos {
		return nil, fmt.Errorf("only %d packages found", len(folders))
	}
	for i, p := range folders[:b.repos] {
		name := fmt.Sprintf("%02d-%s", i, strings.NewReplacer("/", "-", "!", "").Replace(p.name))
		log.Printf("%s: %d files, %.1f MB", name, len(p.files), float64(p.bytes)/1e6)
		if err := in.add(name, p); err != nil {
			return nil, fmt.Errorf("%s: %w", p.path, err)
		}
	}
	if err := os.WriteFile(whole, nil, 0o666); err != nil {
		return nil, err
	}
	return in, in.count()
}

// count finds the repositories and what is in them.
func (in *crawlInput) count() (err error) {
	if in.repos, err = filepath.Glob(filepath.Join(in.dir, "repos", "*.git")); err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(in.dir, "folders"), func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			in.files++
			in.bytes += info.Size()
		}
		return err
	})
}

// packages finds packages, those with the most code first; of several versions the
// largest. Each is cut off where it has twice its share of all that is wanted.
func (b *crawlBench) packages() []packageFolder {
	best := map[string]packageFolder{}
	for _, path := range b.packagePaths() {
		p := readPackage(path, 2*int64(b.mb)*1e6/int64(b.repos))
		if p.code > best[p.name].code {
			best[p.name] = p
		}
	}
	var all []packageFolder
	for _, p := range best {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b packageFolder) int { return cmp.Or(cmp.Compare(b.code, a.code), cmp.Compare(a.path, b.path)) })
	return all
}

// packagePaths are the folders of the packages below the roots: Go's modules have an @
// in their names, those of npm and Python are children, and so are the folders of the
// system. What is no package of anybody's is one by itself.
func (b *crawlBench) packagePaths() []string {
	roots := filepath.SplitList(b.roots)
	if len(roots) == 0 {
		roots = codeRoots(b.python)
	}
	var paths []string
	for _, root := range roots {
		before := len(paths)
		filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.IsDir() && strings.Contains(e.Name(), "@") && !strings.HasPrefix(e.Name(), "@") {
				paths = append(paths, path)
				return fs.SkipDir
			}
			return nil // what cannot be read is no part of the input
		})
		if len(paths) > before {
			continue
		}
		switch base := filepath.Base(root); base {
		case "site-packages", "node_modules", "share", "include", "lib":
			children, _ := os.ReadDir(root)
			for _, c := range children {
				if path := filepath.Join(root, c.Name()); c.IsDir() && !slices.Contains(roots, path) {
					paths = append(paths, path)
				}
			}
		default:
			paths = append(paths, root)
		}
	}
	return paths
}

// readPackage lists the files of a package in their order, up to so many bytes.
func readPackage(path string, most int64) packageFolder {
	p := packageFolder{path: path}
	p.name, _, _ = strings.Cut(filepath.Base(path), "@")
	if parent := filepath.Base(filepath.Dir(path)); len(p.name) < 4 {
		p.name = parent + "-" + p.name // v4@v4.1.21, src
	}
	filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && (e.Name() == ".git" || e.Name() == "__pycache__") { // no repository has them
			return fs.SkipDir
		}
		if err != nil || !e.Type().IsRegular() {
			return nil
		}
		info, err := e.Info()
		if err != nil || info.Size() > mostText {
			return nil
		}
		if p.bytes += info.Size(); p.bytes > most {
			p.bytes -= info.Size()
			return fs.SkipAll
		}
		rel, err := filepath.Rel(path, file)
		if err != nil || strings.ContainsAny(rel, "\n\"") || !utf8.ValidString(rel) {
			return nil // names that git's input would need in quotes
		}
		p.files = append(p.files, rel)
		if languages[strings.ToLower(filepath.Ext(file))] != "" {
			p.code += info.Size()
		}
		return nil
	})
	return p
}

// add makes a folder, a repository and a file of rows of a package.
func (in *crawlInput) add(name string, p packageFolder) error {
	folder := filepath.Join(in.dir, "folders", name)
	var rows, history bytes.Buffer
	encoder := json.NewEncoder(&rows)
	files := map[string][]byte{}
	for _, file := range p.files {
		data, err := os.ReadFile(filepath.Join(p.path, file))
		if err != nil {
			continue // unreadable to us
		}
		files[file] = data
		to := filepath.Join(folder, file)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o666); err != nil {
			return err
		}
		if !utf8.Valid(data) {
			continue
		}
		if err := encoder.Encode(map[string]string{"repo_name": name, "path": file, "content": string(data)}); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(in.dir, "rows"), 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(in.dir, "rows", name+".jsonl"), rows.Bytes(), 0o666); err != nil {
		return err
	}
	writeHistory(&history, files)
	return makeRepository(filepath.Join(in.dir, "repos", name+".git"), &history)
}

// commits of a repository, the last of which has the files as they are. The others
// lack one file in four, and of one in three only the first part is there.
const commits = 3

// writeHistory writes what git fast-import reads.
func writeHistory(w io.Writer, files map[string][]byte) {
	out := bufio.NewWriter(w)
	defer out.Flush()
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for c := range commits {
		fmt.Fprintf(out, "commit refs/heads/main\ncommitter Bench <bench@example.org> %d +0000\ndata 1\nx\n", 1_700_000_000+c*86400)
		for i, name := range names {
			data := files[name]
			if c < commits-1 {
				switch {
				case (i+c)%4 == 0:
					continue
				case (i+c)%3 == 0:
					part := data[:len(data)*2/3]
					data = part[:bytes.LastIndexByte(part, '\n')+1]
				}
			}
			fmt.Fprintf(out, "M 100644 inline \"%s\"\ndata %d\n%s\n", strings.ReplaceAll(name, `\`, `\\`), len(data), data)
		}
	}
}

// makeRepository makes a bare repository in one pack, as a clone is.
func makeRepository(path string, history io.Reader) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "--initial-branch=main", "."},
		{"fast-import", "--quiet"},
		{"repack", "-a", "-d", "-f", "-q"},
		{"pack-refs", "--all"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = path
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
		if args[0] == "fast-import" {
			cmd.Stdin = history
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w: %s", args[0], err, complaintOf(string(out)))
		}
	}
	return nil
}
