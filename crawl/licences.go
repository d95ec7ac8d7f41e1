package crawl

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/origin"
	"github.com/codemill/codemill/lang"
	"github.com/codemill/codemill/license"
)

const (
	// maxLicenceBytes of a file that speaks of licences are read, whatever
	// max_file_bytes says; one that is longer is not understood.
	maxLicenceBytes = 512 << 10
	// maxSpeaking such files of a tree are read. What the others say is not
	// known, and so is the licence of what they speak for.
	maxSpeaking = 50_000
	// maxLinks are followed one after another.
	maxLinks = 8
	// maxTarget bounds how long the target of a link is.
	maxTarget = 4096
	// maxRemembered blobs are known by what they say, before all are forgotten.
	maxRemembered = 1 << 16
)

// mayName reports whether an entry may say something of the licences of its tree.
func mayName(e origin.Entry) bool {
	empty := e.Mode == origin.RegularMode && e.Size == 0
	return !empty && e.Mode != origin.SubmoduleMode && license.FormOf(e.Path) != "" && !escapes(e.Path)
}

// memory remembers what blobs say of licences, for many trees have the same. It
// is safe for concurrent use.
type memory struct {
	mu   sync.Mutex
	said map[[2]string]license.Said // by blob and form
}

func (m *memory) get(e origin.Entry, form license.Form) (license.Said, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.said[[2]string{e.Blob, string(form)}]
	return s, ok && e.Blob != ""
}

func (m *memory) put(e origin.Entry, form license.Form, s license.Said) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.said == nil || len(m.said) >= maxRemembered {
		m.said = map[[2]string]license.Said{}
	}
	if e.Blob != "" && s.Small() {
		m.said[[2]string{e.Blob, string(form)}] = s
	}
}

// speaker is a file of a tree that says something of licences.
type speaker struct {
	path string       // where it stands
	at   origin.Entry // what is read, elsewhere where it is a link
	said license.Said
	left *origin.Left // why it could not be read
	done bool         // said is known
	drop bool         // a link to a folder: it says nothing
}

// readEach gives do the bytes of some entries of a tree in their order, each with its
// index, or why one cannot be had. The bytes are borrowed.
func readEach(ctx context.Context, t tree, entries []origin.Entry, do func(i int, raw []byte, left *origin.Left)) error {
	if len(entries) == 0 {
		return nil
	}
	in, err := t.Open(ctx, func(yield func(origin.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	defer in.Close()
	for i, e := range entries {
		raw, err := in.Read(e)
		var left *origin.Left
		if err != nil && !errors.As(err, &left) {
			return err
		}
		do(i, raw, left)
	}
	return nil
}

// readSpeakers reads what some speakers stand for, with readEach. What one that
// cannot be had says is not known.
func readSpeakers(ctx context.Context, t tree, speakers []*speaker, do func(s *speaker, raw []byte)) error {
	entries := make([]origin.Entry, len(speakers))
	for i, s := range speakers {
		entries[i] = s.at
	}
	return readEach(ctx, t, entries, func(i int, raw []byte, left *origin.Left) {
		s := speakers[i]
		s.said = license.Unread()
		if s.left = left; left == nil {
			do(s, raw)
		}
	})
}

// licences reads what the files of a tree say of licences. Those that could not be
// read are put into unread: what they speak for has an unknown licence.
func (w *writer) licences(ctx context.Context, t tree, u *unit, l *listing, entries []origin.Entry, unread map[string]*origin.Left) (*license.Tree, error) {
	paths := make([]string, len(entries))
	for i, e := range entries {
		paths[i] = e.Path
	}
	var speakers []speaker
	for i, needed := range license.Needed(paths) {
		if needed {
			speakers = append(speakers, speaker{path: paths[i], at: entries[i]})
		}
	}
	if err := follow(ctx, t, l, speakers); err != nil {
		return nil, err
	}
	var wanted []*speaker
	for i := range speakers {
		s := &speakers[i]
		if s.done || s.drop {
			continue
		}
		if s.at.Mode != origin.RegularMode || s.at.Size > maxLicenceBytes || len(wanted) >= maxSpeaking {
			s.said = license.Unread()
		} else if known, ok := w.c.remembered.get(s.at, license.FormOf(s.path)); ok {
			s.said = known
		} else {
			wanted = append(wanted, s)
		}
	}
	err := readSpeakers(ctx, t, wanted, func(s *speaker, raw []byte) {
		if text := lang.Decode(raw, lang.Encodings{}).Text; text != nil && len(raw) <= maxLicenceBytes {
			form := license.FormOf(s.path)
			s.said = w.c.licences.Read(form, text)
			w.c.remembered.put(s.at, form, s.said)
		}
	})
	if err != nil {
		return nil, err
	}
	var files []license.File
	for _, s := range speakers {
		if s.left != nil {
			unread[s.path] = s.left
		}
		if !s.drop {
			files = append(files, license.File{Path: s.path, Said: s.said})
		}
	}
	of := license.NewTree(license.Default(u.src.License), files)
	var broken error
	if of.Asks() {
		for e := range l.each(&broken) {
			of.Note(e.Path)
		}
	}
	return of, broken
}

// follow puts in the place of links what they lead to within the tree. What one
// says that leads elsewhere is not known.
func follow(ctx context.Context, t tree, l *listing, speakers []speaker) error {
	for range maxLinks {
		var links []*speaker
		for i := range speakers {
			s := &speakers[i]
			switch {
			case s.at.Mode != origin.SymlinkMode || s.done || s.drop:
			case len(links) >= maxSpeaking:
				s.said = license.Unread()
				s.done = true
			default:
				links = append(links, s)
			}
		}
		if len(links) == 0 {
			return nil
		}
		if err := followOnce(ctx, t, l, links); err != nil {
			return err
		}
	}
	return nil // a link that is left is read as none
}

// followOnce reads where links lead, and looks for it in the listing.
func followOnce(ctx context.Context, t tree, l *listing, links []*speaker) error {
	targets := map[string][]*speaker{}
	for _, s := range links {
		s.done = true // unless it is found
	}
	err := readSpeakers(ctx, t, links, func(s *speaker, raw []byte) {
		to := path.Join(path.Dir(s.at.Path), string(raw))
		if len(raw) == 0 || len(raw) > maxTarget || raw[0] == '/' || escapes(to) {
			return
		}
		targets[to] = append(targets[to], s)
	})
	if err != nil {
		return err
	}
	var broken error
	for e := range l.each(&broken) {
		for _, s := range targets[e.Path] {
			s.at = e
			s.done = false
		}
		for dir := path.Dir(e.Path); dir != "." && dir != "/" && len(targets) > 0; dir = path.Dir(dir) {
			for _, s := range targets[dir] {
				s.drop = true
			}
		}
	}
	return broken
}

// licensed puts a licence into a document.
func licensed(d *corpus.Doc, v license.Verdict) {
	d.License, d.LicenseType = v.Expression, v.Type
	d.LicenseFrom = v.From
	d.DetectedLicenses = v.Detected
	d.LicenseAt = slices.Clone(v.At)
	for i, at := range d.LicenseAt {
		d.LicenseAt[i] = strings.ToValidUTF8(at, string(utf8.RuneError))
	}
}
