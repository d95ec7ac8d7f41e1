package crawl

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/internal/choice"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license/spdx"
)

// Config says what to crawl and how. The zero Config crawls nothing.
type Config struct {
	// Sources in the order in which their documents stand.
	Sources []Source `yaml:"sources"`
	// MaxFileBytes leaves out larger files; 0 means 1 MiB, 64 MiB at most. Of Jupyter
	// notebooks see Notebooks.
	MaxFileBytes int64 `yaml:"max_file_bytes"`
	// ShardBytes is how many bytes of listed files a shard has at least, but for the
	// last; 0 means 32 MiB, 1 TiB at most. A killed run loses the shards that its
	// workers were making, and no stage can use more workers than there are shards.
	ShardBytes int64 `yaml:"shard_bytes"`
	// Blobs says what happens to a file whose bytes stand in several places of a
	// source. "every" (the default): it is a document in each place, as corpora of
	// whole repositories need it. "once": it is a document in the first place, which
	// names the others in also_at.
	Blobs string `yaml:"blobs"`
	// Encodings says what happens to texts that are not UTF-8. "convert" (the
	// default): what is declared, or certain without (package lang/charset), becomes
	// UTF-8. What a file says itself goes before the tree's working-tree-encoding in
	// .gitattributes, and that before charset in .editorconfig. "drop": they are left
	// out.
	Encodings string `yaml:"encodings"`
	// StrayBytes says what becomes of a few malformed bytes in an otherwise clean
	// file: "replace" (the default) puts U+FFFD in their place, "remove" nothing,
	// and "refuse" leaves the file out.
	StrayBytes string `yaml:"stray_bytes"`
	// LineEnds is "keep" (the default), or "lf" for CR LF, and CR in files without
	// LF, to become LF.
	LineEnds string `yaml:"line_ends"`
	// Notebooks says what becomes of .ipynb, .Rmd and .qmd (package lang/notebook).
	// "script" (the default): a script in the language of its code, with the texts as
	// comments and the magics commented out; Markdown where there is no code, or, of
	// .Rmd and .qmd, where texts are most of it. "markdown": Markdown, the code in
	// fences. Either way without outputs and images, and the file of an .ipynb may have
	// 16 times MaxFileBytes, at most 64 MiB, what it becomes MaxFileBytes. "keep": what
	// the file holds.
	Notebooks string `yaml:"notebooks"`
	// Metadata is a JSONL file of repositories, which may be compressed: repo, and any
	// of stars, forks, created_at (RFC 3339 or Unix seconds).
	Metadata string `yaml:"metadata"`
}

// Source is one entry of the recipe: some repositories, folders or JSONL files.
type Source struct {
	Name string `yaml:"name"` // unique, without "/"
	// Path, Paths and List say where the source is; they may be used together. List is
	// a file with one path a line, relative to the file; after a tab the repository's
	// name may follow. Lines that begin with # are comments.
	Path  string   `yaml:"path"`
	Paths []string `yaml:"paths"`
	List  string   `yaml:"list"`
	// Glob finds repositories below each path: every folder or file whose path below
	// it matches is one, named by that path, and nothing is looked for within it. **
	// stands for any number of folders: "*/*.git" finds owner/name.git. Folders .git
	// and work folders of codemill are passed over, and so are files of no type, which
	// are counted. A link that matches is followed where it leads within the source's
	// paths, or outside, and to nothing that is read already; other links are named in
	// a warning. Without Glob each path is one repository.
	Glob string `yaml:"glob"`
	// Outside are paths outside of the source's own that may be read where links and
	// repositories lead there: linked clones, the objects that a clone shares, the
	// repository of a linked worktree. Without it a repository that leads outside is
	// unreadable.
	Outside []string `yaml:"outside"`
	// Type is auto (the default), git, folder or jsonl: one object a line, plain or
	// compressed with gzip, zstd, xz or bzip2, whatever the file's name is.
	Type string `yaml:"type"`
	// Ref is the branch, tag or commit that is read of git repositories, as git knows it
	// there: v1.0, origin/dev. Without it HEAD is read, or where HEAD stands for a branch
	// that is not there, the only branch.
	Ref string `yaml:"ref"`
	// AsOf is a date (2024-01-31, in UTC) or time (RFC 3339) of which git repositories
	// are read: the newest commit of Ref or HEAD, along first parents, that is older. A
	// repository without one is left out for the reason not_yet. With Ref or AsOf the
	// type auto means git.
	AsOf string `yaml:"as_of"`
	Repo string `yaml:"repo"` // name of the one repository; default the path's last element
	// License is the SPDX expression of files of which neither their head nor
	// their tree says a licence (license_from: source).
	License string `yaml:"license"`
	// Include and Exclude are globs on the path within the repository; without
	// Include everything is in.
	Include []string `yaml:"include"`
	Exclude []string `yaml:"exclude"`
	// ExportIgnore leaves out what the repositories leave out of their archives, by
	// export-ignore in .gitattributes. Not with blobs: once.
	ExportIgnore bool `yaml:"export_ignore"`
	// Kinds, if any, are the kinds of documents to keep: code, markup, prose,
	// data, or other for those that are none of these, such as those without a language;
	// lang.Kind says what is what. A row that names its kind has it.
	Kinds []string `yaml:"kinds"`
	// Columns maps columns of documents to fields of JSONL rows, with dots for nested
	// ones: {text: content, repo: meta.repo}. Those of The Stack, codeparrot, dolma and
	// datatrove need not be named: see rowColumns in document.go.
	Columns map[string]string `yaml:"columns"`
	// TextKind is the kind of JSONL texts that have no language and no path
	// that gives one; default prose.
	TextKind string `yaml:"text_kind"`
	// Optional makes a missing path, or a source without files, a warning.
	Optional bool `yaml:"optional"`
	// OnUnreadable says what happens to a repository that cannot be read: one without a
	// commit, damaged, without objects that were promised to it, or leading outside.
	// "leave" (the default): it is left out, as one row with the reason unreadable_repo
	// and git's words, and the exit code is 3. "stop": it ends the run. An error of the
	// disk ends the run either way.
	OnUnreadable string `yaml:"on_unreadable"`
}

