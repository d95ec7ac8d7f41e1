package charset

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	letters "unicode"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/encoding/unicode"

	"github.com/codemill/codemill/lang/charset/internal/model"
)

// A candidate is an encoding that bytes may be in without saying so.
type candidate struct {
	name      string
	prior     int    // how unlikely it is before the bytes are seen, in nats
	languages string // that are written in it
}

const (
	western  = "de fr es it pt nl sv da nb fi is fo ca gl eu oc wa ast br ga sq af"
	central  = "pl cs sk hu sl hr ro sq de"
	cyrillic = "ru uk bg be mk sr"
)

// Every candidate is written among English, too.
const english = "en"

// candidates in order of how usual they are: of two that give the same text in
// the same language the first names it. ISO 8859-1, -8, -9 and -11 are within windows-1252, -1255,
// -1254 and -874.
var candidates = []candidate{
	{"windows-1252", 0, western},
	{"gb18030", 0, "zh-Hans"},
	{"shift_jis", 0, "ja"},
	{"euc-jp", 0, "ja"},
	{"big5", 0, "zh-Hant"},
	{"euc-kr", 0, "ko"},
	{"windows-1251", 0, cyrillic},
	{"koi8-r", 0, "ru bg"},
	{"iso-8859-2", 1, central},
	{"windows-1250", 1, central},
	{"iso-8859-15", 1, western + " et"},
	{"koi8-u", 1, "uk ru"},
	{"iso-8859-7", 1, "el"},
	{"windows-1253", 1, "el"},
	{"windows-1254", 1, "tr"},
	{"windows-1255", 1, "he"},
	{"windows-1256", 1, "ar fa"},
	{"windows-874", 1, "th"},
	{"cp866", 2, "ru uk be"},
	{"iso-8859-13", 2, "lt lv et pl sl hr"},
	{"windows-1257", 2, "lt lv et"},
	{"windows-1258", 2, "vi-1258"},
	{"iso-8859-6", 3, "ar"},
	{"iso-8859-3", 3, "eo mt"},
	{"iso-8859-5", 3, cyrillic},
	{"iso-8859-4", 3, "lv lt et"},
	{"cp437", 3, western},
	{"cp850", 3, western},
	{"macintosh", 3, western},
	{"iso-8859-14", 4, "cy ga"},
	{"cp852", 4, central},
	{"iso-8859-10", 5, "is lv lt et"},
	{"iso-8859-16", 5, "pl hr sl hu"},
}

// The limits of what the detector looks at, so that a file takes it a bounded
// time whatever its length; whether the bytes are well-formed is seen of all.
const (
	mostPieces    = 1000 // different words with bytes beyond ASCII
	mostHighBytes = 4000 // beyond ASCII, within those
	pieceContext  = 24   // letters of ASCII on either side of a byte beyond
	pieceBytes    = 4096 // of a word without a break
	mostAround    = 1000 // different words of ASCII beside those
	aroundBytes   = 32   // how far from them
)

// How sure the detector is, in nats. The margins between the best text and the
// second best, and how unlikely a character beyond ASCII of the best may be,
// comes from the half of the packages of `go run ./bench encodings` that is not tested.
const (
	leastMargin     = 8
	marginPerByte   = 0.6 // of each byte that the two read differently
	mostMargin      = 30
	loneMargin      = 14  // of one word that has no letters of ASCII: "äöü" may be of any alphabet
	mostCost        = 3.7 // of a character on average
	shortCost       = 6   // more for all of them, for a word may be a name
	mostCostWide    = 8   // as mostCost, in encodings of more than a byte
	malformedCost   = 14
	changedLanguage = 5 // of a word in another language than the rest
	loneLetterCost  = 16
	aroundCounts    = 2 // words beside count one half: of a program they may be its names
)

// A ready candidate has its encoding and its languages' tables.
type ready struct {
	*Encoding
	prior     int
	languages []written
	chars     *[256]rune // nil for encodings of more bytes
}

// written is a language in an encoding: the class of each byte and its cost
// within, where a byte is a character.
type written struct {
	*model.Language
	class, within [256]uint8
}

var allReady = sync.OnceValue(func() []ready {
	var list []ready
	for _, c := range candidates {
		r := ready{Encoding: Named(c.name), prior: c.prior * model.Nat}
		if r.oneByte() {
			r.chars = new([256]rune)
			for i := range r.chars {
				r.chars[i] = rune(i)
				if i >= utf8.RuneSelf {
					r.chars[i] = r.char(byte(i))
				}
			}
		}
		for _, l := range model.Load().Languages {
			if l.Name != english && !slices.Contains(strings.Fields(c.languages), l.Name) {
				continue
			}
			w := written{Language: l}
			if r.chars != nil {
				for i, char := range r.chars {
					class, within := l.Class(char)
					w.class[i], w.within[i] = uint8(class), uint8(within)
				}
			}
			r.languages = append(r.languages, w)
		}
		list = append(list, r)
	}
	return list
})

