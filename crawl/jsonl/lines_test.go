package jsonl

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/crawl/origin"
)

// toldToStop is a context that is cancelled once it was asked so many times.
type toldToStop struct {
	context.Context
	left *int
}

func (c toldToStop) Err() error {
	if *c.left--; *c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestStops holds that neither listing nor reading goes on to the end of a file when it is
// told to stop: not over the rows of one repository, and not over one long line.
func TestStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	o := origin.Options{PieceBytes: 1 << 17, MaxFileBytes: 1 << 10, Repo: func(origin.Fields) string { return "r" }}
	for name, content := range map[string]string{
		"one repository": strings.Repeat(`{"repo": "r", "text": "`+strings.Repeat("x", 1000)+"\"}\n", 1000),
		"one line":       strings.Repeat("x", 1_000_000),
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Opener{}.Open(t.Context(), path, o)
		if err != nil {
			t.Fatal(err)
		}
		stop := func() context.Context { n := 3; return toldToStop{t.Context(), &n} }
		if spans, err := f.Spans(stop()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %d spans, %v", name, len(spans), err)
		}
		for row, err := range f.Rows(stop(), origin.Span{End: int64(len(content))}) {
			if row.Left != nil || row.End >= int64(len(content)) {
				t.Errorf("%s: %+v, %v", name, row, err)
			}
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for line, err := range Lines(stop(), path, 1<<30) {
			if len(line) == len(content) || err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: a line of %d bytes, %v", name, len(line), err)
			}
		}
	}
}

// TestLineLengths holds which lines are too long, just within the limit and just over it,
// with padding that is longer than any line may be.
func TestLineLengths(t *testing.T) {
	const limit = 300_000 // over the buffer of the reader
	pad := strings.Repeat("\x00", limit+7)
	long := strings.Repeat("x", limit)
	for _, c := range []struct {
		text string
		want []string // "-" where a line is too long
	}{
		{long, []string{long}},
		{long + "\n", []string{long}},
		{long + pad, []string{long}},
		{long + "x", []string{"-"}},
		{long + "x\nb", []string{"-", "b"}},
		{long + "x" + pad, []string{"-"}},
		{"a\n" + pad, []string{"a", ""}},
		{"a" + pad + "\nb", []string{"-", "b"}},
		{"a" + pad[:limit-1] + "\n", []string{"a" + pad[:limit-1]}},
		{"a" + pad[:limit] + "\n", []string{"-"}},
		{"a" + pad[:limit-2] + "b", []string{"a" + pad[:limit-2] + "b"}},
		{"a" + pad[:limit-1] + "b", []string{"-"}},
		{pad, []string{""}},
		{"\x00\n\x00", []string{"\x00", ""}},
		{"", nil},
		{"\r\n\n", []string{"", ""}},
	} {
		var got []string
		r := newLineReader(strings.NewReader(c.text), 5, limit)
		for {
			line, err := r.next()
			if err == io.EOF {
				break
			}
			if errors.Is(err, errLineTooLong) {
				line = []byte("-")
			} else if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(line))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d bytes: %d lines", len(c.text), len(got))
		}
		if r.offset != int64(5+len(c.text)) {
			t.Errorf("%d bytes: ends at %d", len(c.text), r.offset)
		}
	}
}

// TestZeroPadding holds that zero bytes at the end of a file cost nothing of it, that a
// row which was not finished before them is malformed, and that they are not passed over
// elsewhere, nor where there is nothing else: something was lost there.
func TestZeroPadding(t *testing.T) {
	pad := strings.Repeat("\x00", 7<<20)
	for _, c := range []struct {
		text string
		want []string
		bad  int
	}{
		{twoRows + pad, []string{"one", "two"}, 0},
		{strings.TrimSpace(twoRows) + pad, []string{"one", "two"}, 0},
		{strings.TrimSpace(twoRows) + "\x00", []string{"one", "two"}, 0},
		{twoRows + `{"text":"thr` + pad, []string{"one", "two"}, 1},
		{twoRows + "\x00\n" + twoRows, []string{"one", "two", "one", "two"}, 1},
		{twoRows + "\x00" + twoRows, []string{"one", "two", "two"}, 1},
		{"\x00" + twoRows, []string{"two"}, 1},
		{"\x00", nil, 1},
		{pad, nil, 1},
		{"", nil, 0},
	} {
		got, left := rows(t, []byte(c.text))
		if !slices.Equal(got, c.want) || len(left) != c.bad || c.bad > 0 && left[0].Reason != origin.Malformed {
			t.Errorf("%d bytes that begin with %.20q: %q, %v", len(c.text), c.text, got, left)
		}
	}
}
