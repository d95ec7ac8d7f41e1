package bpe

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// algorithmVersion enters the fingerprint. It changes whenever the same
// vocabulary could give other ids than before.
//
//	1: first version.
const algorithmVersion = 1

// noToken stands for a byte that no token holds.
const noToken = math.MaxUint32

// A Tokenizer is a vocabulary with its merges, pre-tokenizer and added tokens.
// It never changes, and any number of goroutines may use it.
type Tokenizer struct {
	name        string
	fingerprint string

	text    []byte   // the tokens' bytes, one after another
	offsets []uint32 // token i is text[offsets[i]:offsets[i+1]]
	byteID  [256]uint32
	longest [256]uint16 // the length of the longest token by its first byte
	merges  *merges
	vectors int               // the width of the kernels that run on this machine
	atoms   *atoms            // nil if the ranks allow none
	splits  splits            // nil if the ranks allow none, and with whole
	whole   map[string]uint32 // ignore_merges: pieces that are tokens are taken as they are

	scanner scanner  // nil where general is used
	general *general // nil where scanner is used
	nfc     bool
	kinds   *classes // letters and marks, numbers, white space, for streams

	added    []AddedToken // sorted by ID
	addedID  map[string]uint32
	ordinary matchers // for Append
	special  matchers // for AppendSpecial

	prefix, suffix []uint32
}

// definition is what a vocabulary file says, whichever its format.
type definition struct {
	name     string
	tokens   [][]byte       // by id; nil for an id that is not used
	literals map[int]string // tokens outside of the byte-level alphabet, which no text becomes
	pairs    []pair
	ranked   bool     // tiktoken: pairs follow from the tokens, ranked by id
	result   []uint32 // by rank; nil where the rank is the id
	whole    bool     // ignore_merges
	steps    []step
	nfc      bool
	added    []AddedToken

	prefix, suffix []uint32 // what the post-processor adds
}

func newTokenizer(d *definition) (*Tokenizer, error) {
	t := &Tokenizer{name: d.name, nfc: d.nfc, added: slices.Clone(d.added), addedID: map[string]uint32{},
		prefix: d.prefix, suffix: d.suffix}
	t.fingerprint = d.fingerprint()
	if t.name == "" {
		t.name = "hf-" + t.fingerprint[:12]
	}
	size := len(d.tokens)
	for _, a := range d.added {
		size = max(size, int(a.ID)+1)
		if _, twice := t.addedID[a.Content]; twice {
			return nil, fmt.Errorf("added token %q is listed twice", a.Content)
		}
		t.addedID[a.Content] = a.ID
	}
	slices.SortFunc(t.added, func(a, b AddedToken) int { return int(a.ID) - int(b.ID) })
	if size > maxTokens || len(d.result) >= maxRanks {
		return nil, fmt.Errorf("vocabulary of %d tokens and %d merges is larger than supported (%d, %d)",
			size, len(d.result), maxTokens, maxRanks)
	}
	t.layOut(d, size)
	for b := range t.byteID {
		t.byteID[b] = noToken
	}
	for id, tok := range d.tokens {
		if len(tok) == 1 {
			t.byteID[tok[0]] = uint32(id)
		}
	}
	if err := t.setMerges(d); err != nil {
		return nil, err
	}
	t.atoms, t.whole = newAtoms(t), wholeTokens(d)
	t.splits = newSplits(t)
	for _, id := range slices.Concat(d.prefix, d.suffix) {
		if int(id) >= size {
			return nil, fmt.Errorf("post_processor: no token has the id %d", id)
		}
	}
	tables, err := loadCharTables()
	if err != nil {
		return nil, err
	}
	if t.ordinary, err = newMatchers(tables, d, true); err != nil {
		return nil, err
	}
	if t.special, err = newMatchers(tables, d, false); err != nil {
		return nil, err
	}
	t.kinds = newClasses(map[uint8]runeSet{isLetter: union(tables.cat["L"], tables.cat["M"]), isNumber: tables.digits, isSpace: tables.space})
	t.scanner, t.general, err = newPretokenizer(tables, d.steps)
	return t, err
}

