package tokenize

import (
	"errors"
	"fmt"
	"math/bits"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
)

// Form is how a document's text is arranged in its tokens.
type Form uint8

// The forms. P, M and S are the prefix, middle and suffix of the text; begin, hole and
// end are the sentinels. A text "abc" that is cut into a, b and c becomes
//
//	psm  begin a hole c end b
//	spm  begin hole c end a b
//
// so that a model which has learned it writes b, the middle, last.
const (
	Plain   Form = iota // P M S, not divided
	PSM                 // begin P hole S end M
	SPM                 // begin hole S end P M: variant 2 of SPM (arXiv 2207.14255, appendix D)
	Padding             // of a segment that only fills a sequence up
)

// String returns the form's name in the output: none, psm, spm or pad.
func (f Form) String() string { return [...]string{"none", "psm", "spm", "pad"}[f] }

// parseForm is the reverse of String.
func parseForm(s string) (Form, error) {
	for f := Plain; f <= Padding; f++ {
		if f.String() == s {
			return f, nil
		}
	}
	return 0, fmt.Errorf("there is no arrangement %q", s)
}

// Sentinels are the ids of the three tokens of FIM. No text is ever encoded to one of
// them, so that they can be found again.
type Sentinels struct{ Begin, Hole, End uint32 }

// form decides how a use of a document is arranged, by hashes of seed, id and epoch.
func (f FIM) form(seed uint64, id corpus.ID, epoch int64) Form {
	if fraction(corpus.Hash(seed, "fim", id, uint64(epoch))) >= f.Rate {
		return Plain
	}
	if fraction(corpus.Hash(seed, "fim.spm", id, uint64(epoch))) < f.SPMRate {
		return SPM
	}
	return PSM
}

// fraction maps a hash to [0, 1).
func fraction(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// Cut divides a text into prefix, middle and suffix at two boundaries between
// characters. Each boundary is drawn uniformly from all of them, the start and the end
// of the text included, so that parts may be empty; a and b are 64 random bits each.
// Megatron's and StarCoder's code draws them so (recipe of arXiv 2305.06161). The parts
// are slices of text.
func Cut(text []byte, a, b uint64) (prefix, middle, suffix []byte) {
	n := uint64(utf8.RuneCount(text)) + 1
	from, _ := bits.Mul64(a, n)
	to, _ := bits.Mul64(b, n)
	if from > to {
		from, to = to, from
	}
	i := offset(text, from)
	j := i + offset(text[i:], to-from)
	return text[:i], text[i:j], text[j:]
}

// offset returns at which byte of text its character number n begins, counted from 0.
func offset(text []byte, n uint64) int {
	i := 0
	for ; n > 0; n-- {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRune(text[i:])
		i += size
	}
	return i
}

// errForm says that tokens are not what their form promises.
var errForm = errors.New("the sentinels of FIM are not where they belong")

// Parts undoes the arrangement: it returns slices of ids which, decoded one after the
// other, give the text. ids must not have BOS and EOS. It is an error if the sentinels
// are not where the form has them.
func (s Sentinels) Parts(ids []uint32, f Form) ([][]uint32, error) {
	if f == Plain {
		return [][]uint32{ids}, nil
	}
	if f != PSM && f != SPM {
		return nil, errForm
	}
	var at []int // of the sentinels
	for i, id := range ids {
		if id == s.Begin || id == s.Hole || id == s.End {
			at = append(at, i)
		}
	}
	if len(at) != 3 || at[0] != 0 || ids[0] != s.Begin || ids[at[1]] != s.Hole || ids[at[2]] != s.End {
		return nil, errForm
	}
	first, second, third := ids[1:at[1]], ids[at[1]+1:at[2]], ids[at[2]+1:]
	if f == SPM {
		if len(first) != 0 {
			return nil, errForm
		}
		return [][]uint32{third, second}, nil
	}
	return [][]uint32{first, third, second}, nil
}
