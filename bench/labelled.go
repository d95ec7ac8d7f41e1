package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codemill/codemill/corpus"
	columns "github.com/codemill/codemill/corpus/table"
)

// A labelledFile is a document with what Debian and codemill say of its licence.
type labelledFile struct {
	pkg                  *debianPackage
	repo, path           string
	bytes                int64
	text                 []byte // while it is read
	license, licenseType string
	from                 string // "" from programs without this column, as the next ones
	at, detected         []string
	stanza               *filesStanza // nil where none fits
	labelType            string
	read                 *readCase // nil where nobody read it
	readType             string    // labelType, or that of what was read
	notice               bool      // words of a notice in its first lines
}

// noticeLines is how many lines of a file are looked at for words of a notice.
const noticeLines = 100

// noticeWords are in what a file says of its own licence. A line of copyright
// alone says nothing of one.
var noticeWords = regexp.MustCompile(`(?i)licen[cs]|spdx-|permission (is|to)|redistribut|public domain|\bL?GPL`)

// documents are the columns of labelled files; the last ones need not be there.
var documents = columns.Schema[labelledFile]{
	{Name: "repo", Type: columns.Names, At: func(f *labelledFile) any { return &f.repo }},
	{Name: "path", Type: columns.Blobs, At: func(f *labelledFile) any { return &f.path }},
	{Name: "license", Type: columns.Names, At: func(f *labelledFile) any { return &f.license }},
	{Name: "license_type", Type: columns.Names, At: func(f *labelledFile) any { return &f.licenseType }},
	{Name: "bytes", Type: columns.Ints, At: func(f *labelledFile) any { return &f.bytes }},
	{Name: "text", Type: columns.Texts, At: func(f *labelledFile) any { return &f.text }},
}

var optionalDocuments = columns.Schema[labelledFile]{
	{Name: "license_from", Type: columns.Names, At: func(f *labelledFile) any { return &f.from }},
	{Name: "license_at", Type: columns.Lists, At: func(f *labelledFile) any { return &f.at }},
	{Name: "detected_licenses", Type: columns.Lists, At: func(f *labelledFile) any { return &f.detected }},
}

// crawl runs codemill over the packages and returns their files in the order of
// its documents.
func (b *licenceBench) crawl(packages []*debianPackage) ([]*labelledFile, error) {
	scratch, err := os.MkdirTemp("", "codemill-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	program := b.program
	if program == "" {
		program = filepath.Join(scratch, "codemill")
		if _, err := run(10*time.Minute, "", "go", "build", "-o", program, "./cmd/codemill"); err != nil {
			return nil, err
		}
	}
	byID := map[string]*debianPackage{}
	var list strings.Builder
	for _, p := range packages {
		byID[p.id()] = p
		fmt.Fprintf(&list, "%s\t%s\n", p.tree, p.id())
	}
	recipe := filepath.Join(scratch, "recipe.yaml")
	err = os.WriteFile(recipe, []byte("name: licences\nwork: work\ncrawl:\n  sources:\n    - {name: debian, type: folder, list: packages.txt}\n"), 0o666)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(scratch, "packages.txt"), []byte(list.String()), 0o666); err != nil {
		return nil, err
	}
	if _, err := run(30*time.Minute, "", program, "crawl", recipe, "-j", "1", "--quiet"); err != nil {
		return nil, err
	}
	shards, err := filepath.Glob(filepath.Join(scratch, "work", "docs", "[0-9][0-9][0-9][0-9][0-9].parquet"))
	if err != nil || len(shards) == 0 {
		return nil, fmt.Errorf("no documents: %w", err)
	}
	var files []*labelledFile
	for _, shard := range shards {
		read, err := readLabelled(shard, byID)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(shard), err)
		}
		files = append(files, read...)
	}
	return files, nil
}

