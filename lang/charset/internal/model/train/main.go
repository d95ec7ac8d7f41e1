// Command train makes model.gob.gz, the table of package model, from the
// translations that a machine has: gettext catalogues (MO files in UTF-8) and
// translated manual pages.
//
//	go run ./lang/charset/internal/model/train -o lang/charset/internal/model/model.gob.gz FOLDER …
//
// The folders are laid out as /usr/share/locale and /usr/share/man are. It
// prints how much of each language there was and which catalogues were read, so
// that no test is made of what was learnt. What is kept are counts.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"encoding/gob"
	"flag"
	"io"
	"io/fs"
	"log"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/unicode/norm"

	"github.com/codemill/codemill/lang/charset/internal/model"
)

// languages are those that legacy encodings were made for, with the folders
// that their texts are in. English stands for what all have between words.
var languages = []struct{ name, folders string }{
	{"en", "en_GB en_CA en@quot en@boldquot"},
	{"de", "de"}, {"fr", "fr"}, {"es", "es"}, {"it", "it"}, {"pt", "pt pt_BR pt_PT"}, {"nl", "nl"},
	{"sv", "sv"}, {"da", "da"}, {"nb", "nb nn"}, {"fi", "fi"}, {"is", "is"}, {"fo", "fo"},
	{"ca", "ca ca@valencia"}, {"gl", "gl"}, {"eu", "eu"}, {"oc", "oc"}, {"wa", "wa"}, {"ast", "ast"}, {"br", "br"}, {"ga", "ga"}, {"cy", "cy"}, {"sq", "sq"}, {"af", "af"},
	{"pl", "pl"}, {"cs", "cs"}, {"sk", "sk"}, {"hu", "hu"}, {"sl", "sl"}, {"hr", "hr bs sr@latin"}, {"ro", "ro"},
	{"ru", "ru"}, {"uk", "uk"}, {"bg", "bg"}, {"be", "be"}, {"mk", "mk"}, {"sr", "sr"},
	{"el", "el"}, {"tr", "tr"}, {"he", "he"}, {"ar", "ar"}, {"fa", "fa"}, {"vi", "vi"}, {"vi-1258", "vi"}, {"th", "th"},
	{"et", "et"}, {"lv", "lv"}, {"lt", "lt"}, {"eo", "eo"}, {"mt", "mt"},
	{"ja", "ja"}, {"ko", "ko"}, {"zh-Hans", "zh_CN"}, {"zh-Hant", "zh_TW zh_HK"},
}

func main() {
	log.SetFlags(0)
	out := flag.String("o", "model.gob.gz", "the `file` to write")
	flag.Parse()
	texts := map[string][]string{} // by folder
	domains := map[string]bool{}
	for _, dir := range flag.Args() {
		if err := read(dir, texts, domains); err != nil {
			log.Fatal(err)
		}
	}
	t := train(texts)
	log.Printf("catalogues: %s", strings.Join(slices.Sorted(maps.Keys(domains)), " "))
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		err = gob.NewEncoder(z).Encode(t)
	}
	if err == nil {
		err = z.Close()
	}
	if err == nil {
		err = os.WriteFile(*out, b.Bytes(), 0o666)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// read adds the texts below a folder, in the order of their paths.
func read(dir string, texts map[string][]string, domains map[string]bool) error {
	return filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		folder, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		switch {
		case strings.HasSuffix(p, ".mo"):
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			if got := messages(b); len(got) > 0 {
				domains[strings.TrimSuffix(filepath.Base(p), ".mo")] = true
				texts[folder] = append(texts[folder], got...)
			}
		case strings.HasSuffix(p, ".gz") && strings.Contains(rel, "/man"):
			f, err := os.Open(p)
			if err != nil {
				return err
			}
			defer f.Close()
			z, err := gzip.NewReader(f)
			if err != nil {
				return nil
			}
			b, err := io.ReadAll(z)
			if err == nil && utf8.Valid(b) {
				folder, _, _ = strings.Cut(folder, ".")
				texts[folder] = append(texts[folder], strings.Split(string(b), "\n")...)
			}
		}
		return nil
	})
}

var inUTF8 = regexp.MustCompile(`(?i)charset=utf-?8`)

// messages returns the translations of an MO file, without its header.
func messages(b []byte) []string {
	if len(b) < 28 || binary.LittleEndian.Uint32(b) != 0x950412de || !inUTF8.Match(b) {
		return nil
	}
	n, at := int(binary.LittleEndian.Uint32(b[8:])), int(binary.LittleEndian.Uint32(b[16:]))
	var list []string
	for i := 1; i < n && at+8*i+8 <= len(b); i++ {
		size, from := int(binary.LittleEndian.Uint32(b[at+8*i:])), int(binary.LittleEndian.Uint32(b[at+8*i+4:]))
		if from+size <= len(b) && utf8.Valid(b[from:from+size]) {
			list = append(list, string(b[from:from+size]))
		}
	}
	return list
}

