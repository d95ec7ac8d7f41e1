package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// licenceBench is the settings and the state of `bench licences`.
type licenceBench struct {
	cache, python, program, packages, out string
	scancode                              int
	seed                                  uint64
	debian                                debianSources
}

// licenceSeed is what the choice of packages follows from.
const licenceSeed = 11

// licences holds what crawl says of the licences of files in packages of Debian
// against what the packages' maintainers say.
func licences(w io.Writer, args []string) (map[string]float64, error) {
	b := &licenceBench{}
	want, err := b.parse(args)
	if err != nil {
		return nil, err
	}
	packages, err := b.debian.draw(b.seed, want)
	if err != nil {
		return nil, err
	}
	files, err := b.crawl(packages)
	if err != nil {
		return nil, err
	}
	if err := b.write(files); err != nil {
		return nil, err
	}
	ratios := map[string]float64{}
	fmt.Fprintf(w, "%d packages, %d files\n", len(packages), len(files))
	for _, part := range partsOf(files) {
		if err := part.print(w, ratios); err != nil {
			return nil, err
		}
	}
	if b.scancode > 0 {
		return ratios, b.secondOpinion(w, files)
	}
	return ratios, nil
}

// parse reads the flags and returns how many packages of each component are
// wanted.
func (b *licenceBench) parse(args []string) (map[string]int, error) {
	flags := flag.NewFlagSet("licences", flag.ContinueOnError)
	flags.StringVar(&b.cache, "cache", filepath.Join(defaultCache(), "debian"), "folder for lists, archives and trees of packages, and ScanCode")
	flags.StringVar(&b.debian.mirror, "mirror", "http://deb.debian.org/debian", "Debian mirror")
	flags.StringVar(&b.debian.suite, "suite", "bookworm", "Debian release")
	flags.StringVar(&b.packages, "packages", "main=115,contrib=5,non-free=5", "how many source packages of each component")
	also := flags.String("also", "unrar-nonfree,zfs-linux", "packages to take beside those drawn, whatever their size")
	flags.Int64Var(&b.debian.maxBytes, "max-bytes", 5<<20, "packages whose archives are larger are not drawn")
	flags.IntVar(&b.debian.maxFiles, "max-files", 4000, "packages with more files are passed over")
	flags.IntVar(&b.debian.minUsers, "users", 20, "packages of main that fewer others need to be built are not drawn")
	flags.Uint64Var(&b.seed, "seed", licenceSeed, "what the choice of packages follows from")
	flags.StringVar(&b.program, "codemill", "", "the program; by default it is built from this tree")
	flags.StringVar(&b.out, "out", "", "folder for files.tsv, dangerous.tsv and lost.tsv (default: in the cache)")
	flags.IntVar(&b.scancode, "scancode", 0, "as second opinion, run ScanCode on so many of the files")
	flags.StringVar(&b.python, "python", "python3", "Python to install ScanCode with")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	want := map[string]int{}
	for part := range strings.SplitSeq(b.packages, ",") {
		component, n, ok := strings.Cut(part, "=")
		number, err := strconv.Atoi(n)
		if !ok || err != nil || number < 1 {
			return nil, fmt.Errorf("--packages: %q is not component=number", part)
		}
		want[component] = number
	}
	if b.debian.maxBytes < 1 || b.debian.maxFiles < 1 || b.scancode < 0 {
		return nil, errors.New("--max-bytes and --max-files must be above 0, --scancode 0 at least")
	}
	var err error
	if b.cache, err = filepath.Abs(b.cache); err != nil {
		return nil, err
	}
	b.debian.dir, b.debian.also = b.cache, strings.Split(*also, ",")
	if b.out == "" {
		b.out = b.cache
	}
	return want, os.MkdirAll(b.out, 0o777)
}
