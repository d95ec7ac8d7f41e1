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
	IDBits    = 20
	maxTokens = 1<<IDBits - 3
	MaxRanks  = 1<<24 - 1
)

// A pair of tokens and the rank of its merge.
type Pair struct{ Left, Right, Rank uint32 }

// A Definition is what a vocabulary file says, whichever its format.
type Definition struct {
	Name     string
	Tokens   [][]byte       // by id; nil for an id that is not used
	literals map[int]string // tokens outside of the byte-level alphabet, which no text becomes
	Pairs    []Pair
	Ranked   bool     // tiktoken: pairs follow from the tokens, ranked by id
	Result   []uint32 // by rank; nil where the rank is the id
	Whole    bool     // ignore_merges
	Steps    []Step
	NFC      bool
	Added    []Added

	Prefix, Suffix []uint32 // what the post-processor adds
}

// An Added token is matched in the text as it is written: see bpe.AddedToken.
type Added struct {
	Content             string
	ID                  uint32
	Special, Normalized bool
	SingleWord          bool
	LStrip, RStrip      bool
}

// Check refuses what no tokenizer can be made of.
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

// inUTF8 tells that valid UTF-8 may hold a byte.
func inUTF8(b byte) bool { return b < 0xc0 || b >= 0xc2 && b < 0xf5 }

// size is one more than the largest id, added tokens included.
func (d *Definition) size() int {
	size := len(d.Tokens)
	for _, a := range d.Added {
		size = max(size, int(a.ID)+1)
	}
	return size
}

// Texts are the texts of all tokens, by id. An added token that is in the
// vocabulary, too, keeps the bytes that it has there (other ones only if its
// content, such as "é", is spelled in characters that stand for other bytes).
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

// Fingerprint is a hash, in hexadecimal, of all that ids depend on.
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

// addedText spells the added tokens and the post-processor out for the
// fingerprint. What files rarely have is left out where they have it not, so that
// fingerprints stay as they were before it was supported.
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
