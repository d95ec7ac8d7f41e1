package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/work"
	"github.com/codemill/codemill/work/vfs"
)

// dedupWork is a work folder of codemill whose documents all contenders read.
type dedupWork struct {
	recipe, root string
	files        []string // Parquet, in order
	sizes        []int    // bytes of each document
	same         []int    // for each the first document with the same text
	bytes        int
}

// work makes the work folder with so many MB of documents, or takes the one
// that is in the cache.
func (b *dedupBench) work(mb int) (*dedupWork, error) {
	dir := filepath.Join(b.cache, fmt.Sprintf("dedup-%d-%x", mb, hash(fmt.Sprint(b.roots, b.copies))>>48))
	w := &dedupWork{recipe: filepath.Join(dir, "recipe.yaml"), root: filepath.Join(dir, "work")}
	if err := w.read(); err == nil {
		return w, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	roots := filepath.SplitList(b.roots)
	if len(roots) == 0 {
		roots = codeRoots(b.python)
	}
	log.Printf("collecting %d MB of documents", mb)
	texts, err := collectSources(roots, filepath.Join(b.cache, "packages"), b.python, int(float64(mb)*1e6*(1-b.copies)))
	if err != nil {
		return nil, err
	}
	log.Print(mix(texts))
	rows := filepath.Join(dir, "texts.jsonl")
	if err := writeJSONL(rows, withCopies(texts, b.copies, dedupSeed)); err != nil {
		return nil, err
	}
	defer os.Remove(rows)
	if err := os.WriteFile(w.recipe, []byte(dedupRecipe), 0o666); err != nil {
		return nil, err
	}
	if out, err := exec.Command(b.program, "crawl", w.recipe, "--quiet").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("codemill crawl: %w\n%s", err, out)
	}
	return w, w.read()
}

const dedupRecipe = `name: bench-dedup
work: work
crawl:
  max_file_bytes: 4194304
  sources:
    - {name: bench, path: texts.jsonl}
passes:
  - name: dedup
    dedup: {}
`

// writeJSONL writes texts as rows; some at a time make up a repository.
func writeJSONL(path string, texts []text) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	rows := json.NewEncoder(w)
	rows.SetEscapeHTML(false)
	for i, t := range texts {
		err := rows.Encode(map[string]string{
			"repo": fmt.Sprintf("bench/%05d", i/500),
			"path": fmt.Sprintf("%08d%s", i, filepath.Ext(originalPath(t.path))),
			"text": string(t.data),
		})
		if err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(w.Flush(), f.Close())
}

// read finds the documents and which are the same.
func (w *dedupWork) read() error {
	first := map[corpus.ID]int{}
	w.files, w.sizes, w.same, w.bytes = nil, nil, nil, 0
	err := w.each(false, func(shard string, d *corpus.Doc) error {
		if _, ok := first[d.ContentID]; !ok {
			first[d.ContentID] = len(w.sizes)
		}
		w.same = append(w.same, first[d.ContentID])
		w.sizes = append(w.sizes, int(d.Bytes))
		w.bytes += int(d.Bytes)
		if file := filepath.Join(w.root, work.DocsStage, shard+".parquet"); len(w.files) == 0 || w.files[len(w.files)-1] != file {
			w.files = append(w.files, file)
		}
		return nil
	})
	if err == nil && len(w.sizes) == 0 {
		err = fmt.Errorf("%s: no documents", w.root)
	}
	return err
}