// A reading is a text that bytes may be.
type reading struct {
	*ready
	text uint64 // the hash of what tells readings apart: all of it, or the characters of the bytes in use
	cost
}

// A Text is what bytes say that are not in UTF-8.
type Text struct {
	*Encoding
	UTF8      []byte
	Malformed int  // places where it has U+FFFD
	ByRepo    bool // in the encoding that declared names, or in the wider one
}

// Of returns the text of bytes without NUL and byte order mark: in the encoding that
// they declare, then in the one that is declared for them elsewhere, then in what they
// must be. It returns nil for UTF-8, and where that is not certain. Most places may be
// malformed; declared is a name, or "".
//
// Bytes that are UTF-8 are so whatever is declared, as files are converted more
// often than what stands in them; a few of two bytes a character, which may be
// both by chance, are what reads better.
func Of(raw []byte, most int, declared string) *Text {
	if asciiLength(raw) == len(raw) {
		return sevenBit(raw)
	}
	isUTF8 := utf8.Valid(raw)
	own, _ := Declared(raw)
	for i, name := range []string{own, declared} {
		if e := Named(name); e != nil && (!isUTF8 || !e.oneByte() && !readsBetter(raw, e)) {
			if t := e.fits(raw, most); t != nil {
				t.ByRepo = i > 0
				return t
			}
		}
	}
	if isUTF8 || tooManyControls(raw) {
		return nil
	}
	e := Detect(raw, most)
	if e == nil {
		return nil
	}
	text, malformed := e.Decode(raw)
	return &Text{Encoding: e, UTF8: text, Malformed: malformed}
}

// readsBetter reports whether bytes read better as UTF-8 than in the encoding.
func readsBetter(raw []byte, e *Encoding) bool {
	i := slices.IndexFunc(allReady(), func(c ready) bool { return c.Encoding == e })
	if i < 0 {
		return true
	}
	asUTF8 := ready{Encoding: &Encoding{name: UTF8, enc: unicode.UTF8}}
	for _, l := range model.Load().Languages {
		asUTF8.languages = append(asUTF8.languages, written{Language: l})
	}
	words := cut(raw)
	return asUTF8.cost(words).all <= allReady()[i].cost(words).all
}

// fits returns the text in the encoding, or in the wider one that is meant by its name,
// if not more places than most are malformed.
func (e *Encoding) fits(raw []byte, most int) *Text {
	text, malformed := e.Decode(raw)
	if w := Named(wider[e.name]); w != nil && malformed > 0 {
		return w.fits(raw, most)
	}
	if malformed > max(most, 0) {
		return nil
	}
	return &Text{Encoding: e, UTF8: text, Malformed: malformed}
}

// asciiLength returns how many bytes of ASCII come first.
func asciiLength(raw []byte) (n int) {
	for n+8 <= len(raw) && binary.NativeEndian.Uint64(raw[n:])&0x8080808080808080 == 0 {
		n += 8
	}
	for n < len(raw) && raw[n] < utf8.RuneSelf {
		n++
	}
	return n
}

// sevenBit returns the text of bytes that are all of ASCII and yet another text:
// ISO-2022-JP, whose sequences no other text has, or a declared HZ.
func sevenBit(raw []byte) *Text {
	e := Named(iso2022jp)
	if i := bytes.Index(raw, []byte("\x1b$")); i < 0 || i+2 < len(raw) && raw[i+2] != '@' && raw[i+2] != 'B' {
		if !bytes.Contains(raw, []byte("~{")) { // where HZ leaves ASCII
			return nil
		}
		name, _ := Declared(raw)
		if e = Named(name); e == nil || e.name != "hz-gb-2312" {
			return nil
		}
	}
	text, malformed := e.Decode(raw)
	if malformed > 0 || bytes.IndexByte(text, 0x1b) >= 0 {
		return nil
	}
	return &Text{Encoding: e, UTF8: text}
}

// tooManyControls reports whether more than one in two hundred bytes, a number of
// ours, is a control character that texts have no use for.
func tooManyControls(raw []byte) bool {
	n := 0
	for _, b := range raw {
		if b == 0x7f || b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1a {
			n++
		}
	}
	return n*200 > len(raw)
}

