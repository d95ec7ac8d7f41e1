package lang

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		raw, text, encoding string
		defect              Defect
	}{
		{"plain é\n", "plain é\n", UTF8, ""}, {"\xef\xbb\xbfx", "x", UTF8, ""}, {"\xef\xbb\xbf", "", UTF8, Empty}, {"", "", UTF8, Empty},
		{"a\x00b", "", UTF8, Binary}, {strings.Repeat("a", 9000) + "\x00", "", UTF8, Binary},
		{"\xff\xfea\x00\x3d\xd8\x00\xde", "a😀", UTF16LE, ""}, {"\xfe\xff\x00a", "a", UTF16BE, ""}, {"\xff\xfea", "", UTF16LE, BadEncoding}, {"\xff\xfe\x00\xd8", "", UTF16LE, BadEncoding},
		{"\xff\xfe\x00\xd8a\x00", "", UTF16LE, BadEncoding}, {"\xfe\xff\x00\x00", "", UTF16BE, Binary}, {"\xff\xfe\x00\x00a\x00\x00\x00", "a", UTF32LE, ""}, {"\x00\x00\xfe\xff\x00\x00\x00a", "a", UTF32BE, ""},
		{"\x00\x00\xfe\xff\x00\x11\x00\x00", "", UTF32BE, BadEncoding},
		{"na\xefve caf\xe9, \x80 5", "naïve café, € 5", Windows1252, ""}, {"int x; // \xc4\xe3\xba\xc3", "", "", BadEncoding}, {"a\x81b c d e f", "", "", BadEncoding}, {"\xe9\x01 aaaaaaaaaaa", "", "", BadEncoding},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n", "", UTF8, LFSPointer},
		{"see below\noid sha256:ab\nsize 3\n", "see below\noid sha256:ab\nsize 3\n", UTF8, ""},
		{pointer(1023), "", UTF8, LFSPointer},
		{pointer(1024), pointer(1024), UTF8, ""},
		{"version https://git-lfs.github.com/spec/v1\nsize 3\n", "version https://git-lfs.github.com/spec/v1\nsize 3\n", UTF8, ""},
		{"\xe9aaaa", "éaaaa", Windows1252, ""}, // a fifth
		{"\xe9aaa", "", "", BadEncoding},
		{"\xe9\xe9\xe9" + strings.Repeat("a\xe9", 9) + strings.Repeat("a", 48), "ééé" + strings.Repeat("aé", 9) + strings.Repeat("a", 48), Windows1252, ""}, // 3 of 12 in a run
		{"\xe9\xe9\xe9" + strings.Repeat("a\xe9", 8) + strings.Repeat("a", 48), "", "", BadEncoding},
		{"\xe9\xe9" + strings.Repeat("a", 8), "éé" + strings.Repeat("a", 8), Windows1252, ""}, // two are no run
		{"\xe9\x1aaaa", "é\x1aaaa", Windows1252, ""}, {"\xe9\x1baaa", "", "", BadEncoding}, {"\xe9\x7faaa", "", "", BadEncoding},
		{"\xe9\t\n\r\faaa", "é\t\n\r\faaa", Windows1252, ""}, {"\xe9\vaaa", "", "", BadEncoding},
		{"\xe9\x8daaaaaaaa", "", "", BadEncoding}, {"\xe9\x8eaaaaaaaa", "é\u017daaaaaaaa", Windows1252, ""},
		{"\xff\xfe\xff\xdb\xff\xdf", "\U0010ffff", UTF16LE, ""}, {"\xff\xfe\x00\xdc\x00\xd8", "", UTF16LE, BadEncoding}, // the halves in the other order
		{"\x00\x00\xfe\xff\x00\x10\xff\xff", "\U0010ffff", UTF32BE, ""}, {"\x00\x00\xfe\xff\x00\x00\xd8\x00", "", UTF32BE, BadEncoding}, {"\x00\x00\xfe\xff\x80\x00\x00\x41", "", UTF32BE, BadEncoding},
	} {
		text, encoding, defect := Decode([]byte(c.raw), true)
		if string(text) != c.text || encoding != c.encoding || defect != c.defect {
			t.Errorf("%q: %q %s %q, want %q %s %q", c.raw, text, encoding, defect, c.text, c.encoding, c.defect)
		}
		if _, encoding, defect := Decode([]byte(c.raw), false); defect == "" && encoding != UTF8 {
			t.Errorf("%q: converted without leave", c.raw)
		}
	}
}

// pointer is a Git LFS pointer of a size.
func pointer(size int) string {
	const start = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"
	return start + strings.Repeat("x", size-len(start))
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"\xff\xfea\x00", "\xfe\xff\x00a", "caf\xe9", "\xef\xbb\xbfx", "\x00\x00\xfe\xff\x00\x00\x00a"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, convert bool) {
		was := bytes.Clone(raw)
		text, encoding, defect := Decode(raw, convert)
		if !bytes.Equal(raw, was) {
			t.Fatal("the bytes were changed")
		}
		if (defect == "") != (len(text) > 0) || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			t.Fatalf("%q %s %q", text, encoding, defect)
		}
		if defect == "" && encoding == UTF8 && !bytes.HasSuffix(raw, text) {
			t.Fatal("UTF-8 was changed")
		}
	})
}
