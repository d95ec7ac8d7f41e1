package license

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/codemill/codemill/license/spdx"
)

// Where a licence was read from, from the one that goes before all others to the
// last. See [Tree.Of].
const (
	FromHead     = "head"     // the file's own head
	FromReuse    = "reuse"    // FILE.license, REUSE.toml or .reuse/dep5
	FromFile     = "file"     // a licence file
	FromManifest = "manifest" // a package manager's manifest, or a field of a row
	FromReadme   = "readme"   // the licence section of a README
	FromSource   = "source"   // the recipe, for the whole source
)

// Said is what a file of a tree says of licences, wherever it stands.
type Said struct {
	Finding
	annotations []annotation // of a REUSE file
}

// Small reports whether it takes so little memory that thousands may be
// remembered: what REUSE says, with its patterns, can take megabytes.
func (s Said) Small() bool { return s.annotations == nil && s.small() }

// Unread is what a file says that cannot be read: that there is a licence, which
// is not known.
func Unread() Said { return Said{Finding: Finding{License: FromSPDX("")}} }

// Read returns what the text of a file of some form says. It does not depend on
// where the file stands, so it can be remembered by the text's hash.
func (r *Recognizer) Read(form Form, text []byte) (s Said) {
	defer func() {
		if recover() != nil { // what decodes manifests is not ours
			s = Unread()
		}
	}()
	var list []annotation
	ok := true
	switch form {
	case "":
		return Said{Finding: Finding{License: License{Type: None}}}
	case licenceForm, textForm, sideForm:
		if isStub(text) {
			return Said{Finding: Finding{License: License{Type: None}}}
		}
		return Said{Finding: r.File(text)}
	case copyrightForm:
		f := r.File(text)
		if f.Type == Unknown && f.Line == 0 { // authors
			f.License = License{Type: None}
		}
		return Said{Finding: f}
	case readmeForm:
		return Said{Finding: Readme(text)}
	case reuseForm:
		list, ok = reuseTOML(text)
	case dep5Form:
		list, ok = r.dep5(text)
	default:
		return r.manifest(form, text)
	}
	if !ok {
		return Unread()
	}
	return Said{annotations: list}
}

// isStub reports whether a licence file only fills in a template that R knows,
// "YEAR: 2020", "COPYRIGHT HOLDER: A", or is what Dist::Zilla puts a text in the
// place of. The package's manifest says which.
func isStub(text []byte) bool {
	if string(bytes.TrimSpace(text)) == "FULLTEXT" {
		return true
	}
	n := 0
	for line := range strings.Lines(string(text[:min(len(text), 2000)])) {
		name, _, ok := strings.Cut(line, ":")
		switch name = strings.TrimSpace(name); {
		case name == "":
		case ok && slices.Contains([]string{"YEAR", "COPYRIGHT HOLDER", "ORGANIZATION"}, name):
			n++
		default:
			return false
		}
	}
	return n > 0
}

// File is a file of a tree and what it says.
type File struct {
	Path string // slash-separated, relative to the tree
	Said
}

// Verdict is the licence of one file.
type Verdict struct {
	License
	From string // FromHead …, "" where nothing says a licence
	// At are the files that decided, each with the line, as "path:line".
	At       []string
	Detected []string // the SPDX ids of all that speaks for the file, sorted
}

// maxAt bounds how many files are named as those that decided.
const maxAt = 10

// Tree tells what speaks for which file of a tree.
type Tree struct {
	folders map[string]*folder
	sides   map[string]File // by the file that they speak for
	scopes  map[string][]*part
	asked   bool // parts look for what they are named after
	reused  bool // something is said by REUSE
	source  License
	// What the last file's folder says, which its neighbours have too.
	last struct {
		dir, kind string
		Verdict
	}
}

// folder is what the files of one folder say.
type folder struct {
	whole, pages, texts, manifests, readmes []File
	parts                                   []*part
	reuse                                   []File
}

// part is a licence file that is named after what it speaks for.
type part struct {
	File
	label
	kind  string // of the files that it speaks for; "" if it is named after a file or folder
	found bool   // there is such a file or folder
}

