package notebook

import (
	"strings"
	"testing"
)

// TestPythonMagics holds what IPython takes and Python does not, and what looks like it.
func TestPythonMagics(t *testing.T) {
	hash, _ := commentOf("Python")
	for code, want := range map[string]string{
		"%matplotlib inline":        "# %matplotlib inline",
		"%%time\nx":                 "# %%time\nx",
		"!ls":                       "# !ls",
		"! ls":                      "# ! ls",
		"!!ls":                      "# !!ls",
		"?f":                        "# ?f",
		"f?":                        "# f?",
		"f?? ":                      "# f?? ",
		"np.*load*?":                "# np.*load*?",
		"x = f?":                    "# x = f?",
		"x = !ls":                   "# x = !ls",
		"x=!ls":                     "# x=!ls",
		"a, b.c[0] = %sql select 1": "# a, b.c[0] = %sql select 1",
		"pip install x":             "# pip install x",
		"conda  install x":          "# conda  install x",
		"cd ..":                     "# cd ..",
		"ls -l":                     "# ls -l",
		"ls /tmp":                   "# ls /tmp",
		"cat ~/x":                   "# cat ~/x",
		"echo 'a'":                  "# echo 'a'",
		"if x:\n    !ls\n    y":     "if x:\n    pass  # !ls\n    y",
		"if x:\n\t%cd a":            "if x:\n\tpass  # %cd a",
		"!a \\\n  b\\\nc\nd":        "# !a \\\n#   b\\\n# c\nd",
		"  !a \\\n  b\nc":           "  pass  # !a \\\n#   b\nc",
		"%timeit f(\n  1)\nx":       "# %timeit f(\n#   1)\nx",
		"!f (\nx":                   "# !f (\nx",
		"%cd 'it\nx":                "# %cd 'it\nx",
		"x = 1\n%f\ny":              "x = 1\n# %f\ny",
		"f(1,\n  2)\n%f":            "f(1,\n  2)\n# %f",
		"'''\n'''\n%f":              "'''\n'''\n# %f",
		"'it''s'\n%f":               "'it''s'\n# %f",
		"'\\''\n%f":                 "'\\''\n# %f",
		"'a\\\n%b'\n%f":             "'a\\\n%b'\n# %f",
		"'a\\\\'\n%f":               "'a\\\\'\n# %f",
		"x = ')' + '('\n%f":         "x = ')' + '('\n# %f",
		")\n%f":                     ")\n# %f",
		"# (\n%f":                   "# (\n# %f",
		"'unclosed\n%f":             "'unclosed\n# %f",
		"x = a \\\n  % b":           "=",
		"x = (a\n  % b)":            "=",
		"x = [\n%f\n]":              "=",
		"'''\n%f\n?\nls x\n'''":     "=",
		"\"\"\"\n%f\n\"\"\"":        "=",
		"x = '''a\n!b\n'''":         "=",
		"'''it's\n%f\n'''":          "=",
		"x  # why?":                 "=",
		"x = 'why?'":                "=",
		"x = 'a = !b'":              "=",
		"f(x=!b)":                   "=",
		"x != y":                    "=",
		"x == y":                    "=",
		"x %= 2":                    "=",
		"x = y % z":                 "=",
		"f(a,\n  b?":                "=",
		"%":                         "=",
		"!":                         "=",
		"":                          "=",
		"ls":                        "=",
		"ls = 1":                    "=",
		"ls, x = 1, 2":              "=",
		"ls in x":                   "=",
		"ls is None":                "=",
		"ls - 1":                    "=",
		"ls -= 1":                   "=",
		"cat / 2":                   "=",
		"cat // 2":                  "=",
		"cat /= 2":                  "=",
		"cat (x)":                   "=",
		"cat + 1":                   "=",
		"echo":                      "=",
		"pip.main()":                "=",
		"print(ls)\n# !a":           "=",
	} {
		if want == "=" {
			want = code
		}
		got, n := pythonMagics(code, hash)
		if got != want || (n > 0) != (code != want) {
			t.Errorf("%q: %q, %d, want %q", code, got, n, want)
		}
	}
}

// TestMagics holds what other kernels take.
func TestMagics(t *testing.T) {
	for _, c := range []struct {
		language, code, want string
		n                    int
	}{
		{"R", "%%x\ny", "# %%x\ny", 1},
		{"C++", "%timeit f();\n%b", "// %timeit f();\n// %b", 2},
		{"Julia", "]add X\n?f\n;ls\n]", "# ]add X\n# ?f\n# ;ls\n# ]", 4},
		{"Julia", "x = [\n1\n]", "x = [\n1\n]", 0},
		{"Rust", ":dep a\n\nb\n:c", "// :dep a\n\nb\n:c", 1},
		{"Go", "!ls\n%x\nf()\n!x", "// !ls\n// %x\nf()\n!x", 2},
		{"Go", "%%\nf()", "// %%\nf()", 1},
		{"C#", "#!time\nf();", "// #!time\nf();", 1},
		{"F#", "%a", "%a", 0},
		{"MATLAB", "%%python\na", "%%python\na", 0},
		{"Ruby", "%w[a b]", "%w[a b]", 0},
		{"Ruby", "%%x\na", "# %%x\na", 1},
		{"SAS", "%let a = 1;", "%let a = 1;", 0},
		{"SAS", "%%x", "/* %%x */", 1},
		{"Wolfram Language", "%% + 1", "%% + 1", 0},
		{"Kotlin", "%use a\nb()", "// %use a\nb()", 1},
		{"Haskell", ":set a\nb", "-- :set a\nb", 1},
	} {
		comments, _ := commentOf(c.language)
		if got, n := withoutMagics(c.code, c.language, comments); got != c.want || n != c.n {
			t.Errorf("%s: %q: %q, %d", c.language, c.code, got, n)
		}
	}
}

// TestForeignMagics holds which cells are in another language than the kernel's.
func TestForeignMagics(t *testing.T) {
	for code, want := range map[string]bool{
		"Python:%%bash\nls": true, "Python:%%HTML": true, "Python:%%js": true, "Python:%%R -i x": true, "Python:%%script perl": true, "Python:%%!": true, "Python:%%! ls": true,
		"Python:%%sql\nselect 1": true, "Python:%%cython": true, "Python:%%writefile a.txt": true, "Python:%%writefile": true, "Python:%%file a.cpp": true, "Python:\n \n%%bash": true,
		"Python:%%writefile -a a.py": false, "Python:%%time": false, "Python:%%python3": false, "Python:%%no_such": false, "Python:%%": false, "Python:%bash": false, "Python:x\n%%bash": false,
		"R:%%bash": true, "Cython:%%python": true, "MATLAB:%%bash": false, "TeX:%%bash": false,
		"C#:#!fsharp": true, "C#:#!csharp": false, "C#:#!time": false, "C#:#!value --name a": true, "C#:%%bash": false, "F#:#!pwsh": true, "PowerShell:#!sql": true,
	} {
		language, text, _ := strings.Cut(code, ":")
		if got := foreignMagic(text, language); got != want {
			t.Errorf("%s: %q: %v", language, text, got)
		}
	}
}
