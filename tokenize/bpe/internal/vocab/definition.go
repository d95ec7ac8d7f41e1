package vocab

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Limits of a vocabulary: merging packs two ids and a rank of 24 bits into 64 bits.
// The two highest ids stand for no token.
const (
	IDBits    = 20            // bits of an id
	maxTokens = 1<<IDBits - 3 // ids there may be: o200k_base, one of the largest, uses 200,019
	MaxRanks  = 1<<24 - 1     // merges there may be
)

// A Pair of tokens that stand side by side may be merged into one. Of all pairs in a
// pretoken the one with the lowest rank is merged first.
type Pair struct{ Left, Right, Rank uint32 }

// A Definition is what a vocabulary file says, whichever its format. The two formats say
// what is merged in different ways:
//
//   - tiktoken lists tokens alone (Ranked, no Pairs). Two tokens may be merged if what
//     they spell together is a token, and its id is the rank.
//   - tokenizer.json lists the pairs, the first with the lowest rank. Pairs[i] becomes the
//     token Result[Pairs[i].Rank]; or the rank is that token's id, where Result is nil.
//
// With the tokens a, b, c, ab and abc as 0 to 4 and the merges "a b" and "ab c", Pairs is
// {0 1 3} {3 2 4} and Result nil, as 3 and 4 rise: "abc" becomes 3 2 and then 4. Were abc
// token 3 and ab token 4, Pairs would be {0 1 0} {4 2 1} and Result 4 3.
//
// It is made once and not changed. Its slices may share memory.
type Definition struct {
	Name     string         // of a tiktoken encoding; "" for a file
	Tokens   [][]byte       // the bytes of each token, by id; nil for an id that is not used
	literals map[int]string // tokens by id whose characters stand for no bytes (ByteAlphabet), which no text becomes
	Pairs    []Pair         // tokenizer.json: in the order of their merges
	Ranked   bool           // tiktoken: pairs follow from the tokens, ranked by id
	Result   []uint32       // the token that a merge makes, by rank; nil where the rank is the id
	Whole    bool           // ignore_merges: a pretoken that is a token becomes it, whatever the merges say
	Steps    []Step         // how a text is cut into pretokens, one after the other
	NFC      bool           // texts are brought into Unicode's form NFC first
	Added    []Added        // in the order of the file

	// Prefix and Suffix are the ids that the post-processor puts around a text, such as
	// BOS and EOS. Nil where it adds none.
	Prefix, Suffix []uint32
}

// An Added token is matched in the text as it is written, before anything is cut or
// merged. bpe.AddedToken says what the flags, which are the file's, mean.
type Added struct {
	Content             string // the text that is matched; not empty
	ID                  uint32
	Special, Normalized bool
	SingleWord          bool
	LStrip, RStrip      bool
}

// Check refuses what no tokenizer can be made of: an added token that is there twice, more
// tokens or merges than ids and ranks have bits for, a byte that a text may hold and that
// is no token, and an affix that is no token.
func (d *Definition) Check() error {
	added := map[string]bool{}
	for _, a := range d.Added {
		if added[a.Content] {
			return fmt.Errorf("added token %q is listed twice", a.Content)
		}
		added[a.Content] = true
	}
	size := d.size()
	if size > maxTokens || len(d.Result) >= MaxRanks {
		return fmt.Errorf("vocabulary of %d tokens and %d merges is larger than supported (%d, %d)",
			size, len(d.Result), maxTokens, MaxRanks)
	}
	var known [256]bool
	for _, tok := range d.Tokens {
		if len(tok) == 1 {
			known[tok[0]] = true
		}
	}
	for b, ok := range known {
		if !ok && inUTF8(byte(b)) {
			return fmt.Errorf("no token for the byte 0x%02X, which text may hold: not supported, as it would be lost", b)
		}
	}
	for _, id := range slices.Concat(d.Prefix, d.Suffix) {
		if int(id) >= size {
			return fmt.Errorf("post_processor: no token has the id %d", id)
		}
	}
	return nil
}

