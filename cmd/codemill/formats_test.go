package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestFormats runs what earlier builds wrote through this one: every folder of
// testdata/formats by the script of its name, which finds it in its own folder
// and, as it was, under as-it-was.
func TestFormats(t *testing.T) {
	const formats = "testdata/formats"
	entries, err := os.ReadDir(formats)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			if _, err := os.Stat(filepath.Join(formats, e.Name()+".txtar")); err != nil {
				t.Error(err)
			}
		}
	}
	testscript.Run(t, testscript.Params{
		Dir:                 formats,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			for _, dir := range []string{e.WorkDir, filepath.Join(e.WorkDir, "as-it-was")} {
				if err := os.CopyFS(dir, os.DirFS(formats)); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
