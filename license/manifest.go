package license

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"path"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxManifestBytes bounds the manifests and REUSE files that are read; those
// that are longer are not understood.
const maxManifestBytes = 512 << 10

// maxNames bounds how many licences a manifest or an annotation of REUSE names.
const maxNames = 200

// maxTOMLBytes is the same for TOML, of which a table can take 500 times its
// bytes in memory.
const maxTOMLBytes = 128 << 10

// readTOML decodes TOML of a bounded length.
func readTOML(text []byte, v any) bool {
	return len(text) <= maxTOMLBytes && toml.Unmarshal(text, v) == nil
}

// manifests are the package managers' manifests by their names, or, for those
// that begin with a dot, endings. Each function returns what stands for the
// licence of the package; false for what is no such manifest at all.
var manifests = map[Form]func(text []byte) (declaration, bool){
	"package.json":   fromJSON(" OR "), // npm's lists name alternatives
	"composer.json":  fromJSON(" OR "), // getcomposer.org/doc/04-schema.md#license: disjunctive
	"META.json":      fromJSON(" AND "),
	"Cargo.toml":     fromCargo,
	"pyproject.toml": fromPyproject,
	"setup.cfg":      fromSetupCfg,
	"setup.py":       fromSetupPy,
	"pom.xml":        fromPOM,
	".gemspec":       fromGemspec,
	".cabal":         fromCabal,
	"DESCRIPTION":    fromDescription,
}

func manifestForm(name string) Form {
	for _, f := range []Form{Form(name), Form(path.Ext(name))} {
		if _, ok := manifests[f]; ok && f != "" {
			return f
		}
	}
	return ""
}

// declaration is what a manifest has where it names a licence, not understood
// yet.
type declaration struct {
	names    []string // of licences, or SPDX expressions
	operator string   // between them: " OR " or " AND "
	more     []string // that say the same in other words: Python's classifiers
	points   bool     // to a file that holds the licence
}

// manifest returns what a manifest says. What cannot be read is unknown.
func (r *Recognizer) manifest(f Form, text []byte) Said {
	unread := Said{Finding: Finding{License: FromSPDX("")}}
	if len(text) > maxManifestBytes {
		return unread
	}
	d, ok := manifests[f](text)
	if !ok || len(d.names) > maxNames || len(d.more) > maxNames {
		return unread
	}
	var s Said
	s.License = License{Type: None}
	var all []License
	for _, name := range d.names {
		n := r.named(name)
		switch {
		case n.Type == None:
			d.points = d.points || n.Elsewhere
			continue
		case s.Line == 0:
			s.Line = lineOf(text, name)
		}
		s.Detected = union(s.Detected, n.Detected)
		all = append(all, n.License)
	}
	if len(all) > 0 {
		s.License = joinAll(all, d.operator)
	}
	var more []License
	for _, name := range d.more {
		n := r.named(name)
		if n.Type == None {
			continue
		}
		if s.Line == 0 {
			s.Line = lineOf(text, name)
		}
		s.Detected = union(s.Detected, n.Detected)
		switch {
		case len(all) > 0 && vague(s.Expression) && agrees(n.License, s): // "BSD", and here which
			s.License = n.License
		case len(all) > 0 && names(s.Expression, n.Expression):
		default:
			more = append(more, n.License)
		}
	}
	if len(all) > 0 {
		more = append([]License{s.License}, more...)
	}
	if len(more) > 0 {
		s.License = related(more)
	}
	s.Elsewhere = s.Type == None && d.points
	return s
}

// lineOf returns the line on which a value, or else its first word, stands; 1
// where neither is found.
func lineOf(text []byte, value string) int {
	value, _, _ = strings.Cut(strings.TrimSpace(value), "\n")
	word, _, _ := strings.Cut(value, " ")
	for _, s := range []string{value, word} {
		if i := bytes.Index(text, []byte(s)); i >= 0 {
			return 1 + bytes.Count(text[:i], []byte("\n"))
		}
	}
	return 1
}

