package filter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOptOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list")
	list := func(text string) (*optOut, error) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return readOptOut(file)
	}
	for line, c := range map[string]struct{ in, out string }{ // repositories, separated by spaces
		"a/b":                        {"a/b A/B github.com/a/b x/a/b https://github.com/a/b.git", "a/bb aa/b a b a/b/c"},
		"a/b # left in March":        {"a/b", "a"},
		"https://github.com/a/b":     {"a/b github.com/a/b", "gitlab.com/a/b x/a/b"},
		"http://www.github.com/a/b/": {"github.com/a/b a/b a/b/c", "github.com/a"},
		"git@github.com:a/b.git":     {"a/b github.com/a/b", "gitlab.com/a/b"},
		"ssh://git@github.com/a/b":   {"a/b github.com/a/b", "gitlab.com/a/b"},
		"a/":                         {"a/b a/b/c github.com/a/b x/a/b", "a ab/c b"},
		"github.com/a/":              {"a/b github.com/a/b a/b/c", "gitlab.com/a/b x/a/b a"},
		"github.com/":                {"github.com/a/b", "gitlab.com/a/b github.com"},
		"a/*":                        {"a/b github.com/a/b", "a/b/c a"},
		"a/lib-*":                    {"a/lib-x github.com/a/lib-x", "a/lib a/b"},
		"github.com/a/lib-*":         {"a/lib-x github.com/a/lib-x", "gitlab.com/a/lib-x"},
		"*-bot/":                     {"x-bot/a github.com/x-bot/a/b", "bot/a x-bot"},
		"a/[bc]?":                    {"a/bx a/cy", "a/b a/dx"},
		"\ufeffa/b\r\n":              {"a/b", "a"},
		"name":                       {"name a/name", "names name/a"},
	} {
		o, err := list("# none\n\n" + line + "\n")
		if strings.HasPrefix(line, "\ufeff") {
			o, err = list(line)
		}
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		for repo := range strings.FieldsSeq(c.in) {
			if !o.has(repo) {
				t.Errorf("%q does not match %s", line, repo)
			}
		}
		for repo := range strings.FieldsSeq(c.out) {
			if o.has(repo) {
				t.Errorf("%q matches %s", line, repo)
			}
		}
		if o.has("") {
			t.Errorf("%q matches what belongs to no repository", line)
		}
	}
	for line, want := range map[string]string{
		"/": "it names none", "https://": "it names none", "a//b": "no part of a name", "a/../b": "no part of a name", "./b": "no part of a name", "a/b please": "comments stand behind #", "a/[b": "not a glob", ".git": "it names none",
	} {
		_, err := list("a/b\n\n" + line + "\n")
		if err == nil || !strings.Contains(err.Error(), "list:3: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want line 3 and %q", line, err, want)
		}
	}
}
