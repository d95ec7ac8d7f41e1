package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/license/spdx"
)

// scancodePackages are ScanCode and what it needs in a release that it still
// works with.
var scancodePackages = []string{"scancode-toolkit==32.5.0", "pluggy==1.5.0"}

// scancodeOutput is the part of ScanCode's JSON that is read.
type scancodeOutput struct {
	References []struct {
		Key      string `json:"key"`
		Category string `json:"category"`
	} `json:"license_references"`
	Files []struct {
		Path       string `json:"path"`
		Expression string `json:"detected_license_expression"`
	} `json:"files"`
}

// typeOfCategory is the type of ScanCode's categories of licences; the others
// are unknown.
var typeOfCategory = map[string]string{
	"Permissive": corpus.Permissive, "Public Domain": corpus.Permissive,
	"Copyleft": corpus.Copyleft, "Copyleft Limited": corpus.Copyleft,
	"Commercial": restricted, "Free Restricted": restricted, "Non-Commercial": restricted, "Proprietary Free": restricted, "Source-available": restricted,
}

// secondOpinion runs ScanCode on some of the files with words of a notice, as it
// knows nothing of what a file inherits, and prints how often the three agree.
func (b *licenceBench) secondOpinion(w io.Writer, files []*labelledFile) error {
	env, err := makeVenv(b.python, filepath.Join(b.cache, "venv-scancode"))
	if err != nil {
		return err
	}
	version, err := env.install(scancodePackages...)
	if err != nil {
		return err
	}
	var sample []*labelledFile
	for _, f := range files {
		if f.notice && f.stanza != nil {
			sample = append(sample, f)
		}
	}
	order := func(f *labelledFile) uint64 { return hash(fmt.Sprint(b.seed, " ", f.repo, " ", f.path)) }
	slices.SortFunc(sample, func(a, b *labelledFile) int { return cmp.Compare(order(a), order(b)) })
	sample = sample[:min(len(sample), b.scancode)]
	types, expressions, err := scanFiles(env, sample)
	if err != nil {
		return err
	}
	triples := map[[3]string]int{}
	var lines strings.Builder
	lines.WriteString("package\tpath\tlabel\tlabel_type\tlicense\tlicense_type\tlicense_from\tscancode\tscancode_type\n")
	for i, f := range sample {
		triples[[3]string{f.labelType, f.licenseType, types[i]}]++
		writeRow(&lines, f.repo, f.path, f.stanza.license, f.labelType, f.license, f.licenseType, f.from, expressions[i], types[i])
	}
	fmt.Fprintf(w, "\nScanCode %s on %d files with words of a notice\n", version, len(sample))
	rows := [][]string{{"Debian", "codemill", "ScanCode", "files"}}
	keys := make([][3]string, 0, len(triples))
	for k := range triples {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [3]string) int {
		return cmp.Or(cmp.Compare(triples[b], triples[a]), slices.Compare(a[:], b[:]))
	})
	for _, k := range keys {
		rows = append(rows, append(k[:], fmt.Sprint(triples[k])))
	}
	if err := table(w, rows); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.out, "scancode.tsv"), []byte(lines.String()), 0o666)
}

// scanFiles runs ScanCode on copies of files and returns the type and the
// expression of each.
func scanFiles(env *venv, sample []*labelledFile) (types, expressions []string, err error) {
	scratch, err := os.MkdirTemp("", "codemill-bench-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(scratch)
	in, out := filepath.Join(scratch, "files"), filepath.Join(scratch, "scancode.json")
	index := map[string]int{}
	for i, f := range sample {
		text, err := os.ReadFile(filepath.Join(f.pkg.tree, filepath.FromSlash(f.path)))
		if err != nil {
			return nil, nil, err
		}
		name := filepath.Join(fmt.Sprintf("%06d", i), filepath.Base(f.path))
		index["files/"+filepath.ToSlash(name)] = i
		if err := os.MkdirAll(filepath.Dir(filepath.Join(in, name)), 0o777); err != nil {
			return nil, nil, err
		}
		if err := os.WriteFile(filepath.Join(in, name), text, 0o666); err != nil {
			return nil, nil, err
		}
	}
	program := filepath.Join(filepath.Dir(env.python), "scancode")
	if _, err := run(time.Hour, "", program, "--quiet", "--license", "--license-references", "--processes", "1", "--timeout", "60", "--json", out, in); err != nil {
		// It ends so when some files took too long, too.
		if _, missing := os.Stat(out); missing != nil {
			return nil, nil, err
		}
	}
	b, err := os.ReadFile(out)
	if err != nil {
		return nil, nil, err
	}
	var said scancodeOutput
	if err := json.Unmarshal(b, &said); err != nil {
		return nil, nil, err
	}
	category := map[string]string{}
	for _, r := range said.References {
		category[r.Key] = r.Category
	}
	types, expressions = make([]string, len(sample)), make([]string, len(sample))
	for i := range types {
		types[i] = corpus.NoLicense
	}
	for _, f := range said.Files {
		if i, ok := index[f.Path]; ok && f.Expression != "" {
			types[i], expressions[i] = typeOfScancode(f.Expression, category), f.Expression
		}
	}
	return types, expressions, nil
}

// typeOfScancode returns the type of an expression of ScanCode's keys, of which
// it has told the categories.
func typeOfScancode(expression string, category map[string]string) string {
	kind := func(key, _ string) string {
		if t, ok := typeOfCategory[category[key]]; ok {
			return t
		}
		return corpus.UnknownLicense
	}
	t, ok := spdx.Eval(expression, kind, bestType, worstType)
	if !ok {
		return corpus.UnknownLicense
	}
	return t
}
