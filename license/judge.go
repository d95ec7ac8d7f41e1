package license

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/codemill/codemill/license/spdx"
)

// What is not understood, or is and has no name, so that no expression that holds
// it is taken for permissive.
const (
	unknownRef    = "LicenseRef-unknown"
	restrictedRef = "LicenseRef-restricted"
)

// A source is where a text comes from, which decides how much its words weigh.
type source uint8

const (
	licenceFile source = iota // all of it is about the licence
	fileHead                  // paragraphs that are not about licences may say anything
	readme                    // what is given is about the licence, and short names count
)

// A span is what a pattern matches in a text.
type span struct {
	start, end int
	expression string // or "" of what is known to be harmless, "WITH …", "name …" or "elsewhere"
}

// An item is a licence that a text holds or names, at one place.
type item struct {
	expression string
	at         int  // its first byte
	whole      bool // by a pattern or a tag, not by a name
	offered    bool // a choice is left between it and the item before
	near       bool // it follows the item before in a list
}

const (
	// offerWords are how far apart two licences may stand, in words, between
	// which "alternatively" leaves a choice.
	offerWords = 60
	// listWords are how far "either" may stand before a licence that a choice begins
	// with, and how far apart the two.
	listWords = 15
	// stubWords are in a text that only points elsewhere, at most.
	stubWords = 150
	// nearWords are at most between two names of one list: "A, the B or the C".
	nearWords = 3
	// maxItems of a text, each counted once in its group, are weighed against each
	// other, which takes a time that grows with their square. What is behind them
	// is not known.
	maxItems = 300
	// titleWords are in a paragraph that is a name and little else, at most.
	titleWords = 12
)

// A reader goes through a text, word by word and match by match.
type reader struct {
	text  []byte
	from  source
	items []item

	words     int
	forbids   bool
	restricts bool
	grants    bool
	elsewhere bool
	unclear   bool // a head speaks of licences in words that are not understood
	foreign   bool // a head names a licence that is not known
	first     int  // the byte at which what was said first stands, or -1

	// Of the gap before the next item:
	gap    int  // words
	offer  int  // words since the last phrase that offers, or -1
	either int  // words since the last phrase that begins a list, or -1
	or     bool // "or" is the last word but an article
	and    bool // "and" is one of the words
	other  bool // so is one that no list of licences has between them, such as what the next is of
	list   bool // the item before is the first of a list, of which the next is the second
}

// judge says what follows from the matches in a text, which are in order and
// apart from each other, and from the words around them.
func judge(text []byte, spans []span, from source) Finding {
	r := reader{text: text, from: from, first: -1, offer: -1, either: -1}
	for _, p := range paragraphs(text, spans, from != licenceFile) {
		r.paragraph(p)
	}
	return r.conclude()
}

// A paragraph is what stands between blank lines, or a whole text.
type paragraph struct {
	words []word
	spans []span
}

// A word of a text, in lower case, that no match covers.
type word struct {
	text  string
	at    int  // its first byte
	apart bool // a match stands between it and the word before
}

// paragraphs cuts a text into words and matches; at blank lines, if it may.
func paragraphs(text []byte, spans []span, cut bool) []paragraph {
	var all []paragraph
	var p paragraph
	blank := true // so far in this line
	apart := false
	low := ""
	if !slices.ContainsFunc(text, func(c byte) bool { return c >= utf8.RuneSelf }) { // else letters may change their length
		low = string(bytes.ToLower(text))
	}
	flush := func() {
		if len(p.words) > 0 || len(p.spans) > 0 {
			all = append(all, p)
			p = paragraph{}
		}
	}
	for at := 0; at < len(text); {
		if len(spans) > 0 && at >= spans[0].start {
			p.spans = append(p.spans, spans[0])
			at = max(at, spans[0].end)
			spans = spans[1:]
			apart, blank = true, at == 0 || at > len(text) || text[at-1] == '\n'
			continue
		}
		if text[at] == '\n' {
			if blank && cut {
				flush()
			}
			blank = true
			at++
			continue
		}
		n := wordLength(text[at:])
		if n == 0 {
			_, size := utf8.DecodeRune(text[at:])
			at += size
			continue
		}
		if len(spans) > 0 {
			n = min(n, spans[0].start-at)
		}
		blank = false
		w := word{at: at, apart: apart}
		if low != "" {
			w.text = low[at : at+n]
		} else {
			w.text = string(bytes.ToLower(text[at : at+n]))
		}
		p.words = append(p.words, w)
		apart = false
		at += n
	}
	flush()
	return all
}

