package license

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"

	"github.com/google/licensecheck"

	"github.com/codemill/codemill/license/spdx"
)

// A Finding is what a text says of its licence.
type Finding struct {
	// License has the type [None] where the text says nothing of licences, and
	// [Unknown] where it says something that is not understood.
	License
	Line     int      // the line, from 1, on which the first match begins; 0 if there is none
	Detected []string // every SPDX id that was found, sorted
	// Elsewhere is true of a text that only points to another file, such as
	// "see LICENSE in the root", and names no licence itself.
	Elsewhere bool
}

// Recognizer names what licence texts and notices say, by the patterns of
// google/licensecheck. It is safe for concurrent use.
type Recognizer struct {
	once    sync.Once
	scanner *licensecheck.Scanner
	mu      sync.Mutex
	known   map[[32]byte]Finding
}

const (
	// maxTextBytes of a licence file are looked at.
	maxTextBytes = 128 << 10
	// maxKnown findings are remembered before all are forgotten.
	maxKnown = 1 << 15
)

// File returns what the text of a licence file says.
func (r *Recognizer) File(text []byte) Finding {
	if f := declared(text); f.Type != None {
		return f
	}
	f := r.find(text[:min(len(text), maxTextBytes)])
	if f.Type == None && len(bytes.TrimSpace(text)) > 0 {
		f.License = FromSPDX("")
	}
	return f
}

// Head returns what the leading comment of a file says: every
// SPDX-License-Identifier, joined by AND, or its licence notices.
func (r *Recognizer) Head(text []byte, language string) Finding {
	if f := declared(text); f.Type != None {
		return f
	}
	return r.find(text[:min(len(text), 16<<10)])
}

// Readme returns what the licence section of a README says.
func Readme(text []byte) Finding {
	return declared(text)
}

const (
	// declaredBytes and declaredLines are how far into a text declared looks.
	declaredBytes = 2000
	declaredLines = 20
)

// declared reads every SPDX-License-Identifier line at the start of a text.
func declared(text []byte) Finding {
	const mark = "SPDX-License-Identifier"
	f := Finding{License: License{Type: None}}
	n := 0
	for line := range bytes.Lines(text[:min(len(text), declaredBytes)]) {
		if n++; n > declaredLines {
			break
		}
		_, rest, ok := bytes.Cut(line, []byte(mark))
		if !ok {
			continue
		}
		s := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(string(rest)), ":"))
		for _, end := range []string{"*/", "-->", "--}", "-}", "*)", "#}", "%>", "\"\"\"", "|#"} {
			s = strings.TrimSpace(strings.TrimSuffix(s, end))
		}
		s = strings.Join(strings.Fields(s), " ")
		if !spdx.Valid(s) {
			return Finding{License: FromSPDX(""), Line: n}
		}
		if f.Line == 0 {
			f.License, f.Line = FromSPDX(s), n
		} else if f.Expression != s {
			f.License = FromSPDX(join(f.Expression, " AND ", s))
		}
		f.Detected = spdx.Names(f.Expression)
	}
	slices.Sort(f.Detected)
	f.Detected = slices.Compact(f.Detected)
	return f
}

// find scans a text, or remembers what it said.
func (r *Recognizer) find(text []byte) Finding {
	r.once.Do(func() {
		var err error
		if r.scanner, err = licensecheck.NewScanner(licensecheck.BuiltinLicenses()); err != nil {
			panic("license: " + err.Error()) // the patterns are the program's own
		}
	})
	key := sha256.Sum256(text)
	r.mu.Lock()
	f, ok := r.known[key]
	r.mu.Unlock()
	if ok {
		return f
	}
	f = Finding{License: License{Type: None}}
	for _, m := range r.scanner.Scan(text).Match {
		if f.Line == 0 {
			f.Line = 1 + bytes.Count(text[:m.Start], []byte("\n"))
		}
		f.Detected = append(f.Detected, m.ID)
	}
	slices.Sort(f.Detected)
	f.Detected = slices.Compact(f.Detected)
	if len(f.Detected) > 0 {
		f.License = FromSPDX(strings.Join(f.Detected, " AND "))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= maxKnown {
		r.known = map[[32]byte]Finding{}
	}
	r.known[key] = f
	return f
}
