// Maporder lists the loops over maps whose order may reach an output: all but
// those in which no order can be seen, which are
//
//   - those whose statements only set, add up or delete what the key names, and
//   - those that say so, by a comment with the word "order" on the loop's line
//     or the line before.
//
// It ends with 1 if there are any.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pkg is what go list says of a package.
type pkg struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
}

func main() {
	log.SetFlags(0)
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly"}, os.Args[1:]...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		log.Fatal(err)
	}
	exports := map[string]string{}
	var own []pkg
	for d := json.NewDecoder(out); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			own = append(own, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		log.Fatal(err)
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	found := 0
	for _, p := range own {
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				log.Fatal(err)
			}
			files = append(files, f)
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		if _, err := (&types.Config{Importer: imports}).Check(p.ImportPath, fset, files, info); err != nil {
			log.Fatal(err)
		}
		for _, f := range files {
			said := map[int]bool{} // lines that speak of the order
			for _, group := range f.Comments {
				if strings.Contains(strings.ToLower(group.Text()), "order") {
					said[fset.Position(group.End()).Line] = true
				}
			}
			ast.Inspect(f, func(n ast.Node) bool {
				loop, ok := n.(*ast.RangeStmt)
				if !ok || !unordered(loop.X, info) || harmless(loop.Body.List) {
					return true
				}
				at := fset.Position(loop.Pos())
				if !said[at.Line] && !said[at.Line-1] {
					found++
					fmt.Printf("%s:%d: the order of a map: sort its keys, or say in a comment why no order is seen\n", at.Filename, at.Line)
				}
				return true
			})
		}
	}
	if found > 0 {
		os.Exit(1)
	}
}

// unordered reports whether ranging over an expression follows a map's order:
// over a map, or over maps.Keys and the like of one.
func unordered(e ast.Expr, info *types.Info) bool {
	if call, ok := e.(*ast.CallExpr); ok {
		if f, ok := call.Fun.(*ast.SelectorExpr); ok {
			x, ok := f.X.(*ast.Ident)
			return ok && x.Name == "maps"
		}
		return false
	}
	_, isMap := info.TypeOf(e).Underlying().(*types.Map)
	return isMap
}

// harmless reports whether statements come to the same in any order.
func harmless(list []ast.Stmt) bool {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.IncDecStmt:
		case *ast.AssignStmt:
			for _, l := range s.Lhs {
				_, index := l.(*ast.IndexExpr)
				adds := s.Tok == token.OR_ASSIGN || s.Tok == token.ADD_ASSIGN
				if !index && !adds && s.Tok != token.DEFINE && !extreme(s.Rhs[0]) {
					return false
				}
			}
		case *ast.ExprStmt:
			call, ok := s.X.(*ast.CallExpr)
			if !ok {
				return false
			}
			if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "delete" {
				return false
			}
		case *ast.IfStmt:
			if s.Else != nil || !harmless(s.Body.List) {
				return false
			}
		case *ast.BranchStmt:
			if s.Tok != token.CONTINUE {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// extreme reports whether an expression is a call of min or max.
func extreme(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.Ident)
	return ok && (f.Name == "min" || f.Name == "max")
}