// readLabelled reads a shard of documents and puts the labels to them.
func readLabelled(shard string, packages map[string]*debianPackage) ([]*labelledFile, error) {
	in, err := os.Open(shard)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	cases, err := readCases()
	if err != nil {
		return nil, err
	}
	schema := documents
	for _, f := range optionalDocuments {
		if _, err := columns.NewReader(in, columns.Schema[labelledFile]{f}); err == nil {
			schema = append(schema[:len(schema):len(schema)], f)
		}
	}
	t, err := columns.NewReader(in, schema)
	if err != nil {
		return nil, err
	}
	var files []*labelledFile
	for f, err := range t.All() {
		if err != nil {
			return nil, err
		}
		f.pkg = packages[f.repo]
		if f.pkg == nil {
			return nil, fmt.Errorf("repository %q was not given", f.repo)
		}
		f.repo, f.path, f.license = f.pkg.id(), strings.Clone(f.path), strings.Clone(f.license)
		f.licenseType, f.from = strings.Clone(f.licenseType), strings.Clone(f.from)
		for _, list := range [][]string{f.detected, f.at} {
			for i := range list {
				list[i] = strings.Clone(list[i])
			}
		}
		f.notice = noticeWords.Match(firstLines(f.text, noticeLines))
		f.text = nil
		if f.stanza = f.pkg.labels.of(f.path); f.stanza != nil {
			f.labelType = typeOfShortNames(f.stanza.license)
			f.readType = f.labelType
			if f.read = cases.of(&f); f.read != nil {
				f.readType = typeOfShortNames(f.read.license)
			}
		}
		files = append(files, &f)
	}
	return files, nil
}

// labelTypes are the rows of the tables, documentTypes their columns.
var (
	labelTypes    = []string{corpus.Permissive, corpus.Copyleft, restricted, corpus.UnknownLicense}
	documentTypes = []string{corpus.Permissive, corpus.Copyleft, restricted, corpus.UnknownLicense, corpus.NoLicense}
)

// dangerous reports whether a file is called permissive that is not.
func (f *labelledFile) dangerous() bool {
	return f.licenseType == corpus.Permissive && (f.labelType == corpus.Copyleft || f.labelType == restricted)
}

// lost reports whether a permissive file is called anything else.
func (f *labelledFile) lost() bool {
	return f.licenseType != corpus.Permissive && f.labelType == corpus.Permissive
}

// A partOfFiles is the files that one pair of tables is about.
type partOfFiles struct {
	name, what string
	files      []*labelledFile
}

// partsOf are all files; those in which nothing looks like a notice; those that
// codemill gives the licence of something else than their head; and those that
// it gives the licence of their head.
func partsOf(files []*labelledFile) []partOfFiles {
	parts := []partOfFiles{{name: "all", what: "all files"}, {name: "bare", what: "files without words of a notice"}}
	hasFrom := slices.ContainsFunc(files, func(f *labelledFile) bool { return f.from != "" })
	if hasFrom {
		parts = append(parts, partOfFiles{name: "inherited", what: "files whose license_from is not head"}, partOfFiles{name: "head", what: "files whose license_from is head"})
	} else {
		parts = append(parts, partOfFiles{name: "notice", what: "files with words of a notice"})
	}
	for _, f := range files {
		if f.stanza == nil {
			continue
		}
		for i := range parts {
			in := true
			switch parts[i].name {
			case "bare":
				in = !f.notice
			case "notice":
				in = f.notice
			case "inherited":
				in = f.from != "head"
			case "head":
				in = f.from == "head"
			}
			if in {
				parts[i].files = append(parts[i].files, f)
			}
		}
	}
	return parts
}

// An amount is of files and their bytes.
type amount struct{ files, bytes int64 }

func (a *amount) add(f *labelledFile) {
	a.files++
	a.bytes += f.bytes
}

// in returns the shares, of files and of bytes, that a has of all.
func (a amount) in(all amount) (files, bytes float64) {
	return float64(a.files) / float64(max(all.files, 1)), float64(a.bytes) / float64(max(all.bytes, 1))
}

