package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// initCmd is `codemill init [DIR]`.
type initCmd struct {
	Dir string `arg:"" optional:"" default:"." help:"Folder to write to; made if it is not there."`
}

//go:embed init/recipe.yaml
var initRecipe []byte

//go:embed init/Makefile
var initMakefile []byte

// Run writes the two files. Neither is ever overwritten: if one is there, the other is not
// written either. They are no output of a stage, so they are written plainly and not by
// package work.
func (c *initCmd) Run(a *app) error {
	if err := a.noRecipe("dry-run"); err != nil {
		return err
	}
	files := []struct {
		name string
		text []byte
	}{{"recipe.yaml", initRecipe}, {"Makefile", initMakefile}}
	for _, f := range files {
		path := filepath.Join(c.Dir, f.name)
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s is there already; init overwrites nothing", path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, f := range files {
		path := filepath.Join(c.Dir, f.name)
		if a.DryRun {
			fmt.Fprintf(a.out, "would write %s\n", name(path))
			continue
		}
		if err := os.MkdirAll(c.Dir, 0o755); err != nil {
			return err
		}
		if err := writeNew(path, f.text); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "wrote %s\n", name(path))
	}
	return nil
}

// writeNew writes a file that must not be there yet, not even as a link to nowhere.
func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
