package jsonl

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/codemill/codemill/crawl/origin"
)

// TestExpansion holds how much a compressed file may hold, just within and just
// over it.
func TestExpansion(t *testing.T) {
	for size, want := range map[int64]int64{0: freeExpansion, 1 << 20: freeExpansion, freeExpansion / maxExpansion: freeExpansion, freeExpansion/maxExpansion + 1: freeExpansion/maxExpansion*maxExpansion + maxExpansion} {
		if got := maxExpanded(size); got != want {
			t.Errorf("%d bytes may hold %d, want %d", size, got, want)
		}
	}
	const holds = 5<<20 + 3
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(make([]byte, holds))
	w.Close()
	path := filepath.Join(t.TempDir(), "x.jsonl.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Opener{}.Open(t.Context(), path, origin.Options{MaxFileBytes: 100})
	if err != nil {
		t.Fatal(err)
	}
	for limit, over := range map[int64]bool{holds: false, holds - 1: true, 5 << 20: true, 1 << 20: true} {
		if err := f.decompress(t.Context(), limit); errors.Is(err, errExpansion) != over || !over && err != nil {
			t.Errorf("a limit of %d: %v", limit, err)
		}
	}
}

// TestNames holds which files are taken for JSONL.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]bool{
		"x.jsonl": true, "x.jsonl.gz": true, "x.jsonl.zst": true, "x.jsonl.xz": true, "x.jsonl.bz2": true, "x.json": false, "x.jsonl.zip": false, "jsonl": false,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || (Opener{}).Is(path, info) != want {
			t.Errorf("%s: want %v, %v", name, want, err)
		}
	}
}

// twoRows is what the samples hold.
const twoRows = `{"text":"one"}` + "\n" + `{"text":"two"}` + "\n"