// wholeTokens is nil without ignore_merges.
func wholeTokens(d *definition) map[string]uint32 {
	if !d.whole {
		return nil
	}
	whole := make(map[string]uint32, len(d.tokens))
	for id, tok := range d.tokens {
		if len(tok) > 0 {
			whole[string(tok)] = uint32(id)
		}
	}
	return whole
}

// setMerges enters the pairs that merge.
//
// In tiktoken's vocabularies those are any two tokens whose concatenation is a
// token, by that one's rank. It is enough to enter one pair of each token, the
// last that the merges of its own bytes come to: where two tokens that make up
// a token stand side by side nothing has merged across the outer edges of the
// two, so that what happened between these is what happens to the token's bytes
// alone.
func (t *Tokenizer) setMerges(d *definition) error {
	t.vectors = vectorWidth()
	t.longest = longestTokens(d.tokens)
	t.merges = newMerges(max(len(d.pairs), len(d.tokens)), d.result)
	for _, p := range d.pairs {
		t.merges.set(p)
	}
	t.merges.byteWeights(&t.byteID)
	if !d.ranked {
		return nil
	}
	var g merger
	var ids []uint32
	for id, tok := range d.tokens {
		if len(tok) < 2 {
			continue
		}
		if ids = t.appendTokens(&g, ids[:0], tok); len(ids) != 2 {
			return fmt.Errorf("token %d, %q, is not what two others merge to", id, tok)
		}
		t.merges.set(pair{ids[0], ids[1], uint32(id)})
		if len(tok) == 2 {
			t.merges.first[int(tok[0])<<8|int(tok[1])] = maxRanks - uint32(id)
		}
	}
	return nil
}

// layOut writes the tokens' bytes one after another. An added token that is in
// the vocabulary, too, keeps the bytes that it has there (other ones only if its
// content, such as "é", is spelled in characters that stand for other bytes).
func (t *Tokenizer) layOut(d *definition, size int) {
	content := make([]string, size)
	for id, literal := range d.literals {
		content[id] = literal
	}
	for _, a := range d.added {
		if int(a.ID) >= len(d.tokens) || d.tokens[a.ID] == nil {
			content[a.ID] = a.Content
		}
	}
	t.offsets = make([]uint32, 1, size+1)
	for id := range size {
		switch {
		case content[id] != "":
			t.text = append(t.text, content[id]...)
		case id < len(d.tokens):
			t.text = append(t.text, d.tokens[id]...)
		}
		t.offsets = append(t.offsets, uint32(len(t.text)))
	}
}