// NewTree returns the tree of some files, in the order of their paths, of which
// each has a [Form]. What nothing else speaks for has the licence of its source.
func NewTree(source License, files []File) *Tree {
	t := &Tree{folders: map[string]*folder{}, sides: map[string]File{}, scopes: map[string][]*part{}, source: source}
	for _, file := range files {
		t.add(file)
	}
	return t
}

func (t *Tree) at(dir string) *folder {
	f := t.folders[dir]
	if f == nil {
		f = &folder{}
		t.folders[dir] = f
	}
	return f
}

func (t *Tree) add(file File) {
	if file.Elsewhere {
		file.License = License{Type: None}
	}
	dir := path.Dir(file.Path)
	form := FormOf(file.Path)
	if (form == reuseForm || form == dep5Form) && file.Type == Unknown { // it says something of all files below it
		file.annotations = []annotation{{[]pattern{parsePattern("**", true)}, closest, Unread().Finding}}
	}
	switch form {
	case licenceForm, copyrightForm:
		l, _ := parseLabel(file.Path)
		f := t.at(dir)
		switch {
		case l.page:
			f.pages = append(f.pages, file)
		case l.scope != "":
			p := &part{File: file, label: l, kind: scopeKinds[l.scope]}
			f.parts = append(f.parts, p)
			t.scopes[l.scope] = append(t.scopes[l.scope], p)
			t.asked = true
		default:
			f.whole = append(f.whole, file)
		}
	case textForm:
		f := t.at(path.Dir(dir))
		f.texts = append(f.texts, file)
	case sideForm:
		t.reused = true
		t.sides[file.Path[:len(file.Path)-len(".license")]] = file
	case reuseForm:
		t.reused = true
		f := t.at(dir)
		f.reuse = append(f.reuse, file)
	case dep5Form:
		t.reused = true
		f := t.at(path.Dir(dir))
		f.reuse = append(f.reuse, file)
	case readmeForm:
		f := t.at(dir)
		f.readmes = append(f.readmes, file)
	default:
		f := t.at(dir)
		f.manifests = append(f.manifests, file)
	}
}

// Asks reports whether what a file speaks for depends on which other files there
// are; then Note has to be told of each before Of is asked.
func (t *Tree) Asks() bool { return t.asked }

// Note tells of a file of the tree.
func (t *Tree) Note(p string) {
	dir := "."
	for rest := p; rest != ""; {
		element, below, isFolder := strings.Cut(rest, "/")
		stem, _, _ := strings.Cut(element, ".")
		for _, key := range []string{scopeKey(element), scopeKey(stem)} {
			for _, s := range t.scopes[key] {
				if s.fits(dir, isFolder) && s.Path != p {
					s.found = true
				}
			}
		}
		dir = path.Join(dir, element)
		rest = below
	}
}

// fits reports whether a part that is named like a file or folder in dir speaks
// for it: for a file beside it, or a folder at any depth below.
func (p *part) fits(dir string, isFolder bool) bool {
	own := path.Dir(p.Path)
	return own == dir || isFolder && !p.own && (own == "." || strings.HasPrefix(dir+"/", own+"/"))
}

// speaksFor reports whether a part speaks for a file by its path.
func (p *part) speaksFor(file string) bool {
	dir := path.Dir(p.Path)
	rest := file
	if dir != "." {
		rest = strings.TrimPrefix(file, dir+"/")
	}
	at := dir
	for rest != "" {
		element, below, isFolder := strings.Cut(rest, "/")
		stem, _, _ := strings.Cut(element, ".")
		if (scopeKey(element) == p.scope || scopeKey(stem) == p.scope) && p.fits(at, isFolder) {
			return true
		}
		at = path.Join(at, element)
		rest = below
	}
	return false
}