// Detect returns the encoding that bytes beyond ASCII are in, nil where that is
// not certain. Most places may be malformed.
func Detect(raw []byte, most int) *Encoding {
	counts := count(raw)
	words := cut(raw)
	if words.high == 0 {
		return nil
	}
	var readings []reading
	for _, c := range allReady() {
		text, malformed := c.reads(raw, counts, most)
		if malformed > most {
			continue
		}
		cost := c.cost(words)
		cost.all += malformed * malformedCost * model.Nat
		readings = append(readings, reading{&c, text, cost})
	}
	slices.SortStableFunc(readings, func(a, b reading) int { return cmp.Compare(a.all, b.all) })
	if len(readings) == 0 {
		return nil
	}
	best := readings[0]
	limit := mostCost*float64(best.size) + shortCost
	if best.chars == nil {
		limit = mostCostWide * float64(best.size)
	}
	if nats(best.pieces) > limit {
		return nil
	}
	for _, r := range readings[1:] {
		if r.text != best.text && nats(r.all-best.all) < margin(best.ready, r.ready, words) {
			return nil
		}
	}
	return best.Encoding
}

func nats(cost int) float64 { return float64(cost) / model.Nat }

// margin is how much better one candidate has to be than another: the more of
// the text they read differently, the more.
func margin(a, b *ready, w words) float64 {
	differ := 0
	for _, piece := range w.pieces {
		for _, c := range piece {
			if c >= utf8.RuneSelf && (a.chars == nil || b.chars == nil || a.chars[c] != b.chars[c]) {
				differ++
			}
		}
	}
	least := float64(leastMargin)
	if len(w.pieces) == 1 && !bytes.ContainsFunc(w.pieces[0], func(r rune) bool { return r < utf8.RuneSelf && isASCIILetter(byte(r)) }) {
		least = loneMargin
	}
	return min(mostMargin, max(least, marginPerByte*float64(differ)))
}

// count returns how often each byte beyond ASCII is there.
func count(raw []byte) *[128]int {
	var n [128]int
	for _, b := range raw {
		if b >= utf8.RuneSelf {
			n[b-0x80]++
		}
	}
	return &n
}

// reads returns the hash of what tells the candidate's reading from others, and
// how many places it finds malformed; where these are more than most, it reads no
// further.
func (c *ready) reads(raw []byte, counts *[128]int, most int) (text uint64, malformed int) {
	var h xxh3.Hasher
	if c.chars != nil {
		for i, n := range counts {
			if n > 0 {
				char := c.chars[utf8.RuneSelf+i]
				h.WriteString(string(char))
				if char == utf8.RuneError {
					malformed += n
				}
			}
		}
		return h.Sum64(), malformed
	}
	var buffer [2048]byte
	decoder := c.enc.NewDecoder()
	for len(raw) > 0 && malformed <= most {
		plain := asciiLength(raw)
		h.Write(raw[:plain])
		raw = raw[plain:]
		part := raw[:min(len(raw), len(buffer)/utf8.UTFMax)] // so short that its text has room
		n, read, _ := decoder.Transform(buffer[:], part, len(part) == len(raw))
		malformed += hashChars(&h, buffer[:n])
		raw = raw[read:]
	}
	return h.Sum64(), malformed
}

// hashChars hashes what onlyChars makes of a text, and counts as that does.
func hashChars(h *xxh3.Hasher, text []byte) (bad int) {
	from := 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if !isChar(r) {
			h.Write(text[from:i])
			h.WriteString(string(utf8.RuneError))
			from = i + size
			bad++
		}
		i += size
	}
	h.Write(text[from:])
	return bad
}

// words are what the detector looks at of a text.
type words struct {
	pieces [][]byte // that hold bytes beyond ASCII
	high   int      // how many such bytes
	around [][]byte // words of ASCII beside them, which tell the language
}

