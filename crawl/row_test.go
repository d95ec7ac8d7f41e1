package crawl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/work/vfs"
)

func rowsOf(t *testing.T, src crawl.Source, name, content string) ([]corpus.Doc, []corpus.LeftOut) {
	t.Helper()
	src.Name, src.Path = "s", filepath.Join(write(t, t.TempDir(), name, content), name)
	return crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), crawl.Config{MaxFileBytes: 100, Sources: []crawl.Source{src}})
}

func TestJSONLShapes(t *testing.T) {
	for _, c := range []struct {
		name, line string
		src        crawl.Source
		want       string
	}{
		{"stack", `{"blob_id":"ab","path":"src/a.go","repo_name":"o/r","revision_id":"c0","content":"package a\n","detected_licenses":["MIT","Apache-2.0"],"star_events_count":3,"fork_events_count":1,"is_vendor":true,"language":"Go","gha_created_at":"2015-06-07 08:09:10"}`, crawl.Source{},
			"o/r src/a.go c0 Go code Apache-2.0 AND MIT permissive 3 1 1433664550 ab true"},
		{"stack v1", `{"hexsha":"ab","size":12,"ext":"h","lang":"C++","max_stars_repo_path":"src/a.h","max_stars_repo_name":"o/r","max_stars_repo_head_hexsha":"c0","max_stars_repo_licenses":["MIT"],"max_stars_count":3.0,"max_forks_repo_name":"p/q","max_forks_count":9,"content":"int f(void);\n"}`, crawl.Source{},
			"o/r src/a.h c0 C++ code MIT permissive 3 -1 0 e12f6446729d6881262cd201450eb87b033372be false"},
		{"stack v1 through datatrove", `{"text":"int f(void);\n","id":"x/1","metadata":{"lang":"C++","max_stars_repo_path":"src/a.h","max_stars_repo_name":"o/r","max_stars_repo_head_hexsha":"c0","max_stars_repo_licenses":["MIT"],"max_stars_count":3,"stars":4.5,"kind":"review"}}`, crawl.Source{},
			"o/r src/a.h c0 C++ code MIT permissive 3 -1 0 e12f6446729d6881262cd201450eb87b033372be false"},
		{"stack v3, a file a row", `{"repo_path":"o/r","repo_id":7,"commit_id":"c0","github_metadata":{"branch":"main","repo_created_at":"2015-06-07T08:09:10Z","stars":3,"forks":1},"content_id":"cd","content":"package a\n","path":"src/a.go","language":"Go","detected_licenses":["MIT"]}`, crawl.Source{},
			"o/r src/a.go c0 Go code MIT permissive 3 1 1433664550 2a93cdef549545101b086408d9ee767fda0c02c2 false"},
		{"codeparrot", `{"code":"package a\n","repo_name":"o/r","path":"src/a.go","language":"GO","license":"mit","size":10}`, crawl.Source{},
			"o/r src/a.go  Go code mit permissive -1 -1 0 2a93cdef549545101b086408d9ee767fda0c02c2 false"},
		{"codeparrot clean", `{"repo_name":"o/r","path":"src/a.py","copies":"1","size":"6","content":"x = 1\n","license":"apache-2.0","hash":"7"}`, crawl.Source{},
			"o/r src/a.py  Python code apache-2.0 permissive -1 -1 0 7d4290a117a4ddcc11daae7ea675841033830c8f false"},
		{"dolma", `{"id":"d-1","text":"Hello","source":"wiki","metadata":{"language":"en"}}`, crawl.Source{}, " d-1   prose  none -1 -1 0 5ab2f8a4323abafb10abb68657d9d39f1a775057 false"},
		{"own columns", `{"body":{"md":"# x"},"where":{"file":"x.md"},"n":7}`, crawl.Source{Columns: map[string]string{"text": "body.md", "path": "where.file", "stars": "n"}, Repo: "mine", License: "MIT"},
			"mine x.md  Markdown prose MIT permissive 7 -1 0 121039ccc8a2c80ccd7eca85cca6c7647294f92c false"},
		{"kind by name", `{"text":"Hello\n","path":"README"}`, crawl.Source{TextKind: corpus.Data}, " README   prose  none -1 -1 0 e965047ad7c57865823c7d992b1d046ea66edf78 false"},
		{"no prose by name", `{"text":"Hello\n","path":"a/LICENSE"}`, crawl.Source{}, " a/LICENSE  Text   none -1 -1 0 e965047ad7c57865823c7d992b1d046ea66edf78 false"},
		{"no prose by name, without a language", `{"text":"Hello\n","path":"AUTHORS"}`, crawl.Source{}, " AUTHORS     none -1 -1 0 e965047ad7c57865823c7d992b1d046ea66edf78 false"},
		{"the row's kind", `{"text":"Hello\n","path":"LICENSE","kind":"prose"}`, crawl.Source{}, " LICENSE  Text prose  none -1 -1 0 e965047ad7c57865823c7d992b1d046ea66edf78 false"},
		{"an id is no name", `{"text":"Hello\n","id":"LICENSE"}`, crawl.Source{}, " LICENSE   prose  none -1 -1 0 e965047ad7c57865823c7d992b1d046ea66edf78 false"},
		{"text kind", `{"text":"Hello"}`, crawl.Source{TextKind: corpus.Data}, " x.jsonl@0   data  none -1 -1 0 5ab2f8a4323abafb10abb68657d9d39f1a775057 false"},
	} {
		docs, left := rowsOf(t, c.src, "x.jsonl", c.line+"\n")
		if len(docs) != 1 {
			t.Errorf("%s: left %v", c.name, left)
			continue
		}
		d := docs[0]
		got := fmt.Sprint(d.Repo, " ", d.Path, " ", d.Revision, " ", d.Language, " ", d.Kind, " ", d.License, " ", d.LicenseType, " ", d.Stars, " ", d.Forks, " ", d.CreatedAt, " ", d.BlobID, " ", d.IsVendor)
		if got != c.want {
			t.Errorf("%s:\n%s\n%s", c.name, got, c.want)
		}
	}
}

