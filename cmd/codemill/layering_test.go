package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/codemill/codemill"

// mayImport is who may import whom within codemill, tests aside. A folder that
// is neither here nor a stage may import nothing of codemill; cmd and bench may
// import all.
func mayImport(stages []string) map[string][]string {
	common := []string{"corpus", "corpus/table", "ledger", "work", "work/vfs", "internal/choice", "internal/fanout", "internal/extsort", "internal/nearest", "internal/surrogate", "license/spdx"}
	table := map[string][]string{
		"corpus":                          {"corpus/table", "ledger"},
		"work":                            {"corpus", "corpus/table", "ledger", "work/vfs", "internal/fanout"},
		"report":                          {"ledger"},
		"export":                          {"corpus", "corpus/table", "ledger", "work"},
		"license":                         {"lang", "license/spdx", "license/internal/match"},
		"license/internal/ids":            {"license/spdx"},
		"recipe":                          append([]string{"work", "internal/nearest"}, stages...),
		"license/internal/compile":        {"license/internal/compile/tables"},
		"license/internal/compile/tables": {"license/internal/match"},
		"internal/choice":                 {"corpus"},
		"internal/extsort":                {"work/vfs"},
		// for tests
		"internal/faultfs":  {"work/vfs"},
		"internal/doctrine": {"corpus", "ledger", "work", "work/vfs", "internal/faultfs"},
	}
	for _, s := range stages {
		table[s] = common
	}
	table["work/state"] = append([]string{"crawl", "dedup", "dedup/index", "export", "filter", "mix", "tokenize", "tokenize/bpe"}, common...)
	// The parts of dedup, each knows those before it.
	table["dedup/sketch"] = []string{"lang"}
	var dedup []string
	for _, part := range []string{"dedup/sketch", "dedup/units", "dedup/near", "dedup/index", "dedup/audit", "dedup/blocks"} {
		if part != "dedup/sketch" {
			table[part] = append(dedup, common...)
		}
		dedup = append(dedup, part)
	}
	table["dedup"] = append(dedup, common...)
	table["crawl"] = append([]string{"lang", "lang/notebook", "license", "crawl/origin"}, common...)
	for _, kind := range subfolders("crawl") { // of sources
		table["crawl"] = append(table["crawl"], kind)
		table[kind] = []string{"crawl/origin", "internal/surrogate"}
	}
	table["lang"] = []string{"lang/charset"}
	table["lang/notebook"] = []string{"lang", "internal/surrogate"}
	table["lang/charset"] = []string{"lang/charset/internal/model"}
	table["lang/charset/internal/model/train"] = []string{"lang/charset/internal/model"}
	table["crawl/origin"] = []string{"corpus", "lang"}
	table["tokenize"] = append([]string{"tokenize/bpe", "report"}, common...)
	parts := func(names ...string) (list []string) {
		for _, n := range names {
			list = append(list, "tokenize/bpe/internal/"+n)
		}
		return list
	}
	table["tokenize/bpe"] = parts("charset", "vocab", "pretoken", "merge", "cache")
	table["tokenize/bpe/internal/pretoken"] = parts("charset", "simd", "vocab")
	table["tokenize/bpe/internal/merge"] = parts("charset", "simd", "vocab")
	table["tokenize/bpe/internal/cache"] = parts("merge", "vocab")
	table["tokenize/bpe/internal/bpetest"] = parts("vocab") // for tests
	return table
}

// subfolders lists the folders in one of the module's.
func subfolders(dir string) []string {
	found, _ := filepath.Glob(filepath.Join("..", "..", dir, "*", "*.go"))
	var names []string
	for _, file := range found {
		names = append(names, dir+"/"+filepath.Base(filepath.Dir(file)))
	}
	return slices.Compact(names)
}

// eachFile parses every Go file of the module that is no test.
func eachFile(t *testing.T, do func(dir, file string, f *ast.File)) {
	t.Helper()
	root, seen := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "testdata" || p != root && strings.HasPrefix(e.Name(), ".") && e.Name() != "..") {
			return fs.SkipDir
		}
		if e.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		seen++
		do(path.Dir(rel), rel, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Fatalf("only %d files were looked at", seen)
	}
}