// inUTF8 reports whether valid UTF-8 may hold a byte. 0xC0, 0xC1 and those from 0xF5 on
// are in no encoding of a character.
func inUTF8(b byte) bool { return b < 0xc0 || b >= 0xc2 && b < 0xf5 }

// size is one more than the largest id, added tokens included. Ids below it need not be
// used.
func (d *Definition) size() int {
	size := len(d.Tokens)
	for _, a := range d.Added {
		size = max(size, int(a.ID)+1)
	}
	return size
}

// Texts are the texts of all tokens, by id, into which they are decoded; nil for an id that
// is not used.
//
// An added token may be in the vocabulary as well, where its content is read by
// [ByteAlphabet]. It keeps the bytes that it has there. They are those of its content if
// this is ASCII, as of "<|end|>". Of a content "é" they are not: in the vocabulary that
// character stands for the one byte 0xE9.
func (d *Definition) Texts() [][]byte {
	texts := make([][]byte, d.size())
	copy(texts, d.Tokens)
	for id, literal := range d.literals {
		texts[id] = []byte(literal)
	}
	for _, a := range d.Added {
		if int(a.ID) >= len(d.Tokens) || d.Tokens[a.ID] == nil {
			texts[a.ID] = []byte(a.Content)
		}
	}
	return texts
}

// algorithmVersion enters the fingerprint. It changes whenever the same
// vocabulary could give other ids than before.
//
//	1: first version.
const algorithmVersion = 1

// Fingerprint is a hash, 32 hexadecimal digits, of all that ids depend on. Equal ones give
// the same ids for every text. The name is not in it, so that two files with the same
// contents are one vocabulary. It stands in plans and receipts: what it is made of must
// not change while the ids do not.
func (d *Definition) Fingerprint() string {
	h := sha256.New()
	var buf []byte
	flush := func() {
		h.Write(buf)
		buf = buf[:0]
	}
	buf = fmt.Appendf(buf, "bpe %d\x00%t %t\x00%+v\x00%s\x00", algorithmVersion, d.Whole, d.NFC, d.Steps, d.addedText())
	flush()
	for _, id := range slices.Sorted(maps.Keys(d.literals)) {
		buf = fmt.Appendf(buf, "%d %q\n", id, d.literals[id])
	}
	for _, tok := range d.Tokens {
		buf = binary.AppendUvarint(buf, uint64(len(tok)))
		buf = append(buf, tok...)
		if len(buf) > 1<<15 {
			flush()
		}
	}
	buf = append(buf, "\x00merges\x00"...)
	for _, id := range d.Result {
		buf = binary.AppendUvarint(buf, uint64(id))
	}
	flush()
	for _, p := range d.Pairs {
		buf = binary.LittleEndian.AppendUint32(buf, p.Left)
		buf = binary.LittleEndian.AppendUint32(buf, p.Right)
		buf = binary.LittleEndian.AppendUint32(buf, p.Rank)
		if len(buf) > 1<<15 {
			flush()
		}
	}
	flush()
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// addedText spells the added tokens and the post-processor out for the fingerprint. It is
// what %+v printed of the first version's structs, "[{Content:<s> ID:1 …} {…}]", put
// together by hand. What was supported later (SingleWord, affixes) is written only where a
// file has it, so that fingerprints of all other files stay as they were.
func (d *Definition) addedText() string {
	var b strings.Builder
	for i, a := range d.Added {
		fmt.Fprintf(&b, "%s{Content:%s ID:%d Special:%t Normalized:%t}", [2]string{"[", " "}[min(i, 1)], a.Content, a.ID, a.Special, a.Normalized)
		if a.SingleWord || a.LStrip || a.RStrip {
			fmt.Fprintf(&b, "%t %t %t", a.SingleWord, a.LStrip, a.RStrip)
		}
	}
	if len(d.Added) == 0 {
		b.WriteByte('[')
	}
	b.WriteByte(']')
	if len(d.Prefix)+len(d.Suffix) > 0 {
		fmt.Fprintf(&b, "%d %d", d.Prefix, d.Suffix)
	}
	return b.String()
}
