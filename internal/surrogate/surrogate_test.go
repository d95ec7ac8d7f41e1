package surrogate

import "testing"

// TestHalf holds which strings have half of a surrogate pair, whatever else is in them.
func TestHalf(t *testing.T) {
	for text, half := range map[string]bool{
		`\ud800`: true, `\udfff`: true, `\uD83D`: true, `a\ude00`: true, `\ud83d\ud83d\ude00`: true, `\ud83dx\ude00`: true, `\ud83d\n\ude00`: true, `\ud83d\\ude00`: true,
		`\ude00\ud83d`: true, `\ufffd\ud83d`: true, "\ufffd\\ud83d": true, `\ud83d\ude00\ud83d`: true, `\\\ud800`: true,
		`\ud7ff`: false, `\ue000`: false, `\ud83d\ude00`: false, `\uD800\uDC00`: false, `\udbff\udfff`: false, `\ufffd`: false, `\uFFfd`: false, "\ufffd": false,
		`\\ud800`: false, `\\\\ud800`: false, `\"\\`: false, ``: false, `ud800`: false,
	} {
		if Half([]byte(`"`+text+`"`)) != half {
			t.Errorf("%s: want %v", text, half)
		}
	}
}
