package pretoken

import (
	"slices"
	"strings"

	"github.com/codemill/codemill/tokenize/bpe/internal/charset"
	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// A Pretokenizer cuts text into pretokens. It never changes.
type Pretokenizer struct {
	scanner *windows         // nil where general is used
	general *general         // nil where scanner is used
	kinds   *charset.Classes // letters and marks, numbers, white space, for streams
}

// New makes the pre-tokenizer of the steps: the scanner written for
// them, or the general engine if there is none.
func New(t *charset.Tables, steps []vocab.Step) (*Pretokenizer, error) {
	p := &Pretokenizer{kinds: charset.NewClasses(map[uint8]charset.Set{
		isLetter: charset.Union(t.Category["L"], t.Category["M"]), isNumber: t.Digits, isSpace: t.Space})}
	var err error
	if p.scanner, err = newScanner(t, steps); err == nil && p.scanner == nil {
		p.general, err = newGeneral(t, steps)
	}
	return p, err
}

// HasScanner tells that there is a scanner for the steps: [Pretokenizer.Scan] is
// to be used then, [Pretokenizer.Spans] otherwise.
func (p *Pretokenizer) HasScanner() bool { return p.scanner != nil }

// Scan writes the ends of the pretokens from text[pos] on into ends, and returns
// how many it wrote. It fills ends but for the room of a window, [Room], unless
// the text is at its end. The scratch memory is one text's, from its beginning to
// its end. A scanner does not look back: a position that ends a pretoken is all
// the state there is.
func (p *Pretokenizer) Scan(text []byte, pos int, ends []int, s *Scratch) int {
	return p.scanner.scan(text, pos, ends, s)
}

// Spans cuts a text into its pretokens by the general engine, in order. Text that
// a step removes is in none.
func (p *Pretokenizer) Spans(text []byte) []Span { return p.general.spans(text) }

// newScanner is nil if no scanner is written for the steps.
func newScanner(t *charset.Tables, steps []vocab.Step) (*windows, error) {
	canon := slices.Clone(steps)
	for i := range canon {
		// A file may hold the line ends themselves or their escapes.
		canon[i].Pattern = strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(canon[i].Pattern)
		if len(steps) == 1 && canon[i].Behavior == "Removed" && canon[i].Invert {
			// Only matches stay, which is all of the text for the patterns below.
			canon[i].Behavior, canon[i].Invert = "Isolated", false
		}
	}
	is := func(want ...vocab.Step) bool { return slices.Equal(canon, want) }
	digits := vocab.Step{Type: "Digits", Individual: true}
	cjk := vocab.Split("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+")
	switch {
	case is(vocab.Split(vocab.GPT2Pattern)):
		return newGPT2(t, false), nil
	case is(digits, vocab.Split(vocab.GPT2Pattern)):
		return newGPT2(t, true), nil
	case is(vocab.Split(vocab.CL100KPattern)):
		return newCL100K(t, 3), nil
	case is(vocab.Split(vocab.Qwen2Pattern)):
		return newCL100K(t, 1), nil
	case is(vocab.Split(vocab.O200KPattern)):
		return newO200K(t), nil
	case is(vocab.Split(`[\r\n]`), vocab.Split(`\s?\p{L}+`), vocab.Split(`\s?\p{P}+`), cjk, digits):
		return newDeepSeekCoder(t), nil
	case is(vocab.Split(`[\r\n]`), vocab.Split(`\s?`+vocab.DeepSeekLLMLetters+`+`), vocab.Split(`\s?`+vocab.DeepSeekLLMPunct+`+`), vocab.Split(`\s+$`), cjk, digits):
		return newDeepSeekLLM(t)
	case is(vocab.Split(`\p{N}{1,3}`), vocab.Split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"), vocab.Split(vocab.DeepSeekV3Pattern)):
		return newDeepSeekV3(t), nil
	}
	return nil, nil
}