func (d *definition) fingerprint() string {
	h := sha256.New()
	var buf []byte
	flush := func() {
		h.Write(buf)
		buf = buf[:0]
	}
	buf = fmt.Appendf(buf, "bpe %d\x00%t %t\x00%+v\x00%s\x00", algorithmVersion, d.whole, d.nfc, d.steps, d.addedText())
	flush()
	for _, id := range slices.Sorted(maps.Keys(d.literals)) {
		buf = fmt.Appendf(buf, "%d %q\n", id, d.literals[id])
	}
	for _, tok := range d.tokens {
		buf = binary.AppendUvarint(buf, uint64(len(tok)))
		buf = append(buf, tok...)
		if len(buf) > 1<<15 {
			flush()
		}
	}
	buf = append(buf, "\x00merges\x00"...)
	for _, id := range d.result {
		buf = binary.AppendUvarint(buf, uint64(id))
	}
	flush()
	for _, p := range d.pairs {
		buf = binary.LittleEndian.AppendUint32(buf, p.left)
		buf = binary.LittleEndian.AppendUint32(buf, p.right)
		buf = binary.LittleEndian.AppendUint32(buf, p.rank)
		if len(buf) > 1<<15 {
			flush()
		}
	}
	flush()
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// addedText spells the added tokens and the post-processor out for the
// fingerprint. What files rarely have is left out where they have it not, so that
// fingerprints stay as they were before it was supported.
func (d *definition) addedText() string {
	var b strings.Builder
	for i, a := range d.added {
		fmt.Fprintf(&b, "%s{Content:%s ID:%d Special:%t Normalized:%t}", [2]string{"[", " "}[min(i, 1)], a.Content, a.ID, a.Special, a.Normalized)
		if a.SingleWord || a.LStrip || a.RStrip {
			fmt.Fprintf(&b, "%t %t %t", a.SingleWord, a.LStrip, a.RStrip)
		}
	}
	if len(d.added) == 0 {
		b.WriteByte('[')
	}
	b.WriteByte(']')
	if len(d.prefix)+len(d.suffix) > 0 {
		fmt.Fprintf(&b, "%d %d", d.prefix, d.suffix)
	}
	return b.String()
}

// Name is the name of a tiktoken encoding, or "hf-" and the beginning of the
// fingerprint.
func (t *Tokenizer) Name() string { return t.name }

// Fingerprint is a hash, in hexadecimal, of all that ids depend on: vocabulary,
// merges, pre-tokenizer, added tokens and the version of the algorithm. The
// name does not enter it.
func (t *Tokenizer) Fingerprint() string { return t.fingerprint }

// VocabSize is one more than the largest id, added tokens included.
func (t *Tokenizer) VocabSize() int { return len(t.offsets) - 1 }

// TokenBytes is the text of a token: its bytes, or the content of an added
// token; nil for an id that stands for nothing. The caller must not change it.
func (t *Tokenizer) TokenBytes(id uint32) []byte {
	if int(id) >= t.VocabSize() || t.offsets[id] == t.offsets[id+1] {
		return nil
	}
	return t.text[t.offsets[id]:t.offsets[id+1]:t.offsets[id+1]]
}

// SpecialID is the id of an added token, special or not (DeepSeek-Coder's FIM
// sentinels are not), by its content.
func (t *Tokenizer) SpecialID(content string) (uint32, bool) {
	id, ok := t.addedID[content]
	return id, ok
}

// Specials lists the added tokens, special or not, sorted by id. The caller must
// not change it.
func (t *Tokenizer) Specials() []AddedToken { return t.added }

// Affixes are the ids that the post-processor of a tokenizer.json puts in front
// of a text and behind it, BOS and EOS; both are empty for tiktoken's encodings.
// The caller must not change them.
func (t *Tokenizer) Affixes() (prefix, suffix []uint32) { return t.prefix, t.suffix }

// AppendDecoded appends the text of ids to dst. It is the inverse of encoding
// for all valid UTF-8 (normalized first where the vocabulary does; less the
// white space that LStrip and RStrip tokens took): added tokens become their
// content, also where Hugging Face's decoder would take the content for
// byte-level symbols, as for DeepSeek-Coder's "ü". Ids that stand for nothing
// add nothing.
func (t *Tokenizer) AppendDecoded(dst []byte, ids []uint32) []byte {
	for _, id := range ids {
		dst = append(dst, t.TokenBytes(id)...)
	}
	return dst
}

// WithSpecial is the tokenizer with the named added tokens made special, so
// that Append takes them for text: by Hugging Face's rule the FIM sentinels of
// DeepSeek-Coder, which its file does not call special, would become control
// tokens wherever source code spells them out.
func (t *Tokenizer) WithSpecial(contents ...string) (*Tokenizer, error) {
	c := *t
	c.added = slices.Clone(t.added)
	for _, content := range contents {
		i := slices.IndexFunc(c.added, func(a AddedToken) bool { return a.Content == content })
		if i < 0 {
			return nil, fmt.Errorf("tokenizer %s has no added token %q", t.name, content)
		}
		c.added[i].Special = true
	}
	tables, err := loadCharTables()
	if err != nil {
		return nil, err
	}
	if c.ordinary, err = newMatchers(tables, &definition{added: c.added, nfc: c.nfc}, true); err != nil {
		return nil, err
	}
	var changed strings.Builder
	for i, a := range c.added {
		if a.Special != t.added[i].Special {
			fmt.Fprintf(&changed, "special %d\n", a.ID)
		}
	}
	if changed.Len() > 0 {
		sum := sha256.Sum256([]byte(t.fingerprint + "\n" + changed.String()))
		c.fingerprint = hex.EncodeToString(sum[:16])
	}
	return &c, nil
}
