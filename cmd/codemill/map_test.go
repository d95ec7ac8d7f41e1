package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

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