// cut returns the different words of a text that hold bytes beyond ASCII, with
// the letters of ASCII around and one byte behind each such byte, if it is "0" or
// above, so that a piece holds whole characters of any encoding; and the words
// beside them.
func cut(raw []byte) (w words) {
	seen := map[string]bool{}
	before := 0 // where the last piece ended
	for i := 0; i < len(raw) && len(w.pieces) < mostPieces && w.high < mostHighBytes; {
		if raw[i] < utf8.RuneSelf {
			i++
			continue
		}
		from := i
		for from > before && i-from < pieceContext && isASCIILetter(raw[from-1]) {
			from--
		}
		end := i
		lastHigh := i
		for end < len(raw) && end-from < pieceBytes && end-lastHigh <= pieceContext {
			if raw[end] >= utf8.RuneSelf {
				lastHigh = end
			} else if raw[end] < '0' || end > lastHigh+1 && !isASCIILetter(raw[end]) {
				break
			}
			end++
		}
		w.takeAround(lastLine(raw[max(before, from-aroundBytes):from]), seen)
		w.takeAround(firstLine(raw[end:min(len(raw), end+aroundBytes)]), seen)
		before = end
		i = end
		piece := raw[from:end]
		if seen[string(piece)] {
			continue
		}
		seen[string(piece)] = true
		w.pieces = append(w.pieces, piece)
		for _, b := range piece {
			if b >= utf8.RuneSelf {
				w.high++
			}
		}
	}
	return w
}

// takeAround takes the words of ASCII of a part of a line.
func (w *words) takeAround(part []byte, seen map[string]bool) {
	for word := range bytes.FieldsFuncSeq(part, func(r rune) bool { return r >= utf8.RuneSelf || !isASCIILetter(byte(r)) }) {
		if len(word) > 1 && len(w.around) < mostAround && !seen[string(word)] {
			seen[string(word)] = true
			w.around = append(w.around, word)
		}
	}
}

func lastLine(b []byte) []byte { return b[bytes.LastIndexByte(b, '\n')+1:] }

// firstLine ends also at a byte beyond ASCII, which belongs to the next piece.
func firstLine(b []byte) []byte {
	for i, c := range b {
		if c == '\n' || c >= utf8.RuneSelf {
			return b[:i]
		}
	}
	return b
}

func isASCIILetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// A cost is of the words of a text as a candidate reads them.
type cost struct {
	all    int // what tells readings apart
	pieces int // of it, the words with bytes beyond ASCII
	size   int // characters and ends of those
}

// cost is that in the language that suits the words best, one now and then in
// another.
func (c *ready) cost(w words) cost {
	each := make([]int, len(c.languages))
	costs := make([]cost, len(c.languages))
	var runes []rune
	take := func(piece []byte) (least int) {
		runes = c.runes(runes[:0], piece)
		for i := range c.languages {
			if c.chars != nil {
				each[i] = c.languages[i].ofBytes(piece)
			} else {
				each[i] = c.languages[i].ofRunes(runes)
			}
		}
		return slices.Min(each) + changedLanguage*model.Nat
	}
	for _, piece := range w.pieces {
		other := take(piece)
		capitals := model.CaseCost(runes)
		lone := isLone(piece) && len(runes) > 0 && letters.IsLetter(runes[0])
		for i := range costs {
			n := min(each[i], other) + capitals
			if lone {
				n = loneLetterCost * model.Nat
			}
			costs[i].pieces += n
			costs[i].all += n
			costs[i].size += len(runes) + 1
		}
	}
	for _, piece := range w.around {
		other := take(piece)
		for i := range costs {
			costs[i].all += min(each[i], other) / aroundCounts
		}
	}
	best := slices.MinFunc(costs, func(a, b cost) int { return cmp.Compare(a.all, b.all) })
	best.all += c.prior
	return best
}

// isLone reports whether a piece is one byte beyond ASCII by itself: an alphabet
// has such, too, and it is no evidence of a language in which letters are words.
func isLone(piece []byte) bool {
	return piece[0] >= utf8.RuneSelf && (len(piece) == 1 || len(piece) == 2 && piece[1] < utf8.RuneSelf && !isASCIILetter(piece[1]))
}

func (c *ready) runes(to []rune, piece []byte) []rune {
	if c.chars != nil {
		for _, b := range piece {
			to = append(to, c.chars[b])
		}
		return to
	}
	text, err := c.enc.NewDecoder().Bytes(piece)
	if err != nil {
		return append(to, utf8.RuneError)
	}
	return append(to, bytes.Runes(text)...)
}

// ofBytes is what a piece costs from boundary to boundary.
func (w *written) ofBytes(piece []byte) int {
	cost, before := 0, model.Boundary
	for i, b := range piece {
		class := int(w.class[b])
		cost += w.After(before, class)
		if class != model.Box || i == 0 || piece[i-1] != b { // lines repeat one character
			cost += int(w.within[b])
		}
		before = class
	}
	return cost + w.After(before, model.Boundary)
}

func (w *written) ofRunes(piece []rune) int {
	cost, before := 0, model.Boundary
	for _, r := range piece {
		class, within := w.Class(r)
		cost += w.After(before, class) + within
		before = class
	}
	return cost + w.After(before, model.Boundary)
}
