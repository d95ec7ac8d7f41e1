package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// versionFlag prints the program's version in the place of a command.
type versionFlag bool

// BeforeReset is called when the flag is met.
func (versionFlag) BeforeReset(k *kong.Kong) error {
	fmt.Fprintln(k.Stdout, "codemill "+version())
	k.Exit(exitDone)
	return nil
}

// version is what the build knows of itself: the module's version or the
// commit, and the Go that built it.
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
