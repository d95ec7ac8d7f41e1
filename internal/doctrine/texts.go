package doctrine

import (
	"fmt"
	"go/build"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// GoFiles returns the texts of Go source files of this machine's GOROOT, n at most and
// none longer than maxSize bytes, in an order that is random and always the same for one
// release of Go. Tests of dedup need texts with the repetitions that real ones have.
func GoFiles(t testing.TB, n, maxSize int) []string {
	t.Helper()
	var files []string
	root := filepath.Join(build.Default.GOROOT, "src")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(7, 7)).Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	var texts []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) <= maxSize && utf8.Valid(b) {
			if texts = append(texts, string(b)); len(texts) == n {
				break
			}
		}
	}
	if len(texts) == 0 {
		t.Fatal("no files in GOROOT")
	}
	return texts
}

// Mutate returns a near copy of a text: about this share of its words (0 to 1) is left
// out, replaced, or gets another word behind it, each in a third of the cases. A word is
// what ends in a space.
func Mutate(rng *rand.Rand, text string, rate float64) string {
	words := strings.SplitAfter(text, " ")
	for i := range words {
		if rng.Float64() < rate {
			switch rng.IntN(3) {
			case 0:
				words[i] = ""
			case 1:
				words[i] = fmt.Sprintf("x%d ", rng.IntN(1000))
			default:
				words[i] += fmt.Sprintf("y%d ", rng.IntN(1000))
			}
		}
	}
	return strings.Join(words, "")
}
