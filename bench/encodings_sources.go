package main

import (
	"archive/tar"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/codemill/codemill/lang/charset"
)

// legacySources are packages that have files in legacy encodings which say so, or
// catalogues to make such files of: a registry, a name and a version a line. They were
// found by reading some 1,200 packages of Debian with translations, documentation or
// much text in them. None of their catalogues is among those that package model was
// made from.
//
//go:embed encodings_sources.txt
var legacySources string

// fetchSources brings the packages as they are, and keeps of their files those that are
// legacy and the catalogues, in a folder that it returns.
func (d *debianSources) fetchSources(python string) (string, error) {
	kept := filepath.Join(d.dir, "kept")
	updated := false
	for line := range strings.Lines(legacySources) {
		f := strings.Fields(line)
		if len(f) != 3 {
			return "", fmt.Errorf("encodings_sources.txt: %q", line)
		}
		registry, name, version := f[0], f[1], f[2]
		to := filepath.Join(kept, name)
		if _, err := os.Stat(to); err == nil {
			continue
		}
		if registry == "debian" && !updated {
			if err := d.update(map[string]int{"main": 0}); err != nil {
				return "", err
			}
			updated = true
		}
		archives, err := os.MkdirTemp(d.dir, "archives")
		if err != nil {
			return "", err
		}
		switch registry {
		case "debian": // mirrors need not have all of a package
			err = d.apt(archives, "source", "--download-only", "--only-source", name+"="+version)
		case "pypi":
			_, err = run(5*time.Minute, archives, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary=:all:", name+"=="+version)
		}
		if err != nil {
			log.Printf("%s %s: %v", name, version, err)
		}
		found, err := filepath.Glob(filepath.Join(archives, "*.tar.*"))
		if err != nil {
			return "", err
		}
		for _, archive := range found {
			if err := keepLegacy(archive, to+".part"); err != nil {
				log.Printf("%s %s: %v", name, version, err)
			}
		}
		if len(found) > 0 {
			if err := errors.Join(os.MkdirAll(to+".part", 0o777), os.Rename(to+".part", to)); err != nil {
				return "", err
			}
		}
		if err := os.RemoveAll(archives); err != nil {
			return "", err
		}
	}
	return kept, nil
}

// The sizes of files that are taken.
const (
	leastFile = 100
	mostFile  = 512 << 10
)

// keepLegacy copies the files of an archive into a folder that are texts in another
// encoding than UTF-8, and catalogues.
func keepLegacy(archive, to string) error {
	program := map[string]string{".gz": "gzip", ".xz": "xz", ".bz2": "bzip2"}[filepath.Ext(archive)]
	if program == "" { // a signature
		return nil
	}
	unpack := exec.Command(program, "-dc", archive)
	unpacked, err := unpack.StdoutPipe()
	if err != nil {
		return err
	}
	if err := unpack.Start(); err != nil {
		return err
	}
	defer func() {
		unpacked.Close()
		unpack.Wait()
	}()
	for files := tar.NewReader(unpacked); ; {
		h, err := files.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg || h.Size < leastFile || h.Size > mostFile {
			continue
		}
		raw, err := io.ReadAll(files)
		if err != nil {
			return err
		}
		if bytes.IndexByte(raw, 0) >= 0 || isUTF8(raw) && !strings.HasSuffix(h.Name, ".po") {
			continue
		}
		name := filepath.Join(to, filepath.Base(archive), filepath.Clean("/"+h.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, raw, 0o666); err != nil {
			return err
		}
	}
}

// isUTF8 reports whether bytes are that and not ISO-2022-JP.
func isUTF8(raw []byte) bool { return utf8.Valid(raw) && !bytes.Contains(raw, []byte("\x1b$")) }

// untrue are files that are not in what they declare, found by reading them: in
// others (Greek, Mac Roman), of two, or made of UTF-8 that was taken for another encoding.
var untrue = []string{
	"debian/po/sv.po", "docbook/result/html/multilingual.html", "docbook/result/xhtml/multilingual.xhtml", "libxslt-1.1.35/doc/news.html",
	"email/test/data/msg_15.txt", "plat-mac/macerrors.py", "awffull-3.10.2/po/lv.po", "sympa_6.2.70~dfsg-2+deb12u1.debian.tar.xz/debian/po/de.po",
	"lang/ru1dom.tab", "locales.d/ru_RU-koi8-r.conf", "XML-LibXML-2.0134/t/42common.t",
}

// encodingInName is an encoding as paths have it: ja/README.euc-jp, de_DE.ISO8859-1/man1.
var encodingInName = regexp.MustCompile(`(?i)(?:^|[/._-])(iso-?_?8859-?\d+|koi8-?[ru]|cp\d{3,4}|windows-?\d{4}|euc-?(?:jp|kr)|big5|gb2312|gbk|gb18030|sjis|shift_?jis|iso-2022-jp|tis-?620|ibm8\d\d|mac(?:roman|intosh))(?:[/._-]|$)`)

// hunspell is the line that a file of affixes begins with.
var hunspell = regexp.MustCompile(`(?m)^SET[ \t]+([\w-]+)`)

// mention is an encoding as heads have it in words: "; charset: koi8-r", "(ISO-8859-2)".
var mention = regexp.MustCompile(`(?i)\b(iso-8859-\d+|koi8-[ru]|windows-\d{4}|euc-(?:jp|kr)|big5|gb2312|gbk|shift_jis|iso-2022-jp|tis-620)\b`)

var mentions = map[string]bool{".lng": true, ".tab": true, ".txt": true, ".html": true}

// saidOf returns the encoding that a file or its path declares, or the only one that its
// first 2 KB mention; nil for none, and where file and path differ.
func saidOf(path string, raw []byte) *charset.Encoding {
	name, _ := charset.Declared(raw)
	if m := hunspell.FindSubmatch(raw); m != nil && strings.HasSuffix(path, ".aff") {
		name = string(m[1])
	}
	said := charset.Named(name)
	if all := encodingInName.FindAllStringSubmatch(path, -1); all != nil {
		named := charset.Named(all[len(all)-1][1])
		if said == nil && name == "" {
			return named
		}
		if named != said {
			return nil
		}
	}
	if name == "" && mentions[filepath.Ext(path)] {
		for i, m := range mention.FindAllSubmatch(raw[:min(len(raw), 2<<10)], -1) {
			named := charset.Named(string(m[1]))
			if i > 0 && named != said {
				return nil
			}
			said = named
		}
	}
	return said
}

// mostAlike is how many files in one encoding are taken of a package: some have the same
// name in the head of hundreds.
const mostAlike = 40

// realTexts are the files below a folder that declare a legacy encoding and
// are well-formed in it, each content once, with what they declare hidden.
// UTF-8 catalogues are returned beside.
func realTexts(dir string) (legacy, catalogues []encodedText, err error) {
	seen := map[string]bool{}
	alike := map[string]int{}
	err = filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(p)
		if err != nil || seen[string(raw)] {
			return err
		}
		seen[string(raw)] = true
		path, _ := filepath.Rel(dir, p)
		pkg, inside, _ := strings.Cut(path, "/")
		if slices.ContainsFunc(untrue, func(end string) bool { return strings.HasSuffix(path, end) }) {
			return nil
		}
		if isUTF8(raw) {
			catalogues = append(catalogues, encodedText{path: path, pkg: pkg, text: raw})
			return nil
		}
		_, inside, _ = strings.Cut(inside, "/") // without the archive
		enc := saidOf(inside, raw)
		if enc == nil {
			return nil
		}
		raw = hidden(raw)
		text, malformed := enc.Decode(raw)
		if malformed > 0 && strings.HasPrefix(enc.Name(), "iso-8859-1") {
			enc = charset.Named("windows-1252")
			text, malformed = enc.Decode(raw)
		}
		kind := pkg + " " + enc.Name()
		if malformed == 0 && alike[kind] < mostAlike && utf8.Valid(text) && string(text) != string(raw) && !utf8.Valid(raw) == (enc.Name() != "iso-2022-jp") {
			alike[kind]++
			legacy = append(legacy, encodedText{path, pkg, enc.Name(), false, isList(text) || strings.HasSuffix(path, ".aff"), raw, text})
		}
		return nil
	})
	return legacy, catalogues, err
}

// isList reports whether a text is a list of letters rather than one in a language, such
// as a keymap, an input method, hyphenation or a font's table: half of the words that hold
// letters beyond ASCII have one letter or two; of Chinese and Japanese, one.
func isList(text []byte) bool {
	short, words := 0, 0
	for word := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		length, least := 0, 3
		beyond := false
		for _, r := range word {
			length++
			beyond = beyond || r >= utf8.RuneSelf
			if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
				least = 2
			}
		}
		if beyond {
			words++
			if length < least {
				short++
			}
		}
	}
	return short*2 >= words
}