// wordLength returns how many bytes of letters and digits a text begins with.
func wordLength(text []byte) (n int) {
	for n < len(text) {
		c := text[n]
		if c < utf8.RuneSelf {
			if c|0x20 < 'a' && !(c >= '0' && c <= '9') || c|0x20 > 'z' {
				return n
			}
			n++
			continue
		}
		r, size := utf8.DecodeRune(text[n:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return n
		}
		n += size
	}
	return n
}

// paragraph reads one. Of a file's head, only what is about licences counts.
func (r *reader) paragraph(p paragraph) {
	type hit struct {
		at, n int // words
		of    *phrase
	}
	var hits []hit
	var heard [elsewhere + 1]bool
	about := r.from != fileHead || len(p.spans) > 0
	licensing := false
	first := -1
	for i := 0; i < len(p.words); {
		f, n := phrases().match(p.words[i:])
		if f == nil {
			about = about || isAbout(p.words[i].text)
			licensing = licensing || isLicensing(p.words[i:])
			r.foreign = r.foreign || r.isForeign(p.words, i)
			i++
			continue
		}
		hits = append(hits, hit{i, n, f})
		heard[f.meaning] = true
		switch f.meaning {
		case forbids, restricts:
			n = 1 // more may begin within it
			fallthrough
		case grants, elsewhere:
			if first < 0 {
				first = p.words[i].at
			}
		}
		i += n
	}
	begun := len(r.items)
	offered := begun + 1 // the items from here on are not offered by what stands behind them
	for i := 0; i < len(p.words); {
		for len(p.spans) > 0 && p.spans[0].start <= p.words[i].at {
			r.span(p.spans[0])
			p.spans = p.spans[1:]
		}
		n := 1
		switch {
		case len(hits) > 0 && hits[0].at == i:
			h := hits[0]
			hits = hits[1:]
			switch h.of.meaning {
			case offers:
				r.offer = 0
				n = h.n
			case lists:
				r.either = 0
				n = h.n
			case chooses:
				for ; offered < len(r.items); offered++ {
					r.items[offered].offered = true
				}
				n = h.n
			case named, short:
				n = h.n
				if r.isName(h.of, p.words[:i], heard[grants], len(p.words)) {
					r.add(item{expression: h.of.id, at: p.words[i].at})
					r.words += n
					i += n
					continue
				}
				fallthrough
			default:
				r.other = true
			}
		case p.words[i].text == "or":
			r.or = true
		case isPart(p.words[i].text):
			r.offer, r.or, r.other = -1, false, true // what follows is of another part
		case p.words[i].text == "and":
			r.and = true
			r.or = false
		case !isArticle(p.words[i].text):
			r.or = false
			r.other = r.other || !isOfList(p.words[i].text)
		}
		r.words += n
		r.gap += n
		if r.either >= 0 {
			r.either += n
		}
		if r.offer >= 0 {
			r.offer += n
		}
		i += n
	}
	for _, s := range p.spans {
		r.span(s)
	}
	r.elsewhere = r.elsewhere || heard[elsewhere]
	r.unclear = r.unclear || licensing || heard[restricts] || heard[forbids] && slices.ContainsFunc(p.words, func(w word) bool { return isReserving(w.text) })
	if !about && !heard[grants] && len(r.items) == begun {
		return
	}
	r.forbids = r.forbids || heard[forbids]
	r.restricts = r.restricts || heard[restricts]
	r.grants = r.grants || heard[grants]
	if r.first < 0 {
		r.first = first
	}
}

// isName reports whether the name of a licence stands for it, among words of which
// some say that something is licensed. In what a file says of itself at its head,
// permissive names need more than to be there; others do not. Short names are words
// of everything else there, such as of what runs under Perl; in a README, which speaks
// of the licence, that of a language still is.
func (r *reader) isName(of *phrase, before []word, granted bool, words int) bool {
	if of.meaning == short && (r.from == fileHead || r.from == readme && strings.Contains(of.id, " OR ")) {
		return announced(before, granted)
	}
	switch {
	case r.from == readme || announced(before, true) || words <= titleWords:
		return true
	case of.meaning == short:
		return false
	}
	return r.from == licenceFile || granted || TypeOf(of.id) != Permissive
}

// isPart reports whether a word tells of a part of the whole.
func isPart(w string) bool {
	return w == "part" || w == "parts" || w == "portion" || w == "portions" || w == "remainder"
}

func isArticle(w string) bool { return w == "the" || w == "a" || w == "an" || w == "under" }

// isOfList reports whether a word may stand between two licences of one list
// besides articles.
func isOfList(w string) bool {
	return strings.HasPrefix(w, "licen") || w == "version" || w == "gnu" || w == "v" || w[0] >= '0' && w[0] <= '9'
}

// isAbout reports whether a word shows that a paragraph is about licences.
func isAbout(w string) bool {
	return strings.HasPrefix(w, "licen") || strings.HasPrefix(w, "redistribut") || strings.HasPrefix(w, "sublicen") || w == "permission" || w == "software"
}

// isLicensing reports whether the first of some words, or its misspelling, says
// that something has a licence. License keys and servers are things of programs.
func isLicensing(words []word) bool {
	w := words[0].text
	for _, stem := range []string{"licen", "lisen", "liscen", "licesn", "gpl", "lgpl", "agpl", "glp", "aglp"} {
		if strings.HasPrefix(w, stem) {
			return len(words) == 1 || !slices.Contains([]string{"key", "keys", "server", "servers", "manager", "plate", "plates", "identifier", "identifiers"}, words[1].text)
		}
	}
	return false
}

// isReserving reports whether a word tells of what others may not do with a work.
func isReserving(w string) bool {
	for _, stem := range []string{"redistribut", "reproduc", "disclos", "confidential", "copyright", "permission", "consent", "commercial", "copying", "copies", "duplication", "sell", "decompil"} {
		if strings.HasPrefix(w, stem) {
			return true
		}
	}
	return false
}

// isForeign reports whether a word ends the name of a licence that no phrase
// knows, such as Example Public License: its words are written as names are.
func (r *reader) isForeign(words []word, i int) bool {
	if r.from != fileHead || words[i].text != "license" && words[i].text != "licence" {
		return false
	}
	for ; i > 0 && !words[i].apart; i-- {
		before := words[i-1]
		isCapital := func(w word) bool { return r.text[w.at] >= 'A' && r.text[w.at] <= 'Z' }
		switch {
		case !isCapital(words[i]) || !isCapital(before) || before.at+len(before.text)+1 != words[i].at || slices.Contains(plainWords, before.text):
			return false
		case !slices.Contains(kindWords, before.text):
			return true
		}
	}
	return false
}

// Words before licence that end no name of one, and that may stand in any.
var (
	plainWords = strings.Fields("the this a an any and or of in for by to under see with full copyright same your its our following above accompanying included main author warranty read notice terms all style")
	kindWords  = strings.Fields("software source open project program code file public free")
)

// announced reports whether the last words say that the next is a licence's name.
// That something is under it says so only where something is granted.
func announced(before []word, granted bool) bool {
	for _, w := range before[max(0, len(before)-3):] {
		switch w.text {
		case "under":
			if granted {
				return true
			}
		case "license", "licence", "licensed", "licenced", "licenses", "licences", "terms":
			return true
		}
	}
	return false
}

// add adds an item, and decides whether a choice is left between it and the one
// before.
func (r *reader) add(it item) {
	last := len(r.items) - 1
	switch begins := r.either >= 0 && r.either <= listWords; {
	case last >= 0 && it.whole && !r.items[last].whole && r.gap <= titleWords && r.offer < 0 && !r.or && means(it.expression, r.items[last].expression):
		title := r.items[last] // the name stands above its text
		it.at, it.offered, it.near = title.at, title.offered, title.near
		r.items = r.items[:last]
	case last >= 0 && r.gap <= offerWords && (r.or || r.offer >= 0 || r.gap == 0 && r.slash(it.at) && TypeOf(it.expression) == Permissive && TypeOf(r.items[last].expression) == Permissive):
		it.offered = true
		for i := last; i > 0 && r.items[i].near; i-- {
			r.items[i].offered = true
		}
		r.list = begins
	case last >= 0 && r.list && r.gap <= listWords:
		it.offered = true
		r.list = false
	default:
		it.near = last >= 0 && r.gap <= nearWords && !r.and && !r.other
		r.list = begins
	}
	r.items = append(r.items, it)
	r.gap, r.or, r.and, r.other, r.offer, r.either = 0, false, false, false, -1, -1
}

// slash reports whether nothing but a slash stands before a place, such as in
// MIT/Apache-2.0. Between other licences it leaves no choice: GPL/MIT may mean both.
func (r *reader) slash(at int) bool {
	before := bytes.TrimRight(r.text[:at], " ")
	return bytes.HasSuffix(before, []byte("/"))
}

// span takes a match for an item.
func (r *reader) span(s span) {
	exception, isException := strings.CutPrefix(s.expression, "WITH ")
	name, isName := strings.CutPrefix(s.expression, "name ")
	switch {
	case s.expression == "":
	case s.expression == "elsewhere":
		r.elsewhere = true
	case isName:
		r.add(item{expression: name, at: s.start})
	case isException:
		if i := len(r.items) - 1; i >= 0 && spdx.IsID(r.items[i].expression) {
			r.items[i].expression += " WITH " + exception
		}
	default:
		r.add(item{expression: s.expression, at: s.start, whole: true})
	}
}

// conclude joins the items.
func (r *reader) conclude() Finding {
	f := Finding{License: License{Type: None}}
	first := r.first
	if len(r.items) > 0 {
		first = r.items[0].at
	}
	if first >= 0 {
		for first < len(r.text) && wordLength(r.text[first:]) == 0 {
			first++
		}
		f.Line = 1 + bytes.Count(r.text[:first], []byte{'\n'})
	}
	groups, all := grouped(r.items)
	for _, group := range groups {
		for _, it := range group {
			f.Detected = append(f.Detected, spdx.Names(it.expression)...)
		}
	}
	slices.Sort(f.Detected)
	f.Detected = slices.Compact(f.Detected)
	expression := combine(groups, r.from)
	if !all {
		expression = join(expression, " AND ", unknownRef)
	}
	switch of := TypeOf(expression); {
	case r.elsewhere && !r.foreign && !strings.Contains(expression, " ") && vague(expression) && of == Permissive && (r.from == fileHead || r.words <= stubWords):
		f.Elsewhere = true // "a BSD-style license that can be found in the LICENSE file"
		return f
	case expression == "" && r.restricts && (r.grants || r.unclear || r.from != fileHead):
		expression = restrictedRef
	case expression == "" && r.elsewhere && !r.foreign && (r.words <= stubWords || r.from == fileHead):
		f.Elsewhere = true
		return f
	case expression == "" && r.from == licenceFile && r.words == 0,
		expression == "" && r.from == readme && !r.grants && !r.forbids,
		expression == "" && r.from == fileHead && !r.grants && !r.unclear:
		return f
	case expression == "":
	case r.restricts && of != Restricted && (of != Copyleft || slices.ContainsFunc(r.items, func(it item) bool { return it.whole })):
		expression = join(expression, " AND ", restrictedRef)
	case r.forbids && of == Permissive:
		expression = join(expression, " AND ", unknownRef)
	}
	f.License = FromSPDX(expression)
	return f
}

// grouped returns the groups of items between which a choice is left, each group
// and each item of a group once; false where there were more of them than are
// weighed against each other.
func grouped(items []item) (groups [][]item, all bool) {
	seen := map[string]bool{}
	weighed := 0
	for len(items) > 0 {
		end := 1
		for end < len(items) && items[end].offered {
			end++
		}
		group, key := once(items[:end])
		items = items[end:]
		if seen[key] {
			continue
		}
		if weighed += len(group); weighed > maxItems {
			return groups, false
		}
		seen[key] = true
		groups = append(groups, group)
	}
	return groups, true
}

// once returns the different items of a group, and a key of them.
func once(group []item) (list []item, key string) {
	var keys strings.Builder
	seen := map[item]bool{}
	for _, it := range group {
		if k := (item{expression: it.expression, whole: it.whole}); !seen[k] {
			seen[k] = true
			fmt.Fprintf(&keys, "%s %t|", k.expression, k.whole)
			list = append(list, it)
		}
	}
	return list, keys.String()
}

// combine joins groups of items: those between which a choice is left by OR, the
// groups by AND. A name adds nothing to what it names, and nothing does to a choice
// that holds it, be it the text of one of the licences or the choice once more; but
// at the head of a file, a notice of its own stands for itself.
func combine(groups [][]item, from source) string {
	items := slices.Concat(groups...)
	var parts []string
	var kept [][]item
	for _, group := range groups {
		only := group[0]
		absorbed := false
		switch {
		case isChoice(group):
			absorbed = slices.ContainsFunc(kept, func(other []item) bool { return isChoice(other) && holds(other, group) })
		case only.whole && (from == fileHead && TypeOf(only.expression) != Permissive):
		case only.whole:
			absorbed = slices.ContainsFunc(groups, func(other []item) bool { return isChoice(other) && holds(other, group) })
		default:
			absorbed = slices.ContainsFunc(groups, func(other []item) bool { return isChoice(other) && holds(other, group) }) ||
				slices.ContainsFunc(items, func(it item) bool {
					return (it.whole || vague(only.expression) && !vague(it.expression)) && holds([]item{it}, group)
				})
		}
		if absorbed {
			continue
		}
		part := joined(alternatives(group), " OR ")
		if !slices.Contains(parts, part) && !slices.ContainsFunc(kept, func(other []item) bool { return same(other, group) }) {
			parts = append(parts, part)
			kept = append(kept, group)
		}
	}
	return joined(parts, " AND ")
}

// holds reports whether a group has an item for each licence of another.
func holds(group, other []item) bool {
	for _, it := range other {
		for _, id := range spdx.Names(it.expression) {
			if !slices.ContainsFunc(group, func(o item) bool { return covers(o.expression, id) }) {
				return false
			}
		}
	}
	return true
}

// covers reports whether an expression holds a licence that is what an id means:
// of one family; what is not permissive is of the same version as well, unless one
// of them names none, or the expression's leaves later ones open.
func covers(expression, id string) bool {
	return slices.ContainsFunc(spdx.Names(expression), func(n string) bool {
		return family(n) == family(id) && (TypeOf(id) == Permissive || vague(n) || vague(id) || spdx.Base(n) == spdx.Base(id) || strings.HasSuffix(n, "-or-later"))
	})
}

// alternatives are the different expressions of a group, without names that say
// less than another item.
func alternatives(group []item) []string {
	var list []string
	for _, it := range group {
		again := slices.Contains(list, it.expression) || vague(it.expression) && slices.ContainsFunc(group, func(other item) bool {
			return !vague(other.expression) && means(other.expression, it.expression)
		})
		if !again && !it.whole {
			again = slices.ContainsFunc(list, func(other string) bool {
				return means(other, it.expression) && TypeOf(other) == TypeOf(it.expression)
			})
		}
		if !again {
			list = append(list, it.expression)
		}
	}
	return list
}

func isChoice(group []item) bool {
	return len(alternatives(group)) > 1 || strings.Contains(group[0].expression, " OR ")
}

// same reports whether two groups of one item each mean one licence, of which the
// first stands for both.
func same(a, b []item) bool {
	return len(a) == 1 && len(b) == 1 && spdx.Base(a[0].expression) == spdx.Base(b[0].expression)
}

// vague reports whether an expression is the name of a family.
func vague(expression string) bool { return strings.HasPrefix(expression, "LicenseRef-") }

// means reports whether an expression holds a licence of an id's family.
func means(expression, id string) bool {
	return slices.ContainsFunc(spdx.Names(expression), func(n string) bool { return family(n) == family(id) })
}