// Of returns the licence of a file, of its kind (code, markup, prose, data or ""),
// whose head says what is given. The first of these that says one decides:
//
//   - The head of the file.
//   - REUSE: FILE.license; then REUSE.toml and dep5. An annotation that is to be
//     aggregated joins what the file says itself by AND, one that overrides
//     takes its place.
//   - The licence files of the nearest folder above that has one that speaks
//     for the file. Several are joined by AND, for nothing says that one may
//     choose, unless all are permissive and each is named by its licence
//     (LICENSE-MIT, LICENSE-APACHE), or one of them names just these as
//     alternatives. A file that is named after something else speaks for that
//     alone: for code, texts or data by its kind, NAME.LICENSE for NAME, any
//     other, beside what speaks for the folder, for the files and folders of
//     that name; where there are none, for the whole folder. One that names no
//     licence and points to another file hides nothing, and neither does a page
//     of the documentation.
//   - The nearest manifest, which joins a licence file of its folder or above by
//     AND where it contradicts it.
//   - The nearest README.
//   - The recipe.
//
// Where something says that there is a licence and nothing says which, it is
// unknown. Of is not safe for concurrent use.
func (t *Tree) Of(p, kind string, head Finding) Verdict {
	own := Verdict{License: License{Type: None}}
	if head.Type != None && !head.Elsewhere {
		own = Verdict{head.License, FromHead, []string{place(p, head.Line)}, head.Detected}
	}
	v := own
	if t.reused {
		v = t.reuse(p, own)
	}
	inherited := t.inherited(p, kind)
	switch {
	case v.From != "":
		v.Detected = union(v.Detected, inherited.Detected)
	case inherited.Type == None && head.Elsewhere:
		v = Verdict{FromSPDX(""), FromHead, []string{place(p, head.Line)}, nil}
	default:
		v = inherited
	}
	v.Detected = union(v.Detected, head.Detected)
	return v
}

// OfRow returns the licence of a text that is in no tree: that of its head, or
// else what the row says and where it was read from, or else the source's.
func OfRow(row License, from string, source License, head Finding) Verdict {
	v := Verdict{License: row, From: from}
	if row.Type == None {
		v = ofSource(source)
	}
	v.Detected = union(idsIn(v.Expression), head.Detected)
	if head.Type != None && (!head.Elsewhere || v.Type == None) {
		v.License, v.From = head.License, FromHead
	}
	return v
}

func ofSource(source License) Verdict {
	if source.Type == None {
		return Verdict{License: source}
	}
	return Verdict{License: source, From: FromSource, Detected: idsIn(source.Expression)}
}

// reuse returns what a file's head and REUSE say of it.
func (t *Tree) reuse(p string, own Verdict) Verdict {
	if side, ok := t.sides[p]; ok && own.From == "" && side.Type != None && !side.Elsewhere {
		own = Verdict{side.License, FromReuse, []string{place(side.Path, side.Line)}, side.Detected}
	}
	said := own
	var nearest Verdict
	for _, dir := range above(p) { // from the top
		f := t.folders[dir]
		if f == nil {
			continue
		}
		for _, file := range f.reuse {
			a, ok := annotated(file.annotations, below(dir, p))
			if !ok {
				continue
			}
			v := Verdict{a.License, FromReuse, []string{place(file.Path, a.Line)}, a.Detected}
			switch a.precedence {
			case override:
				return v
			case aggregate:
				said = both(said, v)
			default:
				nearest = v
			}
		}
	}
	if own.From == "" && nearest.From != "" {
		said = both(nearest, said)
	}
	return said
}

// both joins two verdicts by AND; the first says where from, if it says one.
func both(a, b Verdict) Verdict {
	if a.From == "" {
		return b
	}
	if b.From == "" {
		return a
	}
	return Verdict{joinAll([]License{a.License, b.License}, " AND "), a.From, append(slices.Clone(a.At), b.At...), union(a.Detected, b.Detected)}
}

// above returns the folders that a path lies in, from the top.
func above(p string) []string {
	dirs := []string{"."}
	for i, c := range []byte(p) {
		if c == '/' && i > 0 {
			dirs = append(dirs, p[:i])
		}
	}
	return dirs
}