// fromJSON reads license and licenses of a JSON object: a name, an object with a
// name, or a list of these.
func fromJSON(operator string) func([]byte) (declaration, bool) {
	return func(text []byte) (declaration, bool) {
		var v struct {
			License, Licence, Licenses json.RawMessage
		}
		d := declaration{operator: operator}
		if json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &v) != nil {
			return d, false
		}
		for _, raw := range []json.RawMessage{v.License, v.Licence, v.Licenses} {
			if len(d.names) == 0 && len(raw) > 0 && string(raw) != "null" {
				d.names = jsonNames(raw)
			}
		}
		return d, true
	}
}

func jsonNames(raw json.RawMessage) []string {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	var names []string
	for _, one := range list {
		var name string
		var object struct{ Type, Name, URL string }
		switch {
		case json.Unmarshal(one, &name) == nil:
		case json.Unmarshal(one, &object) == nil:
			if name = object.Type + object.Name; name == "" {
				name = object.URL
			}
		}
		if name == "" {
			name = "?" // something is said, and not understood
		}
		names = append(names, name)
	}
	return names
}

func fromCargo(text []byte) (declaration, bool) {
	type packageTable struct {
		License any    `toml:"license"` // {workspace = true} says nothing itself
		File    string `toml:"license-file"`
	}
	var v struct {
		Package   packageTable
		Workspace struct{ Package packageTable }
	}
	d := declaration{operator: " AND "}
	if !readTOML(text, &v) {
		return d, false
	}
	for _, p := range []packageTable{v.Package, v.Workspace.Package} {
		if s, ok := p.License.(string); ok && len(d.names) == 0 {
			// doc.rust-lang.org/cargo/reference/manifest.html: "/" was OR
			d.names = []string{strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c == '/' }), " OR ")}
		}
		d.points = d.points || p.File != ""
	}
	return d, true
}

func fromPyproject(text []byte) (declaration, bool) {
	type project struct {
		License     any
		Classifiers []string
	}
	var v struct {
		Project project
		Tool    struct{ Poetry project }
	}
	d := declaration{operator: " AND "}
	if !readTOML(text, &v) {
		return d, false
	}
	for _, p := range []project{v.Project, v.Tool.Poetry} {
		switch l := p.License.(type) {
		case string:
			d.names = append(d.names, l)
		case map[string]any:
			if s, ok := l["text"].(string); ok {
				d.names = append(d.names, s)
			}
			d.points = d.points || l["file"] != nil
		}
		d.more = append(d.more, classifiers(p.Classifiers)...)
	}
	return d, true
}

// classifiers returns those of PyPI's that name a licence.
func classifiers(list []string) []string {
	var names []string
	for _, c := range list {
		if c = strings.TrimSpace(c); strings.HasPrefix(c, "License ::") && c != "License :: OSI Approved" {
			names = append(names, c)
		}
	}
	return names
}

func fromSetupCfg(text []byte) (declaration, bool) {
	d := declaration{operator: " AND "}
	section := ""
	for _, f := range fields(text, "=:") {
		if f.section != "" {
			section = f.section
		}
		if section != "metadata" {
			continue
		}
		switch strings.ReplaceAll(f.name, "-", "_") {
		case "license":
			if of, ok := strings.CutPrefix(f.value, "file:"); ok {
				d.points = d.points || of != ""
			} else {
				d.names = append(d.names, f.value)
			}
		case "classifiers", "classifier":
			d.more = append(d.more, classifiers(strings.Split(f.value, "\n"))...)
		}
	}
	return d, true
}

var (
	setupLicence    = regexp.MustCompile(`(?m)(?:^|[\s,(])['"]?license['"]?\s*[=:]\s*[ru]?(?:'''((?s:.*?))'''|"""((?s:.*?))"""|'([^'\n]*)'|"([^"\n]*)")`)
	setupClassifier = regexp.MustCompile(`['"](License :: [^'"\n]*)['"]`)
	gemLicence      = regexp.MustCompile(`(?m)^[^#\n]*\.licenses?\s*=\s*(?:%w[\[({]([^\])}\n]*)[\])}]|\[?((?:\s*['"][^'"\n]*['"](?:\.freeze)?,?)+))`)
	quoted          = regexp.MustCompile(`['"]([^'"\n]*)['"]`)
)