// stageFolders lists the folders that have a function Run(context.Context, Job, …).
func stageFolders(t *testing.T) []string {
	var list []string
	eachFile(t, func(dir, _ string, f *ast.File) {
		for _, d := range f.Decls {
			run, ok := d.(*ast.FuncDecl)
			if !ok || run.Recv != nil || run.Name.Name != "Run" || len(run.Type.Params.List) < 2 {
				continue
			}
			if job, ok := run.Type.Params.List[1].Type.(*ast.SelectorExpr); ok && job.Sel.Name == "Job" {
				list = append(list, dir)
			}
		}
	})
	if len(list) < 5 {
		t.Fatalf("only the stages %q", list)
	}
	return list
}

func top(dir string) string { first, _, _ := strings.Cut(dir, "/"); return first }

func TestLayering(t *testing.T) {
	table := mayImport(stageFolders(t))
	eachFile(t, func(dir, file string, f *ast.File) {
		if top(dir) == "cmd" || top(dir) == "bench" {
			return
		}
		for _, i := range f.Imports {
			target, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if rel, ok := strings.CutPrefix(target, module+"/"); ok && !slices.Contains(table[dir], rel) {
				t.Errorf("%s imports %s, which %s must not", file, rel, dir)
			}
		}
	})
}

// mayUse lists the folders that may use what reaches out of a function of its
// input: files, and the environment. All may name a type, an error or a constant
// of os. Programs that make tables, and what tests alone import, are left out.
var mayUse = map[string]string{
	"work/vfs":                        "Open OpenFile MkdirAll Rename RemoveAll Stat ReadDir",
	"crawl":                           "Open Stat",
	"crawl/folder":                    "OpenRoot Stat SameFile",
	"crawl/git":                       "Open OpenRoot ReadFile Stat Getenv",
	"crawl/jsonl":                     "Open Stat",
	"crawl/origin":                    "Lstat",
	"filter":                          "ReadFile", // of the list of who opted out
	"tokenize":                        "ReadFile", // of vocabularies
	"recipe":                          "Open Getenv",
	"license/internal/compile/tables": "ReadFile", // of patterns
}

// TestOnlyWorkCreatesFiles holds the rules that what is written is whole, that
// who reads files is known, and that no output depends on the time.
func TestOnlyWorkCreatesFiles(t *testing.T) {
	harmless := strings.Fields("File Root FileInfo PathError DevNull ErrNotExist ErrExist IsNotExist")
	writing := strings.Fields("Create CreateTemp OpenFile WriteFile Mkdir MkdirAll MkdirTemp Rename Remove RemoveAll Symlink Link Truncate Chmod Chtimes")
	clock := strings.Fields("Now Since Until")
	eachFile(t, func(dir, file string, f *ast.File) {
		tool := f.Name.Name == "main" && dir != "cmd/codemill"
		if tool || dir == "internal/doctrine" || dir == "internal/faultfs" || path.Base(dir) == "bpetest" || top(dir) == "bench" {
			return
		}
		for _, use := range uses(f) {
			pkg, name, _ := strings.Cut(use, ".")
			switch {
			case pkg == "time" && slices.Contains(clock, name):
				if dir != "cmd/codemill" {
					t.Errorf("%s: %s", file, use)
				}
			case pkg == "os" && dir == "cmd/codemill":
				if slices.Contains(writing, name) && file != "cmd/codemill/init.go" {
					t.Errorf("%s: %s", file, use)
				}
			case pkg == "os":
				if !strings.HasPrefix(name, "O_") && !slices.Contains(harmless, name) && !slices.Contains(strings.Fields(mayUse[dir]), name) {
					t.Errorf("%s: %s", file, use)
				}
			case pkg == "rand" || pkg == "ioutil" || pkg == "syscall" && name == "Open":
				t.Errorf("%s: %s", file, use)
			}
		}
	})
}

// uses lists what a file uses of packages, as package.Name.
func uses(f *ast.File) []string {
	var list []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				list = append(list, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return list
}

// The rules above are of use only if what they look for is found.
func TestUses(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() { go os.Remove(string(time.Now().String())) }\nvar v = func() { _ = os.Getenv }", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"os.Remove", "time.Now", "os.Getenv"} {
		if !slices.Contains(uses(f), want) {
			t.Errorf("%s is not found in %q", want, uses(f))
		}
	}
}

// TestGoroutinesAndInit holds that goroutines are started in one place (the
// program has its own for signals and progress), and
// that importing a package does nothing.
func TestGoroutinesAndInit(t *testing.T) {
	eachFile(t, func(dir, file string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				if dir != "internal/fanout" && top(dir) != "cmd" && top(dir) != "bench" {
					t.Errorf("%s starts a goroutine", file)
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s has an init function", file)
				}
			}
			return true
		})
	})
}