// below returns a path relative to a folder above it.
func below(dir, p string) string {
	if dir == "." {
		return p
	}
	return p[len(dir)+1:]
}

func place(p string, line int) string {
	if line == 0 {
		return p
	}
	return fmt.Sprintf("%s:%d", p, line)
}

// inherited returns what licence files, manifests, READMEs and the source say of
// a file.
func (t *Tree) inherited(p, kind string) Verdict {
	dir := path.Dir(p)
	if t.last.dir == dir && t.last.kind == kind && dir != "" {
		return t.last.Verdict
	}
	dirs := above(p)
	slices.Reverse(dirs) // from the file upwards
	var stated, pages, packaging []File
	var pointers []File // that say that there is a licence, and not which
	named := false      // whether it hangs on the file's name
	top := len(dirs)
	for i, d := range dirs {
		f := t.folders[d]
		if f == nil {
			continue
		}
		of := f.speak(p, kind)
		named = named || of.named
		pages = append(pages, f.pages...)
		end := of.only
		for _, file := range of.whole {
			if file.Type != None {
				if isPackaging(file.Path) {
					packaging = append(packaging, file)
					continue
				}
				stated = append(stated, file)
				end = true
				continue
			}
			l, _ := parseLabel(file.Path)
			if l.stem == "copyright" && !file.Elsewhere {
				continue // it names authors
			}
			pointers = append(pointers, file)
			end = end || !file.Elsewhere // there is one, and what it says is not known
		}
		for _, file := range of.beside {
			if file.Type != None {
				stated = append(stated, file)
			}
		}
		if end {
			top = i + 1
			break
		}
	}
	v := t.decide(dirs, top, stated, pages, pointers)
	for _, file := range packaging {
		if v.From == "" {
			v = Verdict{License: FromSPDX(unknownRef), From: FromFile}
		}
		v = both(v, Verdict{file.License, FromFile, []string{place(file.Path, file.Line)}, file.Detected})
	}
	if !named {
		t.last.dir, t.last.kind, t.last.Verdict = dir, kind, v
	}
	return v
}

// decide weighs what the licence files that speak for a file say, of which the
// uppermost stand in the folder before top, and what stands after them.
func (t *Tree) decide(dirs []string, top int, stated, pages, pointers []File) Verdict {
	v := Verdict{License: License{Type: None}}
	if len(stated) > 0 {
		v = ofFiles(stated)
		v.From = FromFile
	}
	m := t.nearest(dirs[:top], func(f *folder) []File { return f.manifests }, &pointers)
	if len(stated) > 0 && len(m) > 0 {
		v.Detected = union(v.Detected, ofFiles(m).Detected)
		v = contradict(v, m)
	} else if len(m) > 0 {
		v = ofFiles(m)
		v.From = FromManifest
	}
	for _, page := range pages {
		if page.Type == Unknown || page.Type == None {
			pointers = append(pointers, page)
		} else if said := (Verdict{page.License, FromFile, []string{place(page.Path, page.Line)}, page.Detected}); !agrees(v.License, page.Said) {
			v = both(v, said)
		}
	}
	if v.From != "" {
		return v
	}
	if r := t.nearest(dirs, func(f *folder) []File { return f.readmes }, &pointers); len(r) > 0 {
		v = ofFiles(r)
		v.From = FromReadme
		return v
	}
	if len(pointers) > 0 {
		v = ofFiles(pointers[:1])
		v.License, v.From = FromSPDX(""), FromFile
		if form := FormOf(pointers[0].Path); form == readmeForm {
			v.From = FromReadme
		} else if _, ok := manifests[form]; ok {
			v.From = FromManifest
		}
		return v
	}
	return ofSource(t.source)
}

// isPackaging reports whether a file is the one that Debian's packages list
// copyrights in, or a template of it. It speaks for its folder besides others,
// and not alone.
func isPackaging(p string) bool {
	return path.Base(p) == "copyright" && path.Base(path.Dir(p)) == "debian"
}

