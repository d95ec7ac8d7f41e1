package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// rustTokenizers are the peers of crates.io, called without a detour through
// Python: the crate as Cargo.toml has it, and the file with what it needs.
var rustTokenizers = []struct{ name, crate, dependency, source string }{
	{"bpe-openai-rs", "bpe-openai", `bpe-openai = "*"`, "bpe_openai.rs"},
	{"tiktoken-rs", "tiktoken-rs", `tiktoken-rs = "*"`, "tiktoken_rs.rs"},
	{"kitoken-rs", "kitoken", `kitoken = "*"`, "kitoken.rs"},
	{"wordchipper", "wordchipper", `wordchipper = "*"`, "wordchipper.rs"},
}

const cargoManifest = `[package]
name = "side"
version = "0.0.0"
edition = "2024"

[dependencies]
libc = "0.2"
%s

[profile.release]
opt-level = 3
lto = "fat"
codegen-units = 1
`

// buildRust builds the program of a crate's side in dir, or takes the one that
// is there, and returns its path and the crate's version.
func buildRust(dir, crate, dependency, source string) (program, version string, err error) {
	files := map[string][]byte{"Cargo.toml": fmt.Appendf(nil, cargoManifest, dependency)}
	for name, from := range map[string]string{"src/main.rs": "main.rs", "src/side.rs": source} {
		if files[name], err = peerFiles.ReadFile("peers/rust/" + from); err != nil {
			return "", "", err
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "src"), 0o777); err != nil {
		return "", "", err
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if have, err := os.ReadFile(path); err == nil && string(have) == string(content) {
			continue // Cargo goes by times
		}
		if err := os.WriteFile(path, content, 0o666); err != nil {
			return "", "", err
		}
	}
	if _, err := run(20*time.Minute, dir, "cargo", "build", "--release", "--quiet"); err != nil {
		return "", "", err
	}
	lock, err := os.ReadFile(filepath.Join(dir, "Cargo.lock"))
	if err != nil {
		return "", "", err
	}
	found := regexp.MustCompile(`name = "` + regexp.QuoteMeta(crate) + `"\nversion = "([^"]*)"`).FindSubmatch(lock)
	if found == nil {
		return "", "", fmt.Errorf("%s: no %s in Cargo.lock", dir, crate)
	}
	return filepath.Join(dir, "target", "release", "side"), string(found[1]), nil
}
