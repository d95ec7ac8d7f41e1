// Mutate changes the code in small ways, one at a time, and counts how many of
// them the tests notice:
//
//	go run ./.ci/mutate [-seed N] [-n N] [PACKAGE …]
//
// It changes what tests of algorithms tend to miss. Every named number is one
// more, one less and twice as much; every operand of && and || has no say; every
// call of a sync, a check or a limit is left out. Each mutant goes to the tests of
// its package and of those that test it (testedBy), in short form. What they do
// not notice is listed, unless equivalent.txt says why nobody could.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// packages lists what is mutated where nothing is named: all but the encoder,
// which has oracles of its own, the program, and what serves tests and tables.
func packages() []string {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "./...").Output()
	if err != nil {
		log.Fatal(err)
	}
	root, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	var list []string
	for dir := range strings.Lines(string(out)) {
		p, err := filepath.Rel(root, strings.TrimSpace(dir))
		if err != nil {
			log.Fatal(err)
		}
		if p = filepath.ToSlash(p); !others.MatchString(p) {
			list = append(list, p)
		}
	}
	return list
}

var others = regexp.MustCompile(`^(bench|cmd|tokenize/bpe|internal)(/|$)|/internal/`)

// testedBy lists the packages besides its own, and the one whose part it is, whose
// tests a mutant has to pass.
var testedBy = map[string][]string{
	"corpus":     {"work"},
	"work":       {"filter", "mix"},
	"work/state": {"cmd/codemill"},
	"export":     {"cmd/codemill"},
	"license":    {"crawl"},
}

// tests lists the packages whose tests a mutant of one has to pass.
func tests(p string) []string {
	list := append([]string{p}, testedBy[p]...)
	if parent, _, ok := strings.Cut(p, "/"); ok && parent != "corpus" {
		list = append(list, parent)
	} else if ok {
		list = append(list, "work")
	}
	return list
}

// checks are the names of calls that do nothing but hold something to be so.
var checks = regexp.MustCompile(`^(Sync|SyncDir|[cC]heck\w*|Balance|Follows|[vV]alid\w*|Verify|Err|[rR]efuse\w*|[lL]imit\w*)$`)

//go:embed equivalent.txt
var equivalent string

// A mutant is a file with some bytes replaced.
type mutant struct {
	file       string // from the module's folder on
	line       int
	start, end int
	with       string
	what       string // with its function: how equivalent.txt knows it
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d %s", m.file, m.line, m.what) }

// name is what a mutant is called where lines may change.
func (m mutant) name() string { return m.file + " " + m.what }

// finder collects the mutants of a file.
type finder struct {
	file string
	src  []byte
	fset *token.FileSet
	in   string // the function
	list []mutant
	// packages are the names that the file imports packages by.
	packages map[string]bool
}

func (f *finder) text(n ast.Node) string {
	return string(f.src[f.fset.Position(n.Pos()).Offset:f.fset.Position(n.End()).Offset])
}

func (f *finder) add(n ast.Node, with, what string, arg ...any) {
	at := f.fset.Position(n.Pos())
	f.list = append(f.list, mutant{f.file, at.Line, at.Offset, f.fset.Position(n.End()).Offset, with, f.in + ": " + strings.Join(strings.Fields(fmt.Sprintf(what, arg...)), " ")})
}

// number reports whether an expression is made of numbers and names of constants
// alone.
func (f *finder) number(e ast.Expr) bool {
	literals := 0
	plain := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.BinaryExpr, *ast.ParenExpr, *ast.UnaryExpr:
		case *ast.BasicLit:
			literals++
			plain = plain && (n.Kind == token.INT || n.Kind == token.FLOAT)
		case *ast.Ident:
			plain = plain && n.Name != "iota"
		case *ast.SelectorExpr: // math.MaxInt64, but not x.field
			literals++
			of, ok := n.X.(*ast.Ident)
			plain = plain && ok && f.packages[of.Name]
			return false
		default:
			plain = false
		}
		return true
	})
	return plain && literals > 0
}

func (f *finder) numbers(name string, value ast.Expr) {
	if !f.number(value) {
		return
	}
	text := f.text(value)
	for _, change := range []string{"+1", "-1", "*2"} {
		if text == "0" && change == "*2" {
			continue
		}
		f.add(value, "("+text+")"+change, "%s = (%s)%s", name, text, change)
	}
}

// visit looks at a node of the tree.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		f.in = n.Name.Name
		if n.Recv != nil {
			f.in = strings.TrimLeft(f.text(n.Recv.List[0].Type), "*") + "." + f.in
		}
	case *ast.ValueSpec:
		for i, v := range n.Values {
			f.numbers(n.Names[i].Name, v)
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok {
			f.numbers(key.Name, n.Value)
		}
	case *ast.BinaryExpr:
		x, y := f.text(n.X), f.text(n.Y)
		// The operand stays in the text, so that what it names is used.
		switch n.Op {
		case token.LAND:
			f.add(n, "(("+x+") && (true || ("+y+")))", "%s && %s, without the second", x, y)
			f.add(n, "((true || ("+x+")) && ("+y+"))", "%s && %s, without the first", x, y)
		case token.LOR:
			f.add(n, "(("+x+") || (false && ("+y+")))", "%s || %s, without the second", x, y)
			f.add(n, "((false && ("+x+")) || ("+y+"))", "%s || %s, without the first", x, y)
		}
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && checks.MatchString(called(call)) {
			f.add(n, "if false { "+f.text(n)+" }", "no %s", f.text(call))
			return false
		}
	case *ast.CallExpr:
		name, text := called(n), f.text(n)
		switch {
		case (name == "min" || name == "max") && len(n.Args) == 2:
			f.add(n, "("+f.text(n.Args[0])+")", "%s, the first", text)
			f.add(n, "("+f.text(n.Args[1])+")", "%s, the second", text)
		case name == "Parallel":
			f.add(n, "func() (int, error) { if false { return "+text+" }; return 64, nil }()", "no %s", text)
		case checks.MatchString(name):
			f.add(n, "func() error { if false { return "+text+" }; return nil }()", "no %s", text)
		}
	}
	return true
}

