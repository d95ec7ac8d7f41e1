package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// versionFlag prints the program's version in the place of a command.
type versionFlag bool

// BeforeReset is called when the flag is met, before commands and arguments are checked:
// `codemill --version` needs no command.
func (versionFlag) BeforeReset(k *kong.Kong) error {
	fmt.Fprintln(k.Stdout, "codemill "+version())
	k.Exit(exitDone)
	return nil
}

// version is what the build knows of itself: the module's version or the commit, and the
// Go that built it: "v1.2.0, go1.26" or "(devel) 3f2a… with changes, go1.26".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of unknown version"
	}
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	v := cmp.Or(info.Main.Version, "(devel)")
	if commit := set["vcs.revision"]; v == "(devel)" && commit != "" {
		v += " " + commit
		if set["vcs.modified"] == "true" {
			v += " with changes"
		}
	}
	return v + ", " + info.GoVersion
}