// mistakes are how many files are called permissive: of those that are not, and
// of those that are.
type mistakes struct{ guarded, dangerous, permissive, kept amount }

func (m *mistakes) add(f *labelledFile, right string) {
	called := f.licenseType == corpus.Permissive
	switch right {
	case corpus.Copyleft, restricted:
		m.guarded.add(f)
		if called {
			m.dangerous.add(f)
		}
	case corpus.Permissive:
		m.permissive.add(f)
		if called {
			m.kept.add(f)
		}
	}
}

// print prints the shares and adds them to the ratios.
func (m *mistakes) print(w io.Writer, what, name string, ratios map[string]float64) {
	dangerous, dangerousBytes := m.dangerous.in(m.guarded)
	kept, keptBytes := m.kept.in(m.permissive)
	ratios[name+"/dangerous"], ratios[name+"/permissive"] = dangerous, kept
	fmt.Fprintf(w, "%s: copyleft or restricted called permissive %d of %d files, %.3g %% (of bytes %.3g %%); permissive called so %.1f %% (%.1f %%)\n",
		what, m.dangerous.files, m.guarded.files, 100*dangerous, 100*dangerousBytes, 100*kept, 100*keptBytes)
}

// print prints a table of types by files and one by bytes, Debian's down and
// codemill's across, and the shares of mistakes.
func (p partOfFiles) print(w io.Writer, ratios map[string]float64) error {
	cells := map[[2]string]*amount{}
	for _, label := range labelTypes {
		for _, t := range documentTypes {
			cells[[2]string{label, t}] = &amount{}
		}
	}
	var labelled, read mistakes
	differ := 0
	for _, f := range p.files {
		c := cells[[2]string{f.labelType, f.licenseType}]
		if c == nil {
			return fmt.Errorf("%s: %s: unknown type %q", f.repo, f.path, f.licenseType)
		}
		c.add(f)
		labelled.add(f, f.labelType)
		read.add(f, f.readType)
		if f.labelType != f.licenseType {
			differ++
		}
	}
	fmt.Fprintf(w, "\n%s: %d, of which %d differ in type\n", p.what, len(p.files), differ)
	rows := [][]string{append([]string{"files"}, documentTypes...)}
	for _, label := range labelTypes {
		row := []string{label}
		for _, t := range documentTypes {
			row = append(row, fmt.Sprint(cells[[2]string{label, t}].files))
		}
		rows = append(rows, row)
	}
	rows = append(rows, append([]string{"MB"}, documentTypes...))
	for _, label := range labelTypes {
		row := []string{label}
		for _, t := range documentTypes {
			row = append(row, fmt.Sprintf("%.1f", float64(cells[[2]string{label, t}].bytes)/1e6))
		}
		rows = append(rows, row)
	}
	if err := table(w, rows); err != nil {
		return err
	}
	labelled.print(w, "as labelled", p.name, ratios)
	read.print(w, "after reading", p.name+"/read", ratios)
	return nil
}

// licenceFileName fits names of files that say something of licences, as far as
// a reader of the cases wants to see them.
var licenceFileName = regexp.MustCompile(`(?i)licen[cs]e|copying|copyright|notice|^reuse\.toml$|^(package\.json|cargo\.toml|pyproject\.toml|setup\.(py|cfg)|meta\.json|composer\.json|description|pom\.xml)$|\.(gemspec|cabal)$`)