// Files that begin with a byte order mark have been joined to others, too.
func TestByteOrderMark(t *testing.T) {
	docs, left := rowsOf(t, crawl.Source{}, "x.jsonl", "\ufeff{\"text\":\"first\"}\r\n\ufeff{\"text\":\"second\"}\n\ufeff\n\ufeff\ufeff{\"text\":\"x\"}\n{\"text\":\"\ufeffthird\"}\n")
	if len(docs) != 3 || string(docs[1].Text) != "second" || string(docs[2].Text) != "\ufeffthird" || len(left) != 1 || left[0].Reason != crawl.Malformed {
		t.Errorf("%d documents, left out %v", len(docs), left)
	}
}

func TestDetailsSpeakJSON(t *testing.T) {
	for line, want := range map[string]string{
		`[1]`: "array instead of an object", `null`: "null instead of an object", `{"text":7.5,"stars":"12"}`: "stars: string instead of a whole number",
		`{"text":{}}`: "text: object instead of a string", `{"text":"x","is_vendor":1}`: "is_vendor: number instead of true or false",
		`{"text":7.5}`: "text: number instead of a string", `{"text":"x","stars":1.5}`: "stars: number 1.5 instead of a whole number", `{"text":"x","repo":true}`: "repo: bool instead of a string",
		`{"text":"x","license":["MIT",7]}`: "license: number instead of a string", `{"text":"x","created_at":[]}`: "created_at: array instead of a string",
	} {
		_, left := rowsOf(t, crawl.Source{}, "x.jsonl", line)
		if len(left) != 1 || left[0].Reason != crawl.Malformed || left[0].Detail != want {
			t.Errorf("%s: %v", line, left)
		}
	}
}

// TestRowsStayInside holds which paths of rows could lead elsewhere where they
// are unpacked, and that others are kept as they are.
func TestRowsStayInside(t *testing.T) {
	for path, leaves := range map[string]bool{
		"../x": true, "a/../../x": true, "a/..": true, "..": true, `..\\x`: true, `a\\..\\..\\x`: true, "sub/.git": true, ".Git/hooks/x": true, `a\u0000b`: true,
		"/src/a.py": false, "https://example.org/a.git/x": false, "a..b/...": false, ".gitignore": false, "x.git/y": false, "a//b": false, "./x": false,
	} {
		for _, line := range []string{`{"text":"x","path":"` + path + `"}`, `{"text":"x","id":"` + path + `"}`, `{"text":"x","path":"a","repo":"` + path + `"}`} {
			docs, left := rowsOf(t, crawl.Source{}, "x.jsonl", line)
			if leaves && (len(left) != 1 || left[0].Reason != crawl.Path) || !leaves && len(docs) != 1 {
				t.Errorf("%s: %d documents, %v", line, len(docs), left)
			}
		}
	}
}