// samples are twoRows compressed in each way. xz and bzip2, which Go does not write, were
// made with xz 5.4.1, whose dictionary is set, and bzip2 1.0.8.
func samples(t *testing.T) map[string][]byte {
	var gz, zs bytes.Buffer
	gw := gzip.NewWriter(&gz)
	gw.Write([]byte(twoRows))
	gw.Close()
	zw, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	zw.Write([]byte(twoRows))
	zw.Close()
	all := map[string][]byte{"plain": []byte(twoRows), "gzip": gz.Bytes(), "zstd": zs.Bytes(), "zstd skippable": append([]byte("\x5a\x2a\x4d\x18\x02\x00\x00\x00ab"), zs.Bytes()...)}
	for name, text := range map[string]string{
		"xz large": "/Td6WFoAAATm1rRGAgAhAR4AAACbB1Fm4AAdABpdAD2IioaUiBPg84lKecGcnlh930Wuz6Ak7psAAAAABegjJ+SPf40AATYePRmVUx+2830BAAAAAARZWg==", // a dictionary of 128 MiB
		"xz":       "/Td6WFoAAArh+wyhAgAhARYAAAB0L+Wj4AAdABpdAD2IioaUiBPg84lKecGcnlh930Wuz6Ak7psAAAAAQzKGjAoUeOPU7GKSkVQmo29u725wRggB/noWcMXLV0QAAU4ew+pztBibS5oBAAAAAApZWg==",
		"xz x86":   "/Td6WFoAAATm1rRGAgEEACEBFgANhjUf4AAdABpdAD2IioaUiBPg84lKecGcnlh930Wuz6Ak7psAAAAABegjJ+SPf40AATYePRmVUx+2830BAAAAAARZWg==",
		"bzip2":    "QlpoOTFBWSZTWWrOF2cAAA1ZgAAQEAAAEAIBhMogADEA000CVNHqbSepBihWNmWLyhWlZDh8XckU4UJBqzhdnA==",
	} {
		if all[name], err = base64.StdEncoding.DecodeString(text); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// tooLarge is twoRows with an xz dictionary of 192 MiB, the next size over maxWindow.
const tooLarge = "/Td6WFoAAATm1rRGAgAhAR8AAAD+YO3e4AAdABpdAD2IioaUiBPg84lKecGcnlh930Wuz6Ak7psAAAAABegjJ+SPf40AATYePRmVUx+2830BAAAAAARZWg=="

// rows reads all rows of a file that holds these bytes.
func rows(t *testing.T, content []byte) (texts []string, left []*origin.Left) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Opener{}.Open(t.Context(), path, origin.Options{MaxFileBytes: 100, PieceBytes: 1 << 20, Repo: func(origin.Fields) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	spans, err := f.Spans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spans {
		for row, err := range f.Rows(t.Context(), s) {
			switch {
			case err != nil:
				t.Fatal(err)
			case row.Left != nil:
				left = append(left, row.Left)
			default:
				texts = append(texts, row.Fields.Field("text").(string))
			}
		}
	}
	return texts, left
}

// TestCompressions holds that a file's bytes say how it is compressed, whatever its name
// is, and that what several streams hold is read one after the other. Cut off, or with
// rubbish behind it, nothing of it is used.
func TestCompressions(t *testing.T) {
	for name, content := range samples(t) {
		if got, left := rows(t, content); !slices.Equal(got, []string{"one", "two"}) || len(left) != 0 {
			t.Errorf("%s: %q, %v", name, got, left)
		}
		if got, left := rows(t, slices.Concat(content, content)); !slices.Equal(got, []string{"one", "two", "one", "two"}) || len(left) != 0 {
			t.Errorf("%s twice: %q, %v", name, got, left)
		}
		if name == "plain" || name == "xz large" { // which takes time
			continue
		}
		for cut := maxMagic; cut < len(content); cut += 4 {
			if name == "zstd skippable" && cut == 10 { // the end of the frame that is skipped
				continue
			}
			if got, left := rows(t, content[:cut]); len(got) != 0 || len(left) != 1 || left[0].Reason != origin.Unreadable {
				t.Errorf("%s, %d bytes of it: %q, %v", name, cut, got, left)
			}
		}
		for _, more := range []string{"x", "rubbish that is longer than a header"} {
			if got, left := rows(t, append(slices.Clone(content), more...)); len(got) != 0 || len(left) != 1 || left[0].Reason != origin.Unreadable {
				t.Errorf("%s and %s: %q, %v", name, more, got, left)
			}
		}
	}
}

// TestPaddedStreams holds that zero bytes may follow gzip and, four at a time, xz, whose
// formats have it so; and that what follows those in gzip is damage.
func TestPaddedStreams(t *testing.T) {
	all := samples(t)
	for _, c := range []struct {
		name, more string
		good       bool
	}{
		{"gzip", "\x00", true}, {"gzip", strings.Repeat("\x00", 1<<13), true}, {"gzip", "\x00x", false}, {"gzip", "\x00" + string(all["gzip"]), false},
		{"xz", "\x00\x00\x00\x00", true}, {"xz", "\x00\x00\x00", false}, {"xz", "\x00\x00\x00\x00\x00", false},
		{"zstd", "\x00\x00\x00\x00", false}, {"bzip2", "\x00\x00\x00\x00", false},
	} {
		got, left := rows(t, append(slices.Clone(all[c.name]), c.more...))
		if good := len(got) == 2 && len(left) == 0; good != c.good || !good && (len(got) != 0 || len(left) != 1) {
			t.Errorf("%s and %d bytes: %q, %v", c.name, len(c.more), got, left)
		}
	}
}

// TestDamage holds that a changed byte behind those that say how the file is compressed
// gives no other text and no panic.
func TestDamage(t *testing.T) {
	for name, content := range samples(t) {
		if name == "plain" || name == "xz large" {
			continue
		}
		for i := maxMagic; i < len(content); i += 3 {
			damaged := slices.Clone(content)
			damaged[i] ^= 1 << (i % 8)
			if got, _ := rows(t, damaged); len(got) != 0 && !slices.Equal(got, []string{"one", "two"}) {
				t.Errorf("%s, byte %d: %q", name, i, got)
			}
		}
	}
}

// TestDictionary holds that a file cannot make the decoder of xz hold more than
// maxWindow.
func TestDictionary(t *testing.T) {
	content, err := base64.StdEncoding.DecodeString(tooLarge)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"alone": content, "second": slices.Concat(samples(t)["xz"], content)} {
		if got, left := rows(t, file); len(got) != 0 || len(left) != 1 || !strings.Contains(left[0].Detail, "dictionary size exceeds") {
			t.Errorf("%s: %q, %v", name, got, left)
		}
	}
}

// TestMemory holds that a file's own answer has what its decoder holds.
func TestMemory(t *testing.T) {
	o := origin.Options{MaxFileBytes: 1 << 20}
	const plain = 2 * (6<<20 + 1<<20)
	path := filepath.Join(t.TempDir(), "x.jsonl.zst")
	all := samples(t)
	for name, want := range map[string]int64{"plain": plain, "gzip": plain, "zstd": plain + maxWindow, "zstd skippable": plain + maxWindow, "xz large": plain + maxWindow, "bzip2": plain + maxBlock} {
		if err := os.WriteFile(path, all[name], 0o644); err != nil {
			t.Fatal(err)
		}
		if got := (Opener{}).Memory(path, o); got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
}