// called is the last name of what is called.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// mutants lists those of a package, in the order of its files. Tables that a
// program wrote are left out.
func mutants(dir string) []mutant {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		log.Fatal(err)
	}
	var list []mutant
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f := &finder{file: filepath.ToSlash(file), src: src, fset: token.NewFileSet(), packages: map[string]bool{}}
		tree, err := parser.ParseFile(f.fset, file, src, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			log.Fatal(err)
		}
		if !ast.IsGenerated(tree) {
			for _, imported := range tree.Imports {
				path, err := strconv.Unquote(imported.Path.Value)
				if err != nil {
					log.Fatal(err)
				}
				f.packages[filepath.Base(path)] = true
			}
			ast.Inspect(tree, f.visit)
			list = append(list, f.list...)
		}
	}
	return list
}

// test runs the tests of packages, with an overlay, and reports whether they
// passed, and whether there was anything to run.
func test(overlay string, limit time.Duration, packages ...string) (passed, built bool) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	arg := []string{"test", "-short", "-failfast", "-vet=off", "-p=1", "-count=1", "-ldflags=-s -w"} // linking takes half as long
	if overlay != "" {
		arg = append(arg, "-overlay", overlay)
	}
	for _, p := range packages {
		arg = append(arg, "./"+p)
	}
	cmd := exec.CommandContext(ctx, "go", arg...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return err == nil, !bytes.Contains(out, []byte("[build failed]")) && !bytes.Contains(out, []byte("[setup failed]"))
}

// try reports whether the tests notice a mutant, and whether it is one: what does
// not compile is none.
func try(dir string, m mutant, limit time.Duration, packages []string) (killed, built bool) {
	src, err := os.ReadFile(m.file)
	if err != nil {
		log.Fatal(err)
	}
	changed, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	err = os.WriteFile(changed, slices.Concat(src[:m.start], []byte(m.with), src[m.end:]), 0o644)
	if err != nil {
		log.Fatal(err)
	}
	path, err := filepath.Abs(m.file)
	if err != nil {
		log.Fatal(err)
	}
	b, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err == nil {
		err = os.WriteFile(overlay, b, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
	for i, p := range packages {
		passed, built := test(overlay, limit, p)
		if !built && i == 0 {
			return false, false
		}
		if !passed {
			return true, true
		}
	}
	return false, true
}

// reasons reads why mutants are equivalent: a line with the name, one with the
// reason that begins with a tab.
func reasons() map[string]string {
	m, name := map[string]string{}, ""
	for line := range strings.Lines(equivalent) {
		switch reason, ok := strings.CutPrefix(line, "\t"); {
		case ok:
			m[name] = strings.TrimSpace(reason)
		case !strings.HasPrefix(line, "#"):
			name = strings.TrimSpace(line)
		}
	}
	return m
}

func main() {
	log.SetFlags(0)
	seed := flag.Uint64("seed", 1, "which mutants are drawn")
	most := flag.Int("n", 60, "how many of a package; 0 for all")
	longest := flag.Duration("for", 0, "begin no more packages, which come in an order of chance, when this has passed; 0 for no end")
	list := flag.Bool("list", false, "list all that there are")
	only := flag.String("only", "", "only mutants whose file and description match this expression")
	flag.Parse()
	chosen, began := flag.Args(), time.Now()
	if len(chosen) == 0 {
		chosen = packages()
	}
	if *longest > 0 {
		rand.New(rand.NewPCG(*seed, 1)).Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	known := reasons()
	match := regexp.MustCompile(*only)
	var table []string
	for i, p := range chosen {
		if *longest > 0 && time.Since(began) > *longest {
			table = append(table, "no time for "+strings.Join(chosen[i:], " "))
			break
		}
		p = filepath.ToSlash(filepath.Clean(p))
		if _, err := os.Stat(p); err != nil {
			log.Fatal(err)
		}
		all := mutants(p)
		drawn := slices.DeleteFunc(slices.Clone(all), func(m mutant) bool { return !match.MatchString(m.name()) })
		if *list {
			for _, m := range drawn {
				fmt.Println(m)
			}
			continue
		}
		rng := rand.New(rand.NewPCG(*seed, 0))
		rng.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
		tests := tests(p)
		if passed, _ := test("", time.Hour, tests...); !passed {
			log.Fatalf("%s: the tests do not pass as it is", p)
		}
		start := time.Now()
		test("", time.Hour, tests...)
		limit := 30*time.Second + 5*time.Since(start)
		var ran, killed, same int
		for _, m := range drawn {
			if *most > 0 && ran == *most {
				break
			}
			if reason := known[m.name()]; reason != "" {
				same++
				continue
			}
			dead, built := try(dir, m, limit, tests)
			if !built {
				continue
			}
			ran++
			if dead {
				killed++
			} else {
				fmt.Println("survived:", m)
			}
		}
		table = append(table, fmt.Sprintf("%-14s %8d %6d %6d %5.1f%% %10d", p, len(all), ran, killed, 100*float64(killed)/float64(max(ran, 1)), same))
	}
	if !*list {
		fmt.Printf("%-14s %8s %6s %6s %6s %10s\n%s\n", "package", "mutants", "tried", "killed", "share", "equivalent", strings.Join(table, "\n"))
	}
}
