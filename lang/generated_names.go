package lang

import (
	"path"
	"strings"
)

// lockFiles are what package managers write of the versions that they chose.
var lockFiles = setOf(`
	package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock deno.lock
	poetry.lock pdm.lock uv.lock pylock.toml Pipfile.lock pixi.lock conda-lock.yml
	Cargo.lock Cargo.toml.orig go.sum go.work.sum Gopkg.lock glide.lock
	Gemfile.lock gems.locked composer.lock mix.lock rebar.lock pubspec.lock shard.lock nimble.lock
	Podfile.lock Cartfile.resolved Package.resolved packages.lock.json paket.lock project.assets.json
	gradle.lockfile buildscript-gradle.lockfile stack.yaml.lock cabal.project.freeze
	flake.lock MODULE.bazel.lock .terraform.lock.hcl renv.lock Chart.lock esy.lock lake-manifest.json
	dub.selections.json spago.lock Brewfile.lock.json Berksfile.lock cpanfile.snapshot`)

// generatedFolders hold what programs put there, at any depth.
var generatedFolders = setOf(`node_modules Godeps Pods .idea htmlcov __generated__ __snapshots__`)

// generatedEndings are of names in lower case.
var generatedEndings = []struct{ end, what string }{
	{".nib", "Xcode's file"}, {".xcworkspacedata", "Xcode's file"}, {".xcuserstate", "Xcode's file"},
	{".designer.cs", ".NET designer's file"}, {".designer.vb", ".NET designer's file"}, {".feature.cs", "SpecFlow's file"},
	{".zep.c", "Zephir's file"}, {".zep.h", "Zephir's file"}, {".zep.php", "Zephir's file"}, {"_tlb.pas", "Delphi's type library"},
	{".js.map", "source map"}, {".css.map", "source map"}, {".snap", "snapshot"},
}

// goHosts end the first folder of a Go package within vendor/.
var goHosts = setOf(`com edu gov in me net org fm io`)

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(list) {
		set[name] = true
	}
	return set
}

// generatedName says what a name alone makes a generated file, "" for nothing.
func generatedName(file string) string {
	base := path.Base(file)
	if lockFiles[base] || strings.HasSuffix(base, ".esy.lock") {
		return "lock file"
	}
	if strings.HasPrefix(base, ".pnp.") {
		return "Yarn's file"
	}
	before := ""
	rest := file
	for {
		folder, after, ok := strings.Cut(rest, "/")
		if !ok {
			break
		}
		_, last, _ := strings.Cut(folder, ".")
		switch {
		case generatedFolders[folder]:
			return "folder " + folder + "/"
		case before == "Carthage" && folder == "Build":
			return "folder Carthage/Build/"
		case before == "vendor" && goHosts[last[strings.LastIndexByte(last, '.')+1:]]:
			return "folder vendor/" + folder + "/"
		case folder == ".sqlx" && after == base && strings.HasPrefix(base, "query-") && strings.HasSuffix(base, ".json"):
			return "SQLx's query"
		}
		before = folder
		rest = after
	}
	lower := strings.ToLower(base)
	for _, e := range generatedEndings {
		if strings.HasSuffix(lower, e.end) && len(lower) > len(e.end) {
			return e.what
		}
	}
	return ""
}
