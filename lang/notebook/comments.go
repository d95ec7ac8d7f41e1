package notebook

import "strings"

// comment is how a language writes a line of comment.
type comment struct{ open, end string } // end is "" where the line ends it

// commentTable has the languages by Linguist's names, those of jupytext among them;
// between them commas.
var commentTable = []struct {
	comment
	languages string
}{
	{comment{"#", ""}, "Python,R,Julia,Shell,PowerShell,Ruby,Perl,Raku,Elixir,Nim,Tcl,Gnuplot,GAP,Xonsh,Sage,RobotFramework,CoffeeScript,Crystal,Cython,Starlark,GDScript,fish,Awk,jq,Makefile,Dockerfile,HCL,YAML,TOML,GraphQL,SPARQL,Turtle"},
	{comment{"//", ""}, "C,C++,C#,F#,Go,Rust,Java,JavaScript,TypeScript,Kotlin,Scala,Groovy,Swift,Dart,PHP,Objective-C,Cuda,Q#,OpenQASM,Zig,D,Haxe,Stan,Stata,OpenSCAD,Solidity,Chapel,Modelica,Kusto,SCSS,Less,Apex,GLSL,Futhark"},
	{comment{"--", ""}, "SQL,PLpgSQL,PLSQL,TSQL,SQLPL,Haskell,Lua,Elm,Ada,Agda,Idris,Lean,Lean 4,PureScript,AppleScript"},
	{comment{"%", ""}, "MATLAB,Prolog,Logtalk,Erlang,TeX,PostScript,Mercury"},
	{comment{";;", ""}, "Clojure,Scheme,Racket,Common Lisp,Emacs Lisp,Hy,NewLisp"},
	{comment{";", ""}, "IDL,Assembly,AutoHotkey"},
	{comment{"!", ""}, "Fortran,Fortran Free Form"},
	{comment{"/", ""}, "q"},
	{comment{"(*", "*)"}, "OCaml,Standard ML,Wolfram Language,Rocq Prover"},
	{comment{"/*", "*/"}, "SAS,CSS"},
	{comment{"<!--", "-->"}, "HTML,XML,SVG"},
}

// commentOf returns how a language writes comments, and whether that is known.
func commentOf(language string) (comment, bool) {
	for _, c := range commentTable {
		for l := range strings.SplitSeq(c.languages, ",") {
			if l == language {
				return c.comment, true
			}
		}
	}
	return comment{}, false
}

// appendLine appends a line as a comment, without its line end. What would begin or end
// a comment within the line gets a blank in its middle.
func (c comment) appendLine(b []byte, line string) []byte {
	b = append(b, c.open...)
	if line != "" && c.end != "" {
		for _, mark := range []string{c.open, c.end} {
			line = strings.ReplaceAll(line, mark, mark[:1]+" "+mark[1:])
		}
	}
	if line != "" || c.end != "" {
		b = append(b, ' ')
	}
	b = append(b, line...)
	if c.end != "" && line != "" {
		b = append(b, ' ')
	}
	return append(b, c.end...)
}
