package notebook

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write what comes out to testdata")

// TestGolden holds what becomes of whole notebooks, which are our own and written as
// Jupyter, IPython 2, RStudio and Quarto write them: script by default, and Markdown.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*[bd]")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for end, markdown := range map[string]bool{".script": false, ".markdown": true} {
			d, err := Convert(FormatOf(file), b, Options{Markdown: markdown, MaxBytes: 1 << 20})
			if err != nil {
				t.Fatal(file, err)
			}
			got := d.Language + "\n" + d.Note + "\n\n" + string(d.Text)
			golden := file + end
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("%s: %v\n%s", golden, err, got)
			}
		}
	}
}