// mostRunes of a language are counted: more change little.
const mostRunes = 3 << 20

func train(texts map[string][]string) *model.Tables {
	t := &model.Tables{}
	symbols := map[rune]float64{}
	for r, n := range usualSymbols {
		symbols[r] = n
	}
	for _, l := range languages {
		var b strings.Builder
		seen := map[string]bool{}
		for _, folder := range strings.Fields(l.folders) {
			for _, s := range texts[folder] {
				if !seen[s] && b.Len() < mostRunes*2 {
					seen[s] = true
					b.WriteString(s)
					b.WriteByte('\n')
				}
			}
		}
		text := norm.NFC.String(b.String())
		if l.name == "vi-1258" {
			text = decomposed(text)
		}
		if len(text) < 1000 {
			log.Printf("%s: no text", l.name)
			continue
		}
		found := learn(l.name, text)
		log.Printf("%s: %d bytes, %d letters, %d characters", l.name, len(text), len(found.Letters), len(found.Chars.Runes))
		t.Languages = append(t.Languages, found)
		perLanguage := map[rune]float64{}
		all := 0.0
		for _, r := range text {
			if model.Class(r) == model.Symbol {
				perLanguage[r]++
				all++
			}
		}
		for r, n := range perLanguage {
			symbols[r] += 1000 * n / all // every language counts the same
		}
	}
	all := 0.0
	for _, r := range slices.Sorted(maps.Keys(symbols)) {
		all += symbols[r]
	}
	t.Symbols = costs(symbols, all, 9*model.Nat)
	return t
}

// usualSymbols are counts for what stands in code and prose of any language,
// added to what translations have: a thousand for each language.
var usualSymbols = map[rune]float64{
	'©': 3000, '®': 1000, '°': 2000, '±': 500, '²': 500, '³': 200, 'µ': 300, '·': 700, '§': 700, '¶': 100,
	'«': 2000, '»': 2000, '“': 3000, '”': 3000, '„': 1500, '‘': 1500, '’': 4000, '–': 2000, '—': 2000, '…': 1500, '•': 1500,
	'×': 400, '÷': 100, '¼': 100, '½': 200, '¾': 100, '£': 300, '¥': 100, '€': 500, '¤': 30, '¢': 50, '¿': 300, '¡': 300, '™': 500,
	'´': 500, '¨': 50, '¯': 20, '¸': 20, '¬': 50, '¦': 30, '№': 500, '†': 50, '‡': 20, '‰': 30, '‹': 100, '›': 100, '‚': 30,
}

// decomposed writes Vietnamese as windows-1258 has it.
func decomposed(s string) string {
	var b strings.Builder
	for _, r := range s {
		if _, ok := charmap.Windows1258.EncodeRune(r); ok {
			b.WriteRune(r)
			continue
		}
		d := []rune(norm.NFD.String(string(r)))
		tone := d[len(d)-1]
		if len(d) == 3 && d[1] != tone && (d[1] == 0x323 || d[2] == 0x302 || d[2] == 0x306) {
			tone = d[1]
			d[1], d[2] = d[2], d[1]
		}
		b.WriteString(norm.NFC.String(string(d[:len(d)-1])))
		b.WriteRune(tone)
	}
	return b.String()
}

func quantize(p float64) uint8 {
	return uint8(min(255, math.Round(-math.Log(p)*model.Nat)))
}

