package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printable escapes what a terminal would act upon, as Go writes it in quotes: names of
// files come from strangers. ESC becomes \x1b, a byte that is no UTF-8 \xff. Line ends
// stay, as messages of several lines have them.
func printable(s string) string {
	clean := true
	for _, r := range s {
		clean = clean && (r == '\n' || unicode.IsPrint(r)) && r != utf8.RuneError
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		for len(line) > 0 {
			r, n := utf8.DecodeRuneInString(line)
			if r == utf8.RuneError || !unicode.IsPrint(r) {
				q := strconv.Quote(line[:n])
				b.WriteString(q[1 : len(q)-1])
			} else {
				b.WriteString(line[:n])
			}
			line = line[n:]
		}
	}
	return b.String()
}

// printableJSON escapes in JSON what printable escapes in text, in JSON's own way, so that
// it says the same: U+009B, with which terminals begin commands, becomes \u009b. Damaged
// JSON may have bytes that are no UTF-8; they become \xff, which is no JSON either.
func printableJSON(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&out, `\x%02x`, b[0])
		case r == '\n' || r == '\t' || unicode.IsPrint(r):
			out.Write(b[:n])
		default:
			for _, u := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&out, `\u%04x`, u)
			}
		}
		b = b[n:]
	}
	return out.String()
}

// printJSON prints a value as JSON, indented by indent if that is not empty.
func printJSON(out io.Writer, indent string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(out, printableJSON(b.Bytes()))
	return err
}

// name prints a name from outside on one line. It is quoted where it is empty, has a quote
// or a line end, or has something that is not printable; so what is quoted can be told
// from what is not, and given back to explain (asPrinted). Spaces need no quotes.
func name(s string) string {
	if s == "" || printable(s) != s || strings.ContainsAny(s, "\n\"") {
		return strconv.Quote(s)
	}
	return s
}

// number prints n with its thousands set apart by commas: 1,234,567.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// amount prints what a rule measured: whole numbers as number does, others with six digits.
func amount(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return number(int64(v))
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// size prints a number of bytes in the largest unit of which there are ten: "9216 KiB"
// and not "9 MiB", so that two digits are told.
func size(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	default:
		return fmt.Sprintf("%d B", n)
	}
}

// duration prints "3.1s" below ten seconds, and "1m12s" above.
func duration(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// percent prints a share of 0 to 1.
func percent(share float64) string { return fmt.Sprintf("%.2f%%", 100*share) }