// write writes a line for every file, and the dangerous and the lost ones in
// groups to be read one by one.
func (b *licenceBench) write(files []*labelledFile) error {
	saying := map[string][]string{} // package and folder to its licence files
	for _, f := range files {
		if licenceFileName.MatchString(path.Base(f.path)) {
			at := f.repo + "/" + path.Dir(f.path)
			saying[at] = append(saying[at], f.path)
		}
	}
	var lines strings.Builder
	lines.WriteString("package\tpath\tbytes\tnotice\tlabel\tlabel_type\tread\tpattern\tlicense\tlicense_type\tlicense_from\tlicense_at\tdetected\n")
	for _, f := range files {
		label, pattern := "", ""
		if f.stanza != nil {
			label, pattern = f.stanza.license, shorten(f.stanza.files, 80)
		}
		writeRow(&lines, f.repo, f.path, strconv.FormatInt(f.bytes, 10), strconv.FormatBool(f.notice), label, f.labelType, f.read.String(), pattern,
			f.license, f.licenseType, f.from, strings.Join(f.at, " "), strings.Join(f.detected, ", "))
	}
	if err := os.WriteFile(filepath.Join(b.out, "files.tsv"), []byte(lines.String()), 0o666); err != nil {
		return err
	}
	for name, is := range map[string]func(*labelledFile) bool{"dangerous.tsv": (*labelledFile).dangerous, "lost.tsv": (*labelledFile).lost} {
		if err := os.WriteFile(filepath.Join(b.out, name), []byte(groupsOf(files, is, saying)), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// groupsOf lists files of a package with the same label and the same answer
// together, the largest groups first.
func groupsOf(files []*labelledFile, is func(*labelledFile) bool, saying map[string][]string) string {
	type group struct {
		notice string
		first  *labelledFile
		paths  []string
		bytes  int64
		above  []string
	}
	groups := map[string]*group{}
	for _, f := range files {
		if !is(f) {
			continue
		}
		notice := "no notice"
		if f.notice {
			notice = "notice"
		}
		inherited := ""
		if f.from != "head" {
			inherited = strings.Join(f.at, " ")
		}
		key := strings.Join([]string{f.repo, notice, f.stanza.license, f.license, f.licenseType, f.read.String(), f.from, inherited}, "\t")
		g := groups[key]
		if g == nil {
			g = &group{first: f, notice: notice}
			groups[key] = g
		}
		g.paths = append(g.paths, f.path)
		g.bytes += f.bytes
		for dir := path.Dir(f.path); len(g.paths) <= 3; dir = path.Dir(dir) {
			for _, s := range saying[f.repo+"/"+dir] {
				if !slices.Contains(g.above, s) && len(g.above) < 12 {
					g.above = append(g.above, s)
				}
			}
			if dir == "." {
				break
			}
		}
	}
	sorted := make([]*group, 0, len(groups))
	for _, g := range groups {
		sorted = append(sorted, g)
	}
	slices.SortFunc(sorted, func(a, b *group) int {
		return cmp.Or(cmp.Compare(len(b.paths), len(a.paths)), strings.Compare(a.first.repo, b.first.repo), strings.Compare(a.paths[0], b.paths[0]))
	})
	var lines strings.Builder
	lines.WriteString("files\tbytes\tpackage\tnotice\tlabel\tlabel_type\tread\tlicense\tlicense_type\tlicense_from\tlicense_at\tdetected\tpattern\texamples\tlicence files\n")
	for _, g := range sorted {
		f := g.first
		writeRow(&lines, fmt.Sprint(len(g.paths)), fmt.Sprint(g.bytes), f.repo, g.notice, f.stanza.license, f.labelType, f.read.String(), f.license, f.licenseType, f.from, strings.Join(f.at, " "),
			strings.Join(f.detected, ", "), shorten(f.stanza.files, 80), strings.Join(g.paths[:min(3, len(g.paths))], " "), strings.Join(g.above, " "))
	}
	return lines.String()
}

// writeRow writes cells with tabs between them.
func writeRow(w *strings.Builder, cells ...string) {
	for i, c := range cells {
		if i > 0 {
			w.WriteByte('\t')
		}
		w.WriteString(strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, c))
	}
	w.WriteByte('\n')
}

// shorten cuts a text after n bytes.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
