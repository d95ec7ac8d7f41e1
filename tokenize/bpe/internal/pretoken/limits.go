package pretoken

import (
	"fmt"
	"unicode/utf8"

	"github.com/codemill/codemill/tokenize/bpe/internal/vocab"
)

// Limits of the steps of one file, several times what published ones have (6 steps,
// 274 characters, parentheses 1 deep, 66 KiB). Within them a file takes a second to
// compile at most; regexp2 takes time in the square of some patterns.
const (
	maxSteps      = 64
	maxPattern    = 8192      // characters of all patterns together
	maxDepth      = 64        // parentheses within one another
	maxTranslated = 512 << 10 // bytes of all patterns as they are written for regexp2, where \p{L} has 8 KB
)

// checkLimits refuses more steps or longer patterns than are supported.
func checkLimits(steps []vocab.Step) error {
	if len(steps) > maxSteps {
		return fmt.Errorf("%d pre-tokenizers are more than supported (%d)", len(steps), maxSteps)
	}
	chars := 0
	for _, s := range steps {
		chars += utf8.RuneCountInString(s.Pattern)
	}
	if chars > maxPattern {
		return fmt.Errorf("patterns of %d characters in all are longer than supported (%d)", chars, maxPattern)
	}
	return nil
}
