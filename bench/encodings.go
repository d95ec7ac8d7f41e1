package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wlynxg/chardet"
	"golang.org/x/text/unicode/norm"

	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/lang/charset"
)

//go:embed peers/encodings_side.py
var encodingsSide string

// What became of a text.
const (
	textRight = "right"
	textWrong = "wrong" // accepted with another text
	textLeft  = "left"  // not accepted
)

// A recognizer says what becomes of each text.
type recognizer struct {
	name string
	run  func(texts []encodedText) ([]string, error)
}

// sizes of what is recognised: whole files, then letters of comments in code.
var sizes = []int{0, 2000, 200, 20}

// encodings measures how texts without a declaration are recognised.
func encodings(w io.Writer, args []string) (map[string]float64, error) {
	flags := flag.NewFlagSet("encodings", flag.ContinueOnError)
	debian := &debianSources{}
	flags.StringVar(&debian.dir, "dir", filepath.Join(defaultCache(), "encodings"), "folder for what is kept of the packages")
	flags.StringVar(&debian.mirror, "mirror", "http://deb.debian.org/debian", "Debian mirror")
	flags.StringVar(&debian.suite, "suite", "bookworm", "Debian release")
	half := flags.String("half", "tested", "packages that are taken: tested, tuned (which the detector's limits come from), or both")
	python := flags.String("python", "python3", "Python to make the environment with")
	most := flags.Int("most", 400, "texts of a size, real and made each, that peers are given: charset-normalizer takes a tenth of a second each")
	alone := flags.Bool("alone", false, "without peers")
	verbose := flags.Bool("v", false, "print each text that codemill does not have right")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	var err error
	if debian.dir, err = filepath.Abs(debian.dir); err != nil {
		return nil, err
	}
	kept, err := debian.fetchSources(*python)
	if err != nil {
		return nil, err
	}
	real, catalogues, err := realTexts(kept)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "%d legacy files of %d packages\n\n", len(real), packagesOf(real))
	whole := slices.DeleteFunc(append(real, makeTexts(catalogues)...), func(t encodedText) bool {
		return *half != "both" && *half != halfOf(t.pkg)
	})
	if len(whole) < 100 {
		return nil, errors.New("there are hardly any legacy files")
	}
	sides := []recognizer{{"codemill", recognize}, {"wlynxg/chardet 1.0.5", recognizeGo}}
	if !*alone {
		v, err := makeVenv(*python, filepath.Join(debian.dir, "venv"))
		if err != nil {
			return nil, err
		}
		for _, name := range []string{"chardet", "charset-normalizer"} {
			version, err := v.install(name)
			if err != nil {
				return nil, err
			}
			sides = append(sides, recognizer{name + " " + version, func(texts []encodedText) ([]string, error) {
				return recognizePython(v, filepath.Join(debian.dir, "work"), name, texts)
			}})
		}
	}
	rows := [][]string{{"texts", "side", "number", "right", "left", "wrong", "of 1000", "ms each"}}
	ratios := map[string]float64{}
	each := map[string]map[string]int{} // by encoding, of codemill
	for _, size := range sizes {
		for _, kindOf := range []struct {
			name       string
			made, list bool
		}{{"", false, false}, {", lists", false, true}, {", made", true, false}} {
			var texts []encodedText
			for _, t := range whole {
				if t.made != kindOf.made || t.list != kindOf.list {
					continue
				}
				if size == 0 {
					texts = append(texts, t)
				} else if c := comment(t, size); c != nil {
					texts = append(texts, *c)
				}
			}
			kind := map[int]string{0: "whole files"}[size]
			if kind == "" {
				kind = fmt.Sprintf("comments of %d letters", size)
			}
			kind += kindOf.name
			if len(texts) == 0 {
				continue
			}
			for _, s := range sides {
				given := texts
				if s.name != "codemill" && len(given) > *most {
					given = sample(texts, *most)
				}
				start := time.Now()
				results, err := s.run(given)
				if err != nil {
					return nil, err
				}
				took := time.Since(start)
				n := map[string]int{}
				for i, r := range results {
					n[r]++
					if s.name != "codemill" {
						continue
					}
					t := given[i]
					t.encoding += kindOf.name
					if each[t.encoding] == nil {
						each[t.encoding] = map[string]int{}
					}
					each[t.encoding][fmt.Sprint(size, r)]++
					if *verbose && r != textRight {
						d := lang.Decode(t.raw, lang.Encodings{})
						fmt.Fprintf(os.Stderr, "%s\t%d\t%s\t%s\t%s\t%s\n", r, size, t.encoding, d.Encoding, t.path, firstDifference(t.text, d.Text))
					}
				}
				all := float64(len(given))
				rows = append(rows, []string{kind, s.name, fmt.Sprint(len(given)), fmt.Sprintf("%.1f%%", 100*float64(n[textRight])/all), fmt.Sprint(n[textLeft]),
					fmt.Sprint(n[textWrong]), fmt.Sprintf("%.1f", 1000*float64(n[textWrong])/all), fmt.Sprintf("%.2f", took.Seconds()*1000/all)})
				ratios[strings.ReplaceAll(fmt.Sprintf("%s %s right", kind, s.name), " ", "_")] = float64(n[textRight]) / all
			}
		}
	}
	if err := table(w, rows); err != nil {
		return nil, err
	}
	return ratios, encodingTable(w, each)
}

