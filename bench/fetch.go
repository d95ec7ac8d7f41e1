package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sources are packages with much code in them, for corpora larger than what a
// machine has lying about, in turn from every registry.
var sources = []struct{ registry, name string }{
	{"go", "k8s.io/kubernetes@latest"}, {"pypi", "ansible"}, {"npm", "three"}, {"crates", "web-sys"}, {"debian", "libcgal-dev"},
	{"go", "github.com/aws/aws-sdk-go@latest"}, {"pypi", "sympy"}, {"npm", "monaco-editor"}, {"crates", "aws-sdk-ec2"}, {"debian", "libeigen3-dev"},
	{"go", "google.golang.org/api@latest"}, {"pypi", "plotly"}, {"npm", "aws-sdk"}, {"crates", "windows"}, {"debian", "emacs-el"},
	{"go", "github.com/Azure/azure-sdk-for-go@latest"}, {"pypi", "transformers"}, {"npm", "googleapis"}, {"crates", "stm32f4"},
	{"pypi", "scipy"}, {"pypi", "botocore"}, {"pypi", "django"}, {"pypi", "networkx"}, {"pypi", "mypy"}, {"npm", "typescript"},
}

// collectSources is collectCode with packages fetched until there is enough.
func collectSources(roots []string, dir, python string, want int) ([]text, error) {
	texts, err := collectCode(roots, want)
	for _, s := range sources {
		if err == nil {
			return texts, nil
		}
		log.Printf("%v; fetching %s from %s", err, s.name, s.registry)
		folder, failed := fetchSource(s.registry, s.name, dir, python)
		if failed != nil {
			log.Printf("left out: %v", failed)
			continue
		}
		roots = append(roots, folder)
		texts, err = collectCode(roots, want)
	}
	return texts, err
}

// fetchSource brings a package's source with its registry's ordinary client
// and returns the folder that it was unpacked to.
func fetchSource(registry, name, dir, python string) (string, error) {
	short := strings.NewReplacer("/", "_", "@", "_").Replace(name)
	folder, err := filepath.Abs(filepath.Join(dir, registry, short))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(folder, ".whole")); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	const limit = 5 * time.Minute
	switch registry {
	case "npm":
		_, err = run(limit, folder, "npm", "pack", "--silent", name)
	case "pypi":
		_, err = run(limit, folder, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", name)
	case "debian":
		_, err = run(limit, folder, "apt-get", "download", "--quiet", name)
	case "go":
		_, err = run(limit, folder, "env", "GOFLAGS=-modcacherw", "GOMODCACHE="+folder, "go", "mod", "download", name)
	case "crates":
		err = fetchCrate(folder, name)
	default:
		err = fmt.Errorf("unknown registry %q", registry)
	}
	if err != nil {
		return "", err
	}
	if err := unpackAll(folder); err != nil {
		return "", err
	}
	return folder, os.WriteFile(filepath.Join(folder, ".whole"), nil, 0o666)
}

// fetchCrate has Cargo unpack a crate, with those that it needs, for a project
// that does nothing.
func fetchCrate(folder, name string) error {
	manifest := fmt.Sprintf("[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[dependencies]\n%q = \"*\"\n", name)
	if err := os.MkdirAll(filepath.Join(folder, "src"), 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "src", "lib.rs"), nil, 0o666); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "Cargo.toml"), []byte(manifest), 0o666); err != nil {
		return err
	}
	_, err := run(5*time.Minute, folder, "cargo", "vendor", "--quiet")
	return err
}

// unpackAll unpacks the archives in a folder, and archives within those of
// Debian, and removes them.
func unpackAll(folder string) error {
	for depth := range 2 {
		var archives []string
		for _, end := range []string{"*.tgz", "*.tar.gz", "*.whl", "*.deb", "usr/src/*.tar.xz"} {
			found, _ := filepath.Glob(filepath.Join(folder, end))
			archives = append(archives, found...)
		}
		for _, a := range archives {
			if err := unpack(a, folder, fmt.Sprint("unpacked", depth)); err != nil {
				return fmt.Errorf("%s: %w", a, err)
			}
			if err := os.Remove(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func unpack(archive, folder, below string) error {
	switch {
	case strings.HasSuffix(archive, ".deb"):
		_, err := run(10*time.Minute, "", "dpkg-deb", "-x", archive, folder)
		return err
	case strings.HasSuffix(archive, ".xz"):
		_, err := run(10*time.Minute, "", "tar", "-xf", archive, "-C", folder)
		return err
	}
	return readArchive(archive, func(name string, r io.Reader) error {
		if languages[strings.ToLower(filepath.Ext(name))] == "" || !filepath.IsLocal(name) {
			return nil
		}
		path := filepath.Join(folder, below, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, r); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	})
}