// The values of Config.Blobs, Config.Encodings, Config.Notebooks and Source.OnUnreadable.
const (
	BlobsEvery       = "every"
	BlobsOnce        = "once"
	EncodingsConvert = "convert"
	EncodingsDrop    = "drop"

	NotebooksScript   = "script"
	NotebooksMarkdown = "markdown"
	NotebooksKeep     = "keep"

	UnreadableLeave = "leave"
	UnreadableStop  = "stop"
)

// Auto is the value of Source.Type by which the type is found out.
const Auto = "auto"

const (
	defaultFileBytes  = 1 << 20
	maxFileBytes      = 64 << 20
	defaultShardBytes = 32 << 20
	maxShardBytes     = 1 << 40
)

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	if c.MaxFileBytes < 0 || c.MaxFileBytes > maxFileBytes {
		return fmt.Errorf("max_file_bytes: %d is not in 1 to %d (0 means %d)", c.MaxFileBytes, maxFileBytes, defaultFileBytes)
	}
	if c.ShardBytes < 0 || c.ShardBytes > maxShardBytes {
		return fmt.Errorf("shard_bytes: %d is not in 1 to %d (0 means %d)", c.ShardBytes, int64(maxShardBytes), defaultShardBytes)
	}
	if err := oneOf("blobs", c.Blobs, "", BlobsEvery, BlobsOnce); err != nil {
		return err
	}
	if err := oneOf("encodings", c.Encodings, "", EncodingsConvert, EncodingsDrop); err != nil {
		return err
	}
	if err := oneOf("stray_bytes", c.StrayBytes, "", lang.StrayReplace, lang.StrayRemove, lang.StrayRefuse); err != nil {
		return err
	}
	if err := oneOf("line_ends", c.LineEnds, "", lang.LineEndsKeep, lang.LineEndsLF); err != nil {
		return err
	}
	if err := oneOf("notebooks", c.Notebooks, "", NotebooksScript, NotebooksMarkdown, NotebooksKeep); err != nil {
		return err
	}
	if len(c.Sources) == 0 {
		return nil
	}
	seen := map[string]bool{}
	for i, s := range c.Sources {
		switch {
		case s.Name == "" || strings.Contains(s.Name, "/"):
			return fmt.Errorf("sources[%d].name: %q is not a name without /", i, s.Name)
		case seen[s.Name]:
			return fmt.Errorf("sources[%d].name: %q is there twice", i, s.Name)
		}
		seen[s.Name] = true
		if s.ExportIgnore && c.Blobs == BlobsOnce {
			return fmt.Errorf("sources[%d] (%s).export_ignore: not with blobs: once, where a file that is left out may stand for others", i, s.Name)
		}
		if err := s.validate(); err != nil {
			return fmt.Errorf("sources[%d] (%s).%w", i, s.Name, err)
		}
	}
	return nil
}

// Paths returns the settings that are paths, by their keys: those of the sources, and
// Metadata.
func (c *Config) Paths() map[string]*string {
	paths := map[string]*string{"metadata": &c.Metadata}
	for i := range c.Sources {
		s := &c.Sources[i]
		at := fmt.Sprintf("sources[%d] (%s).", i, s.Name)
		paths[at+"path"] = &s.Path
		paths[at+"list"] = &s.List
		for k := range s.Paths {
			paths[fmt.Sprintf("%spaths[%d]", at, k)] = &s.Paths[k]
		}
		for k := range s.Outside {
			paths[fmt.Sprintf("%soutside[%d]", at, k)] = &s.Outside[k]
		}
	}
	return paths
}