func TestJSONLReasons(t *testing.T) {
	lines := []struct{ line, reason string }{
		{`{"text":"fine"}`, ""}, {`not json`, "malformed"}, {`null`, "malformed"}, {`[1]`, "malformed"}, {`{"text":7}`, "malformed"}, {`{"text":"x","stars":"many"}`, "malformed"},
		{`{"text":""}`, "empty"}, {`{"other":"x"}`, "no_text"}, {`{"text":null}`, "no_text"}, {"{\"text\":\"\xff\"}", "encoding"}, {" {\"text\":\"\xff\"}", "encoding"}, {"\xff{\"text\":\"x\"}", "malformed"}, {`{"text":"\ud800"}`, "encoding"}, {`{"text":"\ufffd"}`, ""}, {`{"text":"\uFFfd \ud83d\ude00"}`, ""}, {`{"text":"\ufffd \ud800"}`, "encoding"}, {`{"text":"x","path":"\ud800"}`, ""},
		{`{"text":"a\u0000b"}`, "binary"}, {`{"text":"` + strings.Repeat("x", 200) + `"}`, "too_large"}, {`{"text":"` + strings.Repeat("x", 2<<20) + `"}`, "line_too_long"},
		{`{"text":"x","kind":"poem"}`, "malformed"}, {`{"text":"x"} trailing`, "malformed"}, {``, "-"}, {`{"text":"windows"}` + "\r", ""}, {`{"text":"last"}`, ""},
	}
	content, want, offset := "", map[string]string{}, 0
	kept := 0
	for i, l := range lines {
		path := fmt.Sprintf("x.jsonl@%d", offset)
		switch l.reason {
		case "":
			kept++
		case "-":
		default:
			want[path] = l.reason
		}
		content += l.line
		if i < len(lines)-1 {
			content += "\n"
		}
		offset = len(content)
	}
	docs, left := rowsOf(t, crawl.Source{}, "x.jsonl", content)
	if got := reasons(left); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if len(docs) != kept {
		t.Errorf("%d documents, want %d", len(docs), kept)
	}
}

// TestJSONLCompressed: a damaged file gives no row at all, wherever the damage is.
func TestJSONLCompressed(t *testing.T) {
	plain := []byte(strings.Repeat(`{"text":"one"}`+"\n", 500) + `{"text":"two"}` + "\n")
	var gz, zs bytes.Buffer
	zw := gzip.NewWriter(&gz)
	zw.Write(plain)
	zw.Close()
	sw, _ := zstd.NewWriter(&zs)
	sw.Write(plain)
	sw.Close()
	for name, content := range map[string]string{"x.jsonl.gz": gz.String(), "x.jsonl.zst": zs.String()} {
		if docs, left := rowsOf(t, crawl.Source{}, name, content); len(docs) != 501 || len(left) != 0 {
			t.Errorf("%s: %d documents, %v", name, len(docs), left)
		}
		flipped := []byte(content)
		flipped[len(flipped)-5] ^= 1 // in the checksum
		for what, damaged := range map[string]string{"cut off": content[:len(content)-6], "flipped": string(flipped), "rubbish after it": content + "x"} {
			docs, left := rowsOf(t, crawl.Source{}, name, damaged)
			if len(docs) != 0 || len(left) != 1 || left[0].Reason != crawl.Unreadable || left[0].Detail == "" {
				t.Errorf("%s, %s: %d documents, %v", name, what, len(docs), left)
			}
		}
	}
}

// TestBomb: a small file that holds gigabytes is left out, in bounded memory.
func TestBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("decompresses a gigabyte")
	}
	var zs bytes.Buffer
	sw, _ := zstd.NewWriter(&zs)
	zeros := make([]byte, 16<<20)
	for range 70 {
		sw.Write(zeros)
	}
	sw.Close()
	docs, left := rowsOf(t, crawl.Source{}, "x.jsonl.zst", zs.String())
	if len(docs) != 0 || len(left) != 1 || !strings.Contains(left[0].Detail, "thousand times") {
		t.Errorf("%d bytes: %d documents, %v", zs.Len(), len(docs), left)
	}
}

