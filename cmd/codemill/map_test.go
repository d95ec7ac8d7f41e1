package main

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFileMaps holds that the documentation of a package of over ten files names
// each of them.
func TestFileMaps(t *testing.T) {
	files, docs := map[string][]string{}, map[string]string{}
	eachFile(t, func(dir, file string, f *ast.File) {
		files[dir] = append(files[dir], path.Base(file))
		if f.Doc != nil {
			docs[dir] += f.Doc.Text()
		}
	})
	large := 0
	for dir, names := range files {
		if len(names) <= 10 {
			continue
		}
		large++
		for _, name := range names {
			base := strings.TrimSuffix(name, ".go")
			for _, ending := range []string{"_amd64", "_other"} {
				base = strings.TrimSuffix(base, ending) // beside the file of the same name
			}
			if name != "doc.go" && !regexp.MustCompile(`(^|[^a-zA-Z0-9])`+base+`([^a-zA-Z0-9]|$)`).MatchString(docs[dir]) {
				t.Errorf("the documentation of %s does not say what is in %s", dir, name)
			}
		}
	}
	if large < 5 {
		t.Errorf("only %d packages have over ten files", large)
	}
}

// TestMapNamesFilesThatAreThere holds ARCHITECTURE.md to the tree: whatever it
// names that looks like a file or folder of the project is there, and its table
// answers forty questions at least.
func TestMapNamesFilesThatAreThere(t *testing.T) {
	root := filepath.Join("..", "..")
	b, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			folders[e.Name()] = true
		}
	}
	named := 0
	for _, m := range regexp.MustCompile("`([a-z.][a-zA-Z0-9_./-]*)`").FindAllStringSubmatch(string(b), -1) {
		top, _, isPath := strings.Cut(m[1], "/")
		if !isPath || !folders[top] {
			continue
		}
		named++
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("ARCHITECTURE.md names %s: %v", m[1], err)
		}
	}
	if named < 80 {
		t.Errorf("ARCHITECTURE.md names only %d files and folders", named)
	}
	_, table, _ := strings.Cut(string(b), "### Where is …")
	table, _, _ = strings.Cut(table, "###")
	if questions := strings.Count(table, "\n| ") - 1; questions < 40 {
		t.Errorf("it answers only %d questions", questions)
	}
}
