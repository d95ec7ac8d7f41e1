package filter

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestRowFraction(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"", 0},
		{"\n\n  \n", 0},
		{"a\nb\n", 0}, // two are no rows
		{"a\nb\nc", 1},
		{"a\n\n \nb\n\nc\n", 1}, // blank lines do not part them
		{"one\ntwo\nthree four\nfive\nsix\n", 0},
		{"one\ntwo\nsix\nthree four\n", 9. / 18},
		{"three four\none\ntwo\nsix\n", 9. / 18},
		{"a\nb\nc\nx y\na\nb\nc\n", 6. / 8},
		// What a word is made of does not count, but for digits.
		{"ab\nÄö\n日本\n", 1},
		{"a1\nb22\n3\n", 1},
		{"a\nb2\nc\n", 0},
		{"1a\n2\nb3b3\n", 1},
		{"e\u0301te\nun\nde\u0301ja\n", 1}, // marks are of their letters
		// White space is one space, and none at the ends.
		{"a b\n\ta   b  \n a\tb\r\n", 1},
		{"a b\nab\na b\n", 0},
		// All else is itself.
		{"a,b\na;b\na,b\n", 0},
		{"1.5 20\n0.25 3\n100.0 1\n", 1},
		{"- a\n- b\n- c\n", 1},
		{"- a\n+ b\n- c\n", 0},
		{"|a|1|\n|b|2|\n|c|3|\n", 1},
		{"𝔄 1\n𝔅 2\n𝔅 3\n", 1},
		{"\xff\n\xff\n\xff\n", 1},
		// A sentence ends.
		{"床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n白日依山尽，黄河入海流。\n", 0},
		{"a.\nb.\nc.\n", 0},
		{"a!\nb!\nc! \n", 0},
		{"a?\nb?\nc?\n", 0},
		{"a,\nb,\nc,\n", 1},
		{"a:\nb:\nc:\n", 1},
		{"a\nb\nx.\nc\n", 0}, // and parts rows
		{"a\nb\nc\nx.\n", 3. / 5},
		{"He went home.\nShe did not go there, they say.\nNobody knows why they never met again.\n", 0},
	} {
		if got := rowFraction([]byte(c.text)); got != c.want {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
	for _, hostile := range []string{strings.Repeat("\n", 1<<20), strings.Repeat("a\n", 1<<19), strings.Repeat("a", 1<<20), strings.Repeat("a ", 1<<19), strings.Repeat(".", 1<<20)} {
		if got := rowFraction([]byte(hostile)); got < 0 || got > 1 {
			t.Errorf("%.10q: %v", hostile, got)
		}
	}
}

var words = regexp.MustCompile("[1a]+")

// FuzzRowFraction holds rowFraction against itself written for reading.
func FuzzRowFraction(f *testing.F) {
	for _, s := range []string{"a\nb\nc\nd e\n", "1.5 a\n\n2.5 b\n3.5 c", "é\ne\u0301\nx\n\x85\n", "a \u2028 b\nc d\ne f", "²\n1\n½"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		type line struct {
			shape string
			n     int
			ends  bool
		}
		var lines []line
		all := 0
		isSpace := func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }
		for s := range strings.SplitSeq(text, "\n") {
			var l line
			for _, word := range strings.FieldsFunc(s, isSpace) {
				l.shape += " "
				for _, r := range word {
					l.n++
					l.ends = strings.ContainsRune(".!?…。！？；", r)
					switch {
					case unicode.IsNumber(r):
						l.shape += "1"
					case unicode.IsLetter(r) || unicode.IsMark(r):
						l.shape += "a"
					default:
						l.shape += "<" + strings.ReplaceAll(fmt.Sprint(r), "1", "x") + ">"
					}
				}
			}
			if l.n > 0 {
				lines = append(lines, l)
				all += l.n
			}
		}
		for i := range lines {
			lines[i].shape = words.ReplaceAllStringFunc(lines[i].shape, func(word string) string {
				if strings.Contains(word, "1") {
					return "1"
				}
				return "a"
			})
		}
		rows := 0
		for i := 0; i < len(lines); {
			n, sum := 0, 0
			for ; i+n < len(lines) && lines[i+n].shape == lines[i].shape; n++ {
				sum += lines[i+n].n
			}
			if n >= 3 && !lines[i].ends {
				rows += sum
			}
			i += n
		}
		if got := rowFraction([]byte(text)); got != ratio(int64(rows), int64(all)) {
			t.Errorf("%q: %v, want %v", text, got, ratio(int64(rows), int64(all)))
		}
	})
}