func fromSetupPy(text []byte) (declaration, bool) {
	d := declaration{operator: " AND "}
	for _, m := range setupLicence.FindAllSubmatch(text, 20) {
		d.names = append(d.names, string(bytes.Join(m[1:], nil)))
	}
	for _, m := range setupClassifier.FindAllSubmatch(text, 20) {
		d.more = append(d.more, classifiers([]string{string(m[1])})...)
	}
	return d, true
}

func fromGemspec(text []byte) (declaration, bool) {
	d := declaration{operator: " AND "} // guides.rubygems.org says of several nothing
	for _, m := range gemLicence.FindAllSubmatch(text, 20) {
		d.names = append(d.names, strings.Fields(string(m[1]))...)
		for _, q := range quoted.FindAllSubmatch(m[2], 20) {
			d.names = append(d.names, string(q[1]))
		}
	}
	return d, true
}

func fromPOM(text []byte) (declaration, bool) {
	var v struct {
		Licenses []struct {
			Name string `xml:"name"`
			URL  string `xml:"url"`
		} `xml:"licenses>license"`
	}
	// maven.apache.org/pom.html#Licenses: the user can select any of them
	d := declaration{operator: " OR "}
	if xml.Unmarshal(text, &v) != nil {
		return d, false
	}
	for _, l := range v.Licenses {
		if l.Name == "" {
			l.Name = l.URL
		}
		d.names = append(d.names, l.Name)
	}
	return d, true
}

func fromCabal(text []byte) (declaration, bool) {
	d := declaration{operator: " AND "}
	for _, f := range fields(text, ":") {
		switch f.name {
		case "license":
			d.names = append(d.names, f.value)
		case "license-file", "license-files":
			d.points = true
		}
	}
	return d, true
}

// fromDescription reads the License field of an R package, whose alternatives
// stand between "|", and which adds a file by "+".
func fromDescription(text []byte) (declaration, bool) {
	d := declaration{operator: " OR "}
	r := false
	for _, f := range fields(text, ":") {
		switch f.name {
		case "package":
			r = true
		case "license":
			for one := range strings.SplitSeq(f.value, "|") {
				name, file, added := strings.Cut(one, "+")
				if added && !strings.HasPrefix(strings.TrimSpace(file), "file ") {
					name = one
				}
				d.names = append(d.names, name)
			}
		}
	}
	if !r { // some other file of that name
		d.names = nil
	}
	return d, true
}

// field is one of a text in which each has a line and may go on in indented ones.
type field struct {
	name, value string // the name in lower case; lines of the value without their indent
	section     string // of the [section] that begins with this field; then it has no name
	line        int    // from 1
}

// fields reads a text of fields, whose names end in one of the separators.
func fields(text []byte, separators string) []field {
	var list []field
	var more []string // lines of the last value
	end := func() {
		if len(more) > 0 {
			last := &list[len(list)-1]
			last.value = strings.TrimSpace(last.value + "\n" + strings.Join(more, "\n"))
			more = nil
		}
	}
	n := 0
	for b := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
		n++
		s := strings.TrimRight(string(b), " \t\r\n")
		bare := strings.TrimSpace(s)
		switch {
		case bare == "":
			if separators == ":" { // paragraphs end here
				end()
				list = append(list, field{line: n})
			}
		case bare[0] == '#', strings.HasPrefix(bare, "--"):
		case bare != s && s[0] != bare[0]:
			if len(list) > 0 && list[len(list)-1].name != "" {
				more = append(more, bare)
			}
		case bare[0] == '[':
			end()
			list = append(list, field{section: strings.Trim(bare, "[]"), line: n})
		default:
			if i := strings.IndexAny(bare, separators); i > 0 {
				end()
				list = append(list, field{name: strings.ToLower(strings.TrimSpace(bare[:i])), value: strings.TrimSpace(bare[i+1:]), line: n})
			}
		}
	}
	end()
	return list
}