// nearest returns the files of the first folder in which some say a licence.
// Those that point elsewhere are added to pointers.
func (t *Tree) nearest(dirs []string, of func(*folder) []File, pointers *[]File) []File {
	for _, d := range dirs {
		f := t.folders[d]
		if f == nil {
			continue
		}
		var said []File
		for _, file := range of(f) {
			if file.Type != None {
				said = append(said, file)
			} else if file.Elsewhere {
				*pointers = append(*pointers, file)
			}
		}
		if len(said) > 0 {
			return said
		}
	}
	return nil
}

// speaking is what the licence files of a folder are for one file.
type speaking struct {
	whole  []File // that speak for all of the folder, or for this file instead
	beside []File // that hold besides
	only   bool   // there is nothing else to ask
	named  bool   // it hangs on the file's name
}

func (f *folder) speak(p, kind string) (of speaking) {
	var mine, others []File
	of.whole = slices.Clone(f.whole)
	for _, part := range f.parts {
		of.named = of.named || part.found
		switch {
		case part.own && part.found:
			if part.speaksFor(p) {
				mine = append(mine, part.File)
			}
		case part.kind != "" && part.kind == kind:
			mine = append(mine, part.File)
		case part.found && part.speaksFor(p):
			of.beside = append(of.beside, part.File)
		case part.kind == mediaKind: // of which none is a document
		case part.kind != "":
			others = append(others, part.File)
		case !part.found && part.Type != None:
			of.whole = append(of.whole, part.File)
		}
	}
	switch {
	case len(mine) > 0:
		of.whole = mine
		of.only = true
	case len(of.whole) > 0:
	case len(others) > 0:
		of.whole = others // for a file of none of their kinds all of them hold
	default:
		of.whole = f.texts
	}
	return of
}

// maxJoined bounds how many files are joined.
const maxJoined = 1000

// ofFiles joins what files say. What more than maxJoined say is not known.
func ofFiles(files []File) Verdict {
	var v Verdict
	var all []License
	alternatives := true
	if len(files) > maxJoined {
		files = append(files[:maxJoined:maxJoined], File{Said: Unread()})
	}
	for _, f := range files {
		l, _ := parseLabel(f.Path)
		alternatives = alternatives && l.licence && l.stem != "copying" && f.Type == Permissive
		all = append(all, f.License)
		v.Detected = append(v.Detected, f.Detected...)
		if len(v.At) < maxAt {
			v.At = append(v.At, place(f.Path, f.Line))
		}
	}
	slices.Sort(v.Detected)
	v.Detected = slices.Compact(v.Detected)
	if alternatives {
		v.License = joinAll(all, " OR ")
	} else {
		v.License = related(all)
	}
	return v
}

// related joins licences by AND, unless one of them names just the others as
// alternatives.
func related(all []License) License {
	for _, l := range all {
		if !hasOr(l.Expression) {
			continue
		}
		var rest []License
		for _, other := range all {
			if other.Expression != l.Expression {
				rest = append(rest, other)
			}
		}
		others := joinAll(rest, " AND ").Expression
		if !strings.Contains(others+l.Expression, unknownRef) && names(l.Expression, others) && names(others, l.Expression) {
			return l
		}
	}
	return joinAll(all, " AND ")
}

// hasOr reports whether an expression leaves a choice.
func hasOr(expression string) bool { return strings.Contains(strings.ToUpper(expression), " OR ") }