// each calls do with every document, in order.
func (w *dedupWork) each(text bool, do func(shard string, d *corpus.Doc) error) error {
	folder, err := work.Read(vfs.OS{}, w.root)
	if err != nil {
		return err
	}
	defer folder.Close()
	docs, err := folder.Dir(work.DocsStage).Manifest()
	if err != nil {
		return err
	}
	job := work.Job{Work: folder, Workers: 1, Memory: 1 << 30}
	for i, s := range docs.Shards {
		for row, err := range job.Rows(context.Background(), i, text) {
			if err != nil {
				return err
			}
			if err := do(s.Shard, row.Doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// upTo returns how many documents make up so many bytes, 0 for all.
func (w *dedupWork) upTo(bytes int) int {
	if bytes >= w.bytes {
		return 0
	}
	n := 0
	for sum := 0; sum < bytes; n++ {
		sum += w.sizes[n]
	}
	return max(n, 1)
}

// first returns the number and the bytes of the first documents.
func (w *dedupWork) first(limit int) (docs, bytes int) {
	if limit == 0 || limit >= len(w.sizes) {
		return len(w.sizes), w.bytes
	}
	for _, n := range w.sizes[:limit] {
		bytes += n
	}
	return limit, bytes
}

// codemill is the dedup stage as a process, with one worker.
func (b *dedupBench) codemill() contender {
	return contender{
		name: "codemill",
		run: func(w *dedupWork, limit int) (*outcome, error) {
			if err := os.RemoveAll(filepath.Join(w.root, "verdicts")); err != nil {
				return nil, err
			}
			o, err := b.measure(exec.Command(b.program, "dedup", w.recipe, "--quiet", "-j", "1", "--memory", b.memory,
				fmt.Sprintf("--dedup.near.threshold=%v", b.threshold), fmt.Sprintf("--dedup.near.ngram=%d", b.ngram), fmt.Sprintf("--dedup.near.permutations=%d", b.perm)))
			if err != nil {
				return nil, err
			}
			o.docs, o.bytes = w.first(0)
			o.version, o.settings = "this tree", "all work, "+b.memory
			o.removed, err = w.dropped()
			return o, err
		},
		shingles: b.codemillShingles,
	}
}

// dropped returns the places of the documents that the verdicts put out.
func (w *dedupWork) dropped() (places []int, err error) {
	folder, err := work.Read(vfs.OS{}, w.root)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	docs, err := folder.Dir(work.DocsStage).Manifest()
	if err != nil {
		return nil, err
	}
	place := 0
	for i := range docs.Shards {
		for v, err := range folder.Verdicts("dedup", i) {
			if err != nil {
				return nil, err
			}
			if !v.Kept() {
				places = append(places, place)
			}
			place++
		}
	}
	return places, nil
}

func (b *dedupBench) config() dedup.Config {
	return dedup.Config{Near: near.Config{Threshold: b.threshold, Ngram: b.ngram, Permutations: b.perm}}
}

func (b *dedupBench) codemillShingles(w *dedupWork) (sets [][]uint64, err error) {
	d, err := dedup.New(b.config())
	if err != nil {
		return nil, err
	}
	return sets, w.each(true, func(_ string, doc *corpus.Doc) error {
		_, text := d.Texts(doc)
		set, _ := d.Shingles(nil, text)
		sets = append(sets, set)
		return nil
	})
}

// sketchRate is MB of text turned into sketches for each second of processor
// time, the texts being in memory.
func (b *dedupBench) sketchRate(w *dedupWork) (float64, error) {
	d, err := dedup.New(b.config())
	if err != nil {
		return 0, err
	}
	var texts [][]byte
	err = w.each(true, func(_ string, doc *corpus.Doc) error {
		texts = append(texts, append([]byte(nil), doc.Text...))
		return nil
	})
	if err != nil {
		return 0, err
	}
	var rates []float64
	var set []uint64
	var values []uint16
	for range 5 {
		bytes, start := 0, cpuTime()
		for _, t := range texts {
			bytes += len(t)
			if set, _ = d.Shingles(set, t); len(set) > 0 {
				values = d.Sign(values, set)
			}
		}
		rates = append(rates, float64(bytes)/1e6/max((cpuTime()-start).Seconds(), 1e-6))
	}
	return median(rates), nil
}

// readShingles reads for each document the number of its shingles, four bytes,
// and eight bytes for each, all little endian.
func readShingles(path string) (sets [][]uint64, err error) {
	err = readRecords(path, 8, func(b []byte) {
		set := make([]uint64, len(b)/8)
		for i := range set {
			set[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
		sets = append(sets, set)
	})
	return sets, err
}

// grow times codemill alone on ever more documents.
func (b *dedupBench) grow(w io.Writer) error {
	rows := [][]string{{"MB", "docs", "seconds", "cpu-s", "MB/s/core", "peak-MiB", "removed"}}
	var before *outcome
	for _, part := range []int{8, 4, 2, 1} {
		work, err := b.work(b.mb / part)
		if err != nil {
			return err
		}
		log.Printf("%d MB", b.mb/part)
		var o *outcome
		var cpus []float64
		for range b.rounds {
			if o, err = b.codemill().run(work, 0); err != nil {
				return err
			}
			cpus = append(cpus, o.cpu.Seconds())
		}
		o.cpu = time.Duration(median(cpus) * 1e9)
		rows = append(rows, []string{fmt.Sprintf("%.0f", float64(o.bytes)/1e6), fmt.Sprint(o.docs), fmt.Sprintf("%.1f", o.wall.Seconds()),
			fmt.Sprintf("%.1f", o.cpu.Seconds()), fmt.Sprintf("%.1f", o.rate()), fmt.Sprint(o.peak >> 20), fmt.Sprint(len(o.removed))})
		if before != nil {
			key := fmt.Sprintf("growth/%d:%d/", 8/part, 4/part)
			b.ratios[key+"cpu-per-byte"] = before.rate() / o.rate()
			b.ratios[key+"peak"] = float64(o.peak) / float64(before.peak)
		}
		before = o
	}
	return table(w, rows)
}
