package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"codemill": main})
}

// TestScripts runs the commands as a user would. Scripts that need a program
// that is not there are skipped by their own [exec:…] conditions.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GIT_AUTHOR_NAME", "A")
			e.Setenv("GIT_AUTHOR_EMAIL", "a@example.com")
			e.Setenv("GIT_COMMITTER_NAME", "A")
			e.Setenv("GIT_COMMITTER_EMAIL", "a@example.com")
			e.Setenv("GIT_AUTHOR_DATE", "2024-01-01T00:00:00Z")
			e.Setenv("GIT_COMMITTER_DATE", "2024-01-01T00:00:00Z")
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			e.Setenv("GOROOT", os.Getenv("GOROOT"))
			return nil
		},
	})
}
