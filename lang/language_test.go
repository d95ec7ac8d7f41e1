package lang

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-enry/go-enry/v2"
)

// TestDetectEqualsEnry compares with go-enry on Go's source tree, which holds C
// headers, assembly, scripts, web files and text, and on texts that tie.
func TestDetectEqualsEnry(t *testing.T) {
	root := os.Getenv("CODEMILL_DETECT_ROOT")
	if root == "" {
		root = filepath.Join(build.Default.GOROOT, "src")
	}
	d, n, bytes := NewDetector(), 0, 0
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		ext := filepath.Ext(p)
		n++
		if ext == ".go" && n%50 != 0 || ext == ".s" && n%20 != 0 || testing.Short() && n%7 != 0 {
			return nil // go-enry takes its time
		}
		raw, err := os.ReadFile(p)
		if err != nil {
			return nil
		}
		text, _, defect := Decode(raw, true)
		if defect != "" {
			return nil
		}
		rel, _ := filepath.Rel(root, p)
		bytes += len(text)
		if got, want := d.Detect(rel, text), enry.GetLanguage(rel, text); got != want {
			if got2 := enry.GetLanguage(rel, text); got2 == want || got2 != got {
				t.Errorf("%s: %q, go-enry says %q", rel, got, want)
			}
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Fatal(n, err)
	}
	t.Log(n, "files seen,", bytes, "bytes compared")
}
