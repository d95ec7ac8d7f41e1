package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// debianSources draws source packages of Debian and brings them as trees,
// through apt-get with lists and settings of its own below dir. The machine's
// apt configuration says how the mirror is reached.
type debianSources struct {
	dir, mirror, suite string
	maxBytes           int64    // of a package's archives
	maxFiles           int      // of its tree
	minUsers           int      // how many packages of main must build with one of main
	also               []string // packages beside those drawn, of any size
}

// A debianPackage is one source package: its tree, without debian/, and what
// debian/copyright says.
type debianPackage struct {
	component, name, version string
	bytes                    int64  // of the archives
	users                    int    // packages of its component that need it to be built
	tree                     string // folder
	labels                   *copyrightFile
}

// id names the package and its version in a way that a folder can be called.
func (p *debianPackage) id() string {
	return p.name + "_" + strings.ReplaceAll(p.version, ":", "%3a")
}

// errUnfit says why a package that was drawn is passed over.
var errUnfit = errors.New("unfit")

// triesPerPackage bounds how many packages are tried for each one wanted:
// mirrors need not have the archives of all that the list names.
const triesPerPackage = 8

// draw returns want[component] packages of each component that have a
// machine-readable debian/copyright, fewer where triesPerPackage does not do:
// the first ones in the order of the seed.
func (d *debianSources) draw(seed uint64, want map[string]int) ([]*debianPackage, error) {
	if err := d.update(want); err != nil {
		return nil, err
	}
	var drawn []*debianPackage
	for _, component := range slices.Sorted(maps.Keys(want)) {
		list, err := d.list(component)
		if err != nil {
			return nil, err
		}
		order := func(p *debianPackage) uint64 { return hash(fmt.Sprint(seed, " ", p.name)) }
		slices.SortFunc(list, func(a, b *debianPackage) int {
			return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.version, b.version))
		})
		for _, p := range list {
			if slices.Contains(d.also, p.name) {
				if err := d.fetch(p); err == nil {
					drawn = append(drawn, p)
				} else if !errors.Is(err, errUnfit) {
					return nil, fmt.Errorf("%s: %w", p.id(), err)
				}
			}
		}
		list = slices.DeleteFunc(list, func(p *debianPackage) bool {
			return slices.Contains(d.also, p.name) || p.bytes > d.maxBytes || p.users < d.minUsers && component == "main"
		})
		have := 0
		for _, p := range list[:min(len(list), triesPerPackage*want[component])] {
			if have == want[component] {
				break
			}
			err := d.fetch(p)
			if errors.Is(err, errUnfit) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.id(), err)
			}
			drawn = append(drawn, p)
			have++
		}
		if have < want[component] {
			log.Printf("%s: only %d packages of %d", component, have, want[component])
		}
	}
	return drawn, nil
}

// apt runs apt-get with this benchmark's lists.
func (d *debianSources) apt(dir string, args ...string) error {
	_, err := run(10*time.Minute, dir, "apt-get", append([]string{"-c", filepath.Join(d.dir, "apt", "apt.conf"), "--quiet"}, args...)...)
	return err
}

// update fetches the lists of sources, unless they are there.
func (d *debianSources) update(want map[string]int) error {
	state := filepath.Join(d.dir, "apt")
	line := fmt.Sprintf("deb-src %s %s %s\n", d.mirror, d.suite, strings.Join(slices.Sorted(maps.Keys(want)), " "))
	file := filepath.Join(state, "sources.list")
	if have, err := os.ReadFile(file); err == nil && string(have) == line {
		return nil
	}
	for _, folder := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(state, folder), 0o777); err != nil {
			return err
		}
	}
	settings := fmt.Sprintf("Dir::State %q; Dir::State::lists %q; Dir::State::status \"/dev/null\"; Dir::Cache %q; Dir::Etc::sourcelist %q;\n",
		state, filepath.Join(state, "lists"), state, file) + `Dir::Etc::sourceparts "-"; Acquire::GzipIndexes "false"; APT::Sandbox::User "";` + "\n"
	if err := os.WriteFile(filepath.Join(state, "apt.conf"), []byte(settings), 0o666); err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(line), 0o666); err != nil {
		return err
	}
	if err := d.apt("", "update", "--error-on=any"); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}