// validate reports the first setting of a source that makes no sense, by its key.
func (s Source) validate() error {
	if s.Path == "" && len(s.Paths) == 0 && s.List == "" {
		return errors.New("path: none given; set path, paths or list")
	}
	if slices.Contains(s.Paths, "") {
		return errors.New("paths: an empty path")
	}
	if slices.Contains(s.Outside, "") {
		return errors.New("outside: an empty path")
	}
	if err := oneOf("type", s.Type, append([]string{"", Auto}, sourceTypeNames()...)...); err != nil {
		return err
	}
	if err := oneOf("on_unreadable", s.OnUnreadable, "", UnreadableLeave, UnreadableStop); err != nil {
		return err
	}
	if s.Ref != "" && !isRef(s.Ref) {
		return fmt.Errorf("ref: %q is not the name of a branch, a tag or a commit", s.Ref)
	}
	if _, err := s.before(); err != nil {
		return err
	}
	if s.history() && s.Type != "" && s.Type != Auto && s.Type != gitType {
		return fmt.Errorf("ref and as_of: are for git repositories, and the type is %s", s.Type)
	}
	if s.Repo != "" && (s.Path == "" || len(s.Paths) > 0 || s.List != "" || s.Glob != "") {
		return errors.New("repo: names one repository, but the source may have several; leave it out or give one path only")
	}
	if _, err := newGlob(s.Glob); err != nil {
		return fmt.Errorf("glob: %w", err)
	}
	if _, err := newSelection(s); err != nil {
		return err
	}
	for _, k := range s.Kinds {
		if err := choice.ValidKind(k); err != nil {
			return fmt.Errorf("kinds: %w", err)
		}
	}
	if err := oneOf("text_kind", s.TextKind, corpus.Kinds()...); err != nil {
		return err
	}
	if s.License != "" && !spdx.Valid(s.License) {
		return fmt.Errorf("license: %q is not an SPDX expression", s.License)
	}
	return validateColumns(s.Columns)
}

// isRef reports whether a text is a name by git's rules, rather than an expression: such
// as main@{yesterday}, which stands for something else tomorrow.
func isRef(name string) bool {
	return name[0] != '-' && utf8.ValidString(name) && !strings.ContainsAny(name, " ~^:?*[\\") && !strings.ContainsFunc(name, unicode.IsControl) &&
		!strings.Contains(name, "..") && !strings.Contains(name, "@{")
}

// history reports whether the source asks for another commit than that of HEAD.
func (s Source) history() bool { return s.Ref != "" || s.AsOf != "" }

// before is AsOf in Unix seconds, 0 where there is none.
func (s Source) before() (int64, error) {
	if s.AsOf == "" {
		return 0, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s.AsOf); err == nil && t.Unix() > 0 {
			return t.Unix(), nil
		}
	}
	return 0, fmt.Errorf("as_of: %q is neither a date like 2024-01-31 nor a time like 2024-01-31T12:00:00Z, after 1970-01-01", s.AsOf)
}

// oneOf refuses a value that is not among those allowed. "" may be, as a default.
func oneOf(key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	var names []string
	for _, a := range allowed {
		if a != "" {
			names = append(names, a)
		}
	}
	return fmt.Errorf("%s: %q is not one of %s", key, value, strings.Join(names, ", "))
}

// withDefaults fills in what zero values stand for.
func (c Config) withDefaults() Config {
	if c.MaxFileBytes == 0 {
		c.MaxFileBytes = defaultFileBytes
	}
	if c.ShardBytes == 0 {
		c.ShardBytes = defaultShardBytes
	}
	if c.Blobs == "" {
		c.Blobs = BlobsEvery
	}
	if c.Encodings == "" {
		c.Encodings = EncodingsConvert
	}
	if c.StrayBytes == "" {
		c.StrayBytes = lang.StrayReplace
	}
	if c.LineEnds == "" {
		c.LineEnds = lang.LineEndsKeep
	}
	if c.Notebooks == "" {
		c.Notebooks = NotebooksScript
	}
	c.Sources = slices.Clone(c.Sources)
	for i := range c.Sources {
		s := &c.Sources[i]
		if s.Type == "" {
			s.Type = Auto
		}
		if s.Type == Auto && s.history() {
			s.Type = gitType
		}
		if s.OnUnreadable == "" {
			s.OnUnreadable = UnreadableLeave
		}
		if s.TextKind == "" {
			s.TextKind = corpus.Prose
		}
		s.Kinds = slices.Clone(s.Kinds)
		for k := range s.Kinds {
			s.Kinds[k] = choice.Value(s.Kinds[k])
		}
	}
	return c
}

// settings is what every shard depends on. What a shard depends on of a source is in
// its inputs.
type settings struct {
	MaxFileBytes int64
	Blobs        string
	Encodings    string
	StrayBytes   string
	LineEnds     string
	Notebooks    string
}

// decoding is how a file's bytes become text.
func (c Config) decoding() lang.Encodings {
	return lang.Encodings{OnlyUTF8: c.Encodings == EncodingsDrop, Stray: c.StrayBytes, LineEnds: c.LineEnds}
}

// sourceSettings is what of a Source its documents depend on, besides what stands at its
// paths.
type sourceSettings struct {
	Name, License, TextKind string
	Include, Exclude, Kinds []string
	Columns                 map[string]string
	ExportIgnore            bool
}

func (s Source) settings() sourceSettings {
	return sourceSettings{s.Name, s.License, s.TextKind, s.Include, s.Exclude, s.Kinds, s.Columns, s.ExportIgnore}
}
