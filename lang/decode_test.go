package lang

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codemill/codemill/lang/charset"
)

func TestDecode(t *testing.T) {
	code := strings.Repeat("int x;\n", 1200) // 8,400 bytes: two stray ones at most
	for _, c := range []struct {
		raw, text, encoding string
		defect              Defect
	}{
		{"plain é\n", "plain é\n", UTF8, ""}, {"\xef\xbb\xbfx", "x", UTF8, ""}, {"\xef\xbb\xbf", "", UTF8, Empty}, {"", "", UTF8, Empty},
		{"a\x00b", "", UTF8, Binary}, {strings.Repeat("a", 9000) + "\x00", "", UTF8, Binary},
		{"\xff\xfea\x00\x3d\xd8\x00\xde", "a😀", charset.UTF16LE, ""}, {"\xfe\xff\x00a", "a", charset.UTF16BE, ""}, {"\xff\xfea", "", charset.UTF16LE, BadEncoding}, {"\xff\xfe\x00\xd8", "", charset.UTF16LE, BadEncoding},
		{"\xff\xfe\x00\xd8a\x00", "", charset.UTF16LE, BadEncoding}, {"\xfe\xff\x00\x00", "", charset.UTF16BE, Binary}, {"\xff\xfe\x00\x00a\x00\x00\x00", "a", charset.UTF32LE, ""}, {"\x00\x00\xfe\xff\x00\x00\x00a", "a", charset.UTF32BE, ""},
		{"\x00\x00\xfe\xff\x00\x11\x00\x00", "", charset.UTF32BE, BadEncoding},
		{"\xff\xfe\xff\xdb\xff\xdf", "\U0010ffff", charset.UTF16LE, ""}, {"\xff\xfe\x00\xdc\x00\xd8", "", charset.UTF16LE, BadEncoding}, // the halves in the other order
		{"\x00\x00\xfe\xff\x00\x10\xff\xff", "\U0010ffff", charset.UTF32BE, ""}, {"\x00\x00\xfe\xff\x00\x00\xd8\x00", "", charset.UTF32BE, BadEncoding}, {"\x00\x00\xfe\xff\x80\x00\x00\x41", "", charset.UTF32BE, BadEncoding},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n", "", UTF8, LFSPointer},
		{"see below\noid sha256:ab\nsize 3\n", "see below\noid sha256:ab\nsize 3\n", UTF8, ""},
		{pointer(1023), "", UTF8, LFSPointer},
		{pointer(1024), pointer(1024), UTF8, ""},
		{"version https://git-lfs.github.com/spec/v1\nsize 3\n", "version https://git-lfs.github.com/spec/v1\nsize 3\n", UTF8, ""},
		// legacy
		{"na\xefve caf\xe9, d\xe9j\xe0 vu, \x80 5", "naïve café, déjà vu, € 5", "windows-1252", ""}, {"\x80 5", "", "", BadEncoding},
		{"\xe9\x01 aaaaaaaaaaa", "", "", BadEncoding}, {"a\x81b c d e f", "", "", BadEncoding},
		// stray bytes: one in 4,096, 16 at most
		{code + "// \x81", code + "// \ufffd", UTF8, ""},
		{code + "// \x81 \x81", code + "// \ufffd \ufffd", UTF8, ""},
		{code + "// \x81 \x81 \x81", "", "", BadEncoding},
		{code[:4095] + "\x81", code[:4095] + "\ufffd", UTF8, ""},
		{code[:4094] + "\x81", "", "", BadEncoding},
		{strings.Repeat(code, 10) + strings.Repeat(" \x81", 16), strings.Repeat(code, 10) + strings.Repeat(" \ufffd", 16), UTF8, ""},
		{strings.Repeat(code, 10) + strings.Repeat(" \x81", 17), "", "", BadEncoding},
		{code + strings.Repeat("é", 10) + "\xe9", code + strings.Repeat("é", 10) + "\ufffd", UTF8, ""},
		{"\xef\xbb\xbf" + code + "\x81", code + "\ufffd", UTF8, ""},
		{"\xef\xbb\xbfcaf\xe9", "", "", BadEncoding}, // the mark says UTF-8
		{"# -*- coding: euc-jp -*-\n" + code + "# \xa4\xb3\xa4\xec\xff", "# -*- coding: euc-jp -*-\n" + code + "# これ\ufffd", "euc-jp", ""},
	} {
		d := Decode([]byte(c.raw), Encodings{})
		if string(d.Text) != c.text || d.Encoding != c.encoding || d.Defect != c.defect {
			t.Errorf("%.60q: %.60q %s %q, want %.60q %s %q", c.raw, d.Text, d.Encoding, d.Defect, c.text, c.encoding, c.defect)
		}
		if want := strings.Count(c.text, "\ufffd"); d.Stray != want {
			t.Errorf("%.60q: %d stray bytes, want %d", c.raw, d.Stray, want)
		}
		if d := Decode([]byte(c.raw), Encodings{OnlyUTF8: true}); d.Defect == "" && (d.Encoding != UTF8 || d.Stray > 0) {
			t.Errorf("%.60q: converted without leave", c.raw)
		}
	}
}

func TestStrayAndLineEnds(t *testing.T) {
	code := strings.Repeat("int x;\n", 1200)
	for _, c := range []struct {
		raw, text string
		e         Encodings
	}{
		{code + "\x81;", code + ";", Encodings{Stray: StrayRemove}},
		{code + "\x81;", "", Encodings{Stray: StrayRefuse}},
		{code + "\ufffd\x81;", code + "\ufffd;", Encodings{Stray: StrayRemove}}, // one that was written stays
		{"a\r\nb\rc\n", "a\r\nb\rc\n", Encodings{}},
		{"a\r\nb\rc\n", "a\nb\rc\n", Encodings{LineEnds: LineEndsLF}},
		{"a\rb\r", "a\nb\n", Encodings{LineEnds: LineEndsLF}},
		{"a\nb", "a\nb", Encodings{LineEnds: LineEndsLF}},
	} {
		if d := Decode([]byte(c.raw), c.e); string(d.Text) != c.text {
			t.Errorf("%.30q %+v: %.30q, want %.30q", c.raw, c.e, d.Text, c.text)
		}
	}
}

// pointer is a Git LFS pointer of a size.
func pointer(size int) string {
	const start = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"
	return start + strings.Repeat("x", size-len(start))
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"\xff\xfea\x00", "\xfe\xff\x00a", "caf\xe9", "\xef\xbb\xbfx", "\x00\x00\xfe\xff\x00\x00\x00a", "\x1b$B$3$l\x1b(B", "\x83\x65\x83\x58\x83\x67", "# coding: gbk\n\xc4\xe3"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, convert bool) {
		was := bytes.Clone(raw)
		d := Decode(raw, Encodings{OnlyUTF8: !convert})
		text, encoding, defect := d.Text, d.Encoding, d.Defect
		if !bytes.Equal(raw, was) {
			t.Fatal("the bytes were changed")
		}
		if (defect == "") != (len(text) > 0) || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			t.Fatalf("%q %s %q", text, encoding, defect)
		}
		if defect == "" && encoding == UTF8 && d.Stray == 0 && !bytes.HasSuffix(raw, text) {
			t.Fatal("UTF-8 was changed")
		}
	})
}