// TestJSONLThatChanges: a file that is rewritten after it was listed is said to
// have changed, and the next crawl makes its shard anew.
func TestJSONLThatChanges(t *testing.T) {
	dir := write(t, t.TempDir(), "x.jsonl", `{"text":"one"}`+"\n"+`{"text":"two"}`+"\n")
	job := newJob(t, vfs.OS{}, t.TempDir())
	cfg := crawl.Config{Sources: []crawl.Source{
		{Name: "rows", Path: filepath.Join(dir, "x.jsonl")},
		{Name: "later", Path: filepath.Join(dir, "missing"), Optional: true},
	}}
	job.Warn = func(string) { write(t, dir, "x.jsonl", `{"text":"three"}`+"\n") } // once the rows are listed
	if _, left := crawlAll(t, job, cfg); len(left) != 1 || left[0].Reason != crawl.Changed {
		t.Errorf("rewritten: %v", left)
	}
	job.Warn = nil
	if docs, left := crawlAll(t, job, cfg); len(docs) != 1 || string(docs[0].Text) != "three" || len(left) != 0 {
		t.Errorf("afterwards: %d documents, %v", len(docs), left)
	}
}

// TestJSONLPieces: wherever a file is cut, the same documents come out in the
// same order, and none of the runs of one repository is split.
func TestJSONLPieces(t *testing.T) {
	var b strings.Builder
	for i := range 25 {
		fmt.Fprintf(&b, `{"text":"x%s","repo":"r%d","path":"%d"}`+"\n", strings.Repeat("x", i*7%90), i*i/50, i)
	}
	b.WriteString(strings.Repeat("\x00", 700)) // as a crashed writer leaves them
	path := filepath.Join(write(t, t.TempDir(), "x.jsonl", b.String()), "x.jsonl")
	var want []corpus.Doc
	for _, shard := range []int64{1 << 20, 100, 333, 1000} {
		job := newJob(t, vfs.OS{}, t.TempDir())
		docs, left := crawlAll(t, job, crawl.Config{ShardBytes: shard, Sources: []crawl.Source{{Name: "s", Path: path}}})
		if want == nil {
			want = docs
		}
		if !reflect.DeepEqual(docs, want) || len(left) != 0 {
			t.Errorf("pieces of %d: other documents, or left out %v", shard, left)
		}
		m, _ := job.Docs()
		if shard < 1000 && len(m.Shards) < 3 {
			t.Errorf("pieces of %d: %d shards", shard, len(m.Shards))
		}
		in := map[string]int{}
		for s := range m.Shards {
			for row, err := range job.Rows(context.Background(), s, false) {
				if err != nil {
					t.Fatal(err)
				}
				if at, ok := in[row.Doc.Repo]; ok && at != s {
					t.Errorf("pieces of %d: %s is in shards %d and %d", shard, row.Doc.Repo, at, s)
				}
				in[strings.Clone(row.Doc.Repo)] = s
			}
		}
	}
	if len(want) != 25 {
		t.Error(len(want), "documents")
	}
}

// TestLongLineIsCut: a line longer than a piece and than any line may be neither
// stops the cutting nor takes what follows with it.
func TestLongLineIsCut(t *testing.T) {
	dir := write(t, t.TempDir(), "x.jsonl", `{"text":"`+strings.Repeat("x", 3<<20)+`"}`+"\n"+`{"text":"after it"}`+"\n")
	cfg := crawl.Config{MaxFileBytes: 100, ShardBytes: 1 << 20, Sources: []crawl.Source{{Name: "s", Path: filepath.Join(dir, "x.jsonl")}}}
	docs, left := crawlAll(t, newJob(t, vfs.OS{}, t.TempDir()), cfg)
	if len(docs) != 1 || string(docs[0].Text) != "after it" || len(left) != 1 || left[0].Reason != crawl.LineTooLong {
		t.Errorf("%d documents, %v", len(docs), left)
	}
}
