// Command bench measures codemill, alone and beside its peers, on input that
// every machine has. It prints a table and, as its last line, one JSON object
// with the ratios.
//
//	go run ./bench NAME [flags]
//
// bench/README.md says how each is measured.
//
// # Files
//
//	main.go              the table of benchmarks
//	measure.go           a process timed
//	stages.go            every stage of a recipe
//	crawl.go             crawl beside git alone
//	crawl_input.go       packages as repositories, folders and rows
//	tokenizer.go         the encoder beside its peers
//	tokenizer_growth.go  how its time grows with the text
//	vocabulary.go        the vocabularies that peers are given
//	texts.go             texts as files that all peers read
//	corpus.go            code of the machine
//	prose.go             prose of the machine, by script
//	dedup.go             deduplication beside its peers
//	dedup_work.go        documents that all of them read
//	nearcopies.go        near copies, made
//	oracle.go            true similarities
//	licences.go          crawl's licences beside Debian's
//	labelled.go          documents with labels, tables of both
//	cases.go             cases that were read, in cases.tsv
//	debian.go            source packages, drawn and brought
//	debcopyright.go      debian/copyright
//	shortnames.go        the types of its short names
//	scancode.go          ScanCode on some of the files
//	side.go              a peer as a process
//	side_go.go           peers written in Go
//	libraries.go         which packages have prose of which kind
//	fetch.go             packages of much code, from registries
//	cargo.go             peers written in Rust
//	encodings.go         legacy encodings beside peers
//	encodings_sources.go the packages that they come from, with versions
//	encodings_texts.go   files that say what they are in, and made ones
//	venv.go              peers written in Python
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// A benchmark prints its table to w and returns the ratios for the last line.
type benchmark struct {
	name, what string
	run        func(w io.Writer, args []string) (map[string]float64, error)
}

func main() {
	all := []benchmark{
		{"stages", "every stage of a recipe as a process of its own, one core", stages},
		{"tokenizer", "the encoder beside its peers: same texts, same ids", tokenizer},
		{"encodings", "legacy encodings recognised, beside peers", encodings},
		{"crawl", "crawl of repositories, folders and rows beside git alone", crawling},
		{"dedup", "the dedup stage beside its peers: speed, precision, recall", deduplication},
		{"licences", "what crawl says of licences beside what Debian's maintainers say", licences},
	}
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	if len(os.Args) > 2 && (os.Args[1] == "side" || os.Args[1] == measureCommand) {
		if err := part(os.Args[1], os.Args[2:]); err != nil {
			log.Fatal(err)
		}
		return
	}
	if len(os.Args) > 1 {
		if i := slices.IndexFunc(all, func(b benchmark) bool { return b.name == os.Args[1] }); i >= 0 {
			if err := report(os.Stdout, all[i], os.Args[2:]); err != nil {
				log.Fatal(err)
			}
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: go run ./bench NAME [flags]; the names:")
	for _, b := range all {
		fmt.Fprintf(os.Stderr, "  %-10s %s\n", b.name, b.what)
	}
	os.Exit(2)
}

// part does what a benchmark starts this program again for.
func part(command string, args []string) error {
	if command == measureCommand {
		return measureProcess(args[0], args[1:])
	}
	return serveSide(args[0], os.Stdin, os.Stdout)
}

func report(w io.Writer, b benchmark, args []string) error {
	ratios, err := b.run(w, args)
	if err != nil {
		return err
	}
	line, err := json.Marshal(map[string]any{"bench": b.name, "ratios": ratios})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}

// table prints rows of cells in columns.
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t")+"\t")
	}
	return t.Flush()
}