// list reads a component's list of sources.
func (d *debianSources) list(component string) ([]*debianPackage, error) {
	found, err := filepath.Glob(filepath.Join(d.dir, "apt", "lists", "*_"+component+"_source_Sources"))
	if err != nil {
		return nil, err
	}
	var list []*debianPackage
	for _, name := range found {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all := paragraphs(b)
		users := usersOf(all)
		for _, p := range all {
			pkg := &debianPackage{component: component, name: p["package"], version: p["version"], users: users[p["package"]]}
			for file := range strings.Lines(p["files"]) {
				if fields := strings.Fields(file); len(fields) == 3 { // hash, size, name
					size, err := strconv.ParseInt(fields[1], 10, 64)
					if err != nil {
						return nil, fmt.Errorf("%s: %s: %w", name, pkg.name, err)
					}
					pkg.bytes += size
				}
			}
			if p["extra-source-only"] != "yes" {
				list = append(list, pkg)
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no list of sources of %s in %s/apt/lists", component, d.dir)
	}
	return list, nil
}

// usersOf counts for each source package those of the same list that need one
// of its binary packages to be built.
func usersOf(list []map[string]string) map[string]int {
	source := map[string]string{} // of a binary package
	for _, p := range list {
		for binary := range strings.FieldsFuncSeq(p["binary"], func(r rune) bool { return r == ',' || r <= ' ' }) {
			source[binary] = p["package"]
		}
	}
	users := map[string]int{}
	for _, p := range list {
		needs := map[string]bool{}
		for _, field := range []string{"build-depends", "build-depends-arch", "build-depends-indep"} {
			for need := range strings.FieldsFuncSeq(p[field], func(r rune) bool { return r == ',' || r == '|' || r == '\n' }) {
				name, _, _ := strings.Cut(strings.TrimSpace(need), " ")
				name, _, _ = strings.Cut(name, ":")
				if s := source[name]; s != "" && s != p["package"] && !needs[s] {
					needs[s] = true
					users[s]++
				}
			}
		}
	}
	return users
}

// fetch brings a package's tree and labels, or finds them in the folder. Why a
// package cannot be used stands in a file, and it is not tried again.
func (d *debianSources) fetch(p *debianPackage) error {
	p.tree = filepath.Join(d.dir, "trees", p.id())
	labels, unfit := filepath.Join(d.dir, "labels", p.id()+".copyright"), filepath.Join(d.dir, "labels", p.id()+".unfit")
	if _, err := os.Stat(unfit); err == nil {
		return errUnfit
	}
	b, err := os.ReadFile(labels)
	if err == nil {
		p.labels, err = parseCopyright(b)
		return err
	}
	for _, folder := range []string{p.tree, labels} {
		if err := os.MkdirAll(filepath.Dir(folder), 0o777); err != nil {
			return err
		}
	}
	b, err = d.bring(p)
	if err == nil {
		p.labels, err = parseCopyright(b)
	}
	if err == nil {
		err = d.fits(p)
	}
	if err != nil {
		log.Printf("%s of %s left out: %v", p.id(), p.component, err)
		return errors.Join(errUnfit, os.RemoveAll(p.tree), os.WriteFile(unfit, []byte(err.Error()+"\n"), 0o666))
	}
	log.Printf("%s of %s", p.id(), p.component)
	return os.WriteFile(labels, b, 0o666)
}

// bring downloads and unpacks a package, takes debian/ out of its tree and
// returns debian/copyright. The archives are those of the signed list; the tree
// is upstream's, without Debian's patches.
func (d *debianSources) bring(p *debianPackage) ([]byte, error) {
	archives := filepath.Join(d.dir, "archives", p.id())
	if err := os.MkdirAll(archives, 0o777); err != nil {
		return nil, err
	}
	defer os.RemoveAll(archives)
	if err := d.apt(archives, "source", "--download-only", "--only-source", p.name+"="+p.version); err != nil {
		return nil, err
	}
	dsc, err := filepath.Glob(filepath.Join(archives, "*.dsc"))
	if err != nil || len(dsc) != 1 {
		return nil, fmt.Errorf("%d .dsc files: %w", len(dsc), err)
	}
	if err := os.RemoveAll(p.tree); err != nil {
		return nil, err
	}
	if _, err := run(5*time.Minute, "", "dpkg-source", "--no-check", "--skip-patches", "-x", dsc[0], p.tree); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(p.tree, "debian", "copyright"))
	if err != nil {
		return nil, err
	}
	return b, os.RemoveAll(filepath.Join(p.tree, "debian"))
}

// fits refuses a tree of too many files.
func (d *debianSources) fits(p *debianPackage) error {
	files := 0
	err := filepath.WalkDir(p.tree, func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files++
		}
		return err
	})
	if err == nil && files > d.maxFiles && !slices.Contains(d.also, p.name) {
		return fmt.Errorf("%d files", files)
	}
	return err
}

// firstLines returns the first n lines of a text.
func firstLines(text []byte, n int) []byte {
	at := 0
	for ; n > 0 && at < len(text); n-- {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return text
		}
		at += i + 1
	}
	return text[:at]
}