// halfOf says whether the detector's limits may have been chosen by a package's texts.
func halfOf(pkg string) string {
	if hash("half "+pkg)%2 == 0 {
		return "tuned"
	}
	return "tested"
}

func packagesOf(texts []encodedText) int {
	seen := map[string]bool{}
	for _, t := range texts {
		seen[t.pkg] = true
	}
	return len(seen)
}

// firstDifference returns the first line that two texts do not share.
func firstDifference(a, b []byte) string {
	other := bytes.Split(b, []byte("\n"))
	for i, line := range bytes.Split(a, []byte("\n")) {
		if i < len(other) && !bytes.Equal(line, other[i]) {
			return fmt.Sprintf("%q is read as %q", line, other[i])
		}
	}
	return ""
}

// encodingTable prints codemill's results by encoding: right, left and wrong of
// each size.
func encodingTable(w io.Writer, each map[string]map[string]int) error {
	rows := [][]string{{"right/left/wrong", "whole files", "2000 letters", "200 letters", "20 letters"}}
	for _, name := range slices.Sorted(maps.Keys(each)) {
		row := []string{name}
		for _, size := range sizes {
			n := each[name]
			row = append(row, fmt.Sprintf("%d/%d/%d", n[fmt.Sprint(size, textRight)], n[fmt.Sprint(size, textLeft)], n[fmt.Sprint(size, textWrong)]))
		}
		rows = append(rows, row)
	}
	return table(w, rows)
}

// sample takes every n-th text.
func sample(texts []encodedText, most int) []encodedText {
	var list []encodedText
	for i := range most {
		list = append(list, texts[i*len(texts)/most])
	}
	return list
}

// compareTexts compares a text with the true one; both ways of Vietnamese are one.
func compareTexts(text []byte, t encodedText) string {
	if string(text) == string(t.text) || norm.NFC.String(string(text)) == norm.NFC.String(string(t.text)) {
		return textRight
	}
	return textWrong
}

func recognize(texts []encodedText) ([]string, error) {
	var results []string
	for _, t := range texts {
		d := lang.Decode(t.raw, lang.Encodings{Stray: lang.StrayRefuse})
		if d.Defect != "" {
			results = append(results, textLeft)
		} else {
			results = append(results, compareTexts(d.Text, t))
		}
	}
	return results, nil
}

func recognizeGo(texts []encodedText) ([]string, error) {
	var results []string
	for _, t := range texts {
		enc := charset.Named(chardet.Detect(t.raw).Encoding)
		if enc == nil {
			results = append(results, textLeft)
			continue
		}
		text, malformed := enc.Decode(t.raw)
		if malformed > 0 {
			results = append(results, textLeft)
		} else {
			results = append(results, compareTexts(text, t))
		}
	}
	return results, nil
}

func recognizePython(v *venv, dir, name string, texts []encodedText) ([]string, error) {
	list, err := writeEncoded(dir, texts)
	if err != nil {
		return nil, err
	}
	out, err := run(time.Hour, "", v.python, "-c", encodingsSide, name, list)
	if err != nil {
		return nil, err
	}
	var results []string
	if err := json.Unmarshal([]byte(out), &results); err != nil {
		return nil, err
	}
	if len(results) != len(texts) {
		return nil, fmt.Errorf("%s: %d results of %d texts", name, len(results), len(texts))
	}
	return results, nil
}