// learn counts a language's characters.
func learn(name, text string) *model.Language {
	l := &model.Language{Name: name}
	counts := map[rune]int{}
	letters := 0
	for _, r := range text {
		if c := model.Class(r); (c == model.Latin || c == model.Other) && (unicode.IsLetter(r) || unicode.IsMark(r)) {
			counts[model.Fold(r)]++
			letters++
		}
	}
	latin := 0
	for r, n := range counts { // into sums: no order is seen
		switch {
		case unicode.Is(unicode.Latin, r):
			latin += n
		case unicode.IsMark(r):
			letters -= n
		}
	}
	isLatin := latin*10 > letters*9 && !slices.Contains([]string{"ja", "ko", "zh-Hans", "zh-Hant"}, name)
	const mostLetters = 90
	for r, n := range counts { // sorted below: no order is seen
		switch script := unicode.Is(unicode.Latin, r); {
		case script && !isLatin, name == "ja", name == "ko", name == "zh-Hans", name == "zh-Hant":
		case r < 0x80, n*20000 > letters:
			l.Letters = append(l.Letters, r)
		}
	}
	slices.SortFunc(l.Letters, func(a, b rune) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	l.Letters = l.Letters[:min(len(l.Letters), mostLetters)]
	class := map[rune]int{}
	for i, r := range l.Letters {
		class[r] = model.FixedClasses + i
	}
	classes := model.FixedClasses + len(l.Letters)
	pairs := make([]float64, classes*classes)
	chars := map[int]map[rune]float64{}
	before := model.Boundary
	for _, r := range text {
		c, ok := class[model.Fold(r)]
		if !ok {
			c = model.Class(r)
		}
		if before != model.Boundary || c != model.Boundary {
			pairs[before*classes+c]++
		}
		if model.Usual(c) {
			if chars[c] == nil {
				chars[c] = map[rune]float64{}
			}
			chars[c][r]++
		}
		before = c
	}
	l.Pairs = smooth(pairs, classes)
	if len(l.Letters) == 0 {
		l.Chars = within(name, chars)
	}
	return l
}

// smooth makes costs of counts. What was seen little leans on how often the
// class is at all.
func smooth(pairs []float64, classes int) []uint8 {
	const lean = 15
	alone := make([]float64, classes)
	all := 0.0
	for i, n := range pairs {
		alone[i%classes] += n
		all += n
	}
	cost := make([]uint8, len(pairs))
	for b := range classes {
		row := pairs[b*classes : (b+1)*classes]
		sum := 0.0
		for _, n := range row {
			sum += n
		}
		for c, n := range row {
			chance := (alone[c] + 1) / (all + float64(classes))
			cost[b*classes+c] = quantize((n + lean*chance) / (sum + lean))
		}
	}
	cost[model.Boundary*classes+model.Boundary] = 2 // pieces of text have few
	// Lines of character graphics are in no translation.
	for c := range classes {
		cost[model.Box*classes+c] = 3 * model.Nat
		cost[c*classes+model.Box] = 9 * model.Nat
	}
	cost[model.Box*classes+model.Box] = 1
	cost[model.Box*classes+model.Boundary] = model.Nat
	cost[model.Boundary*classes+model.Box] = 7 * model.Nat
	return cost
}

// costs makes costs of counts, without those above a limit.
func costs(counts map[rune]float64, all float64, limit uint8) (c model.Costs) {
	for _, r := range slices.Sorted(maps.Keys(counts)) {
		if cost := quantize(counts[r] / all); cost < limit {
			c.Runes = append(c.Runes, r)
			c.Costs = append(c.Costs, cost)
		}
	}
	return c
}

// usualShare is how much of all Chinese characters (Kanji, Hangul) in a text of any kind
// are held for any one of those that a national standard has among its usual ones: what
// programs say has few of the words that people write.
const usualShare = 0.15

// within makes the costs of characters within their classes. Those that a
// national standard has among its usual ones count without being seen.
func within(name string, chars map[int]map[rune]float64) (all model.Costs) {
	standard := map[string]struct {
		enc  encoding.Encoding
		last byte // lead byte of the first part, in EUC form or Big5
	}{
		"ja": {japanese.EUCJP, 0xcf}, "ko": {korean.EUCKR, 0xc8}, "zh-Hans": {simplifiedchinese.GBK, 0xd7}, "zh-Hant": {traditionalchinese.Big5, 0xc6},
	}[name]
	usual := map[int][]rune{}
	for r := rune(0x3000); r < 0xffef; r++ {
		c := model.Class(r)
		if !model.Usual(c) {
			continue
		}
		b, err := standard.enc.NewEncoder().Bytes([]byte(string(r)))
		add := 0.01
		switch {
		case err != nil || len(b) != 2 || b[0] < 0xa1 || b[1] < 0xa1 && name != "zh-Hant":
			continue
		case b[0] <= standard.last:
			add = 0.5
			usual[c] = append(usual[c], r)
		}
		if chars[c] == nil {
			chars[c] = map[rune]float64{}
		}
		chars[c][r] += add
	}
	for _, class := range []int{model.Han, model.Hangul} {
		seen := 0.0
		for _, r := range slices.Sorted(maps.Keys(chars[class])) {
			seen += chars[class][r]
		}
		for _, r := range usual[class] {
			chars[class][r] += usualShare * seen / float64(len(usual[class]))
		}
	}
	for _, class := range slices.Sorted(maps.Keys(chars)) {
		sum := 0.0
		for _, r := range slices.Sorted(maps.Keys(chars[class])) {
			sum += chars[class][r]
		}
		const inNoTable = 1.02
		of := costs(chars[class], sum*inNoTable, 14*model.Nat)
		all.Runes = append(all.Runes, of.Runes...)
		all.Costs = append(all.Costs, of.Costs...)
	}
	return all
}