// bases returns the ids of an expression as [spdx.Base] has them, sorted.
func bases(expression string) []string {
	var list []string
	for _, id := range idsIn(expression) {
		list = append(list, spdx.Base(id))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// names reports whether an expression names all that another does.
func names(expression, other string) bool {
	have := bases(expression)
	for _, id := range bases(other) {
		if !slices.ContainsFunc(have, func(h string) bool { return fits(h, id) }) {
			return false
		}
	}
	return other != ""
}

// fits reports whether two ids, in the form of [spdx.Base], may mean one licence:
// they are the same, or one is the name of the other's family.
func fits(a, b string) bool {
	const ref = "licenseref-"
	return a == b || (strings.HasPrefix(a, ref) || strings.HasPrefix(b, ref)) && family(a) == family(b)
}

// contradict joins what manifests say to what licence files do, where it is not
// the same.
func contradict(v Verdict, manifests []File) Verdict {
	for _, m := range manifests {
		l := related([]License{v.License, m.License})
		if l.Expression == m.License.Expression && l.Expression != "" && l.Expression != v.Expression { // a choice among what the files hold
			v.License = l
		} else if agrees(v.License, m.Said) {
			continue
		} else {
			v.License = joinAll([]License{v.License, m.License}, " AND ")
		}
		if len(v.At) < maxAt {
			v.At = append(v.At, place(m.Path, m.Line))
		}
	}
	return v
}

// agrees reports whether a licence is one of those that something says: all that
// it asks for is there. A name that leaves open which of a family it means fits
// each of the family.
func agrees(l License, said Said) bool {
	if l.Expression == said.Expression {
		return l.Type == said.Type
	}
	if l.Expression == "" || said.Expression == "" || hasOr(l.Expression) {
		return false
	}
	have := bases(l.Expression)
	or := func(a, b bool) bool { return a || b }
	and := func(a, b bool) bool { return a && b }
	ok, valid := spdx.Eval(said.Expression, func(id, exception string) bool {
		return slices.ContainsFunc(have, func(base string) bool { return fits(base, spdx.Base(id)) })
	}, or, and)
	return ok && valid
}

// maxExpression bounds what licences are joined to, in bytes. Each document of a
// tree holds it.
const maxExpression = 8 << 10

// joinAll joins licences by an operator, each once, in their order. What is not
// known stays visible beside what is, and so does that some of it is left out
// where the whole would be longer than maxExpression.
func joinAll(all []License, operator string) License {
	var seen, parts []string
	size := 0
	l := License{}
	for _, one := range all {
		if slices.Contains(seen, one.Expression) {
			continue
		}
		if seen = append(seen, one.Expression); len(seen) == 1 {
			l = one
		} else if operator == " OR " {
			l.Type = best(l.Type, one.Type)
		} else {
			l.Type = worst(l.Type, one.Type)
		}
		if size += len(operator) + len(one.Expression); len(seen) > 1 && size > maxExpression {
			return License{join(joined(parts, operator), " AND ", unknownRef), worst(l.Type, Unknown)}
		}
		parts = append(parts, cmp.Or(one.Expression, unknownRef))
	}
	if len(parts) > 1 {
		l.Expression = joined(parts, operator)
	}
	return l
}

func join(a, operator, b string) string { return joined([]string{a, b}, operator) }

// joined joins expressions by an operator.
func joined(list []string, operator string) string {
	if len(list) == 1 {
		return list[0]
	}
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = bracket(e, operator)
	}
	return strings.Join(parts, operator)
}

// bracket puts an expression in brackets if the other operator stands in it
// outside of any.
func bracket(expression, operator string) string {
	other := " OR "
	if operator == other {
		other = " AND "
	}
	depth := 0
	for i, c := range []byte(expression) {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && len(expression) >= i+len(other) && strings.EqualFold(expression[i:i+len(other)], other):
			return "(" + expression + ")"
		}
	}
	return expression
}

// Needed reports for each of some files of a tree whether it has to be read:
// texts that other files name and READMEs do not where a licence file speaks for
// their folder. Its paths have a [Form].
func Needed(paths []string) []bool {
	spoken := map[string]bool{}
	for _, p := range paths {
		if l, ok := parseLabel(p); ok && FormOf(p) == licenceForm && l.scope == "" && !l.page && l.stem != "copyright" {
			spoken[path.Dir(p)] = true
		}
	}
	need := make([]bool, len(paths))
	for i, p := range paths {
		switch FormOf(p) {
		case textForm:
			need[i] = !spoken[path.Dir(path.Dir(p))]
		case readmeForm:
			need[i] = !slices.ContainsFunc(above(p), func(d string) bool { return spoken[d] })
		default:
			need[i] = true
		}
	}
	return need
}
