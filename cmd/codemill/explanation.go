package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/codemill/codemill/corpus"
)

// explanation is what became of one file. It reads the work folder alone.
type explanation struct {
	Source      string   `json:"source"`
	Repo        string   `json:"repo"`
	Path        string   `json:"path"`
	Kept        bool     `json:"kept"`
	ID          string   `json:"id,omitempty"`
	At          string   `json:"at,omitempty"` // shard:row
	Language    string   `json:"language,omitempty"`
	Kind        string   `json:"kind,omitempty"`
	License     string   `json:"license,omitempty"`
	LicenseType string   `json:"license_type,omitempty"`
	Bytes       int64    `json:"bytes,omitempty"`
	SameAs      *place   `json:"same_as,omitempty"` // the document that stands for this blob
	Stage       string   `json:"stage,omitempty"`   // that put it out
	Reason      string   `json:"reason,omitempty"`
	Value       float64  `json:"value"`
	Limit       float64  `json:"limit"`
	Detail      string   `json:"detail,omitempty"`
	Survivor    *place   `json:"survivor,omitempty"`
	Similarity  float64  `json:"similarity,omitempty"`
	Copies      int64    `json:"copies,omitempty"`      // how many documents it stands for, itself included
	RepoCopies  int64    `json:"repo_copies,omitempty"` // how many repositories its own stands for, itself included
	Edited      []edited `json:"edited,omitempty"`      // by the passes that let it in
	Planned     bool     `json:"planned"`               // a plan stands that was made from these verdicts
	Uses        []use    `json:"uses,omitempty"`

	pos corpus.Pos
}

type place struct {
	Source string `json:"source"`
	Repo   string `json:"repo"`
	Path   string `json:"path"`            // of a repository its first document's; "" if it is of an earlier run
	Run    string `json:"run,omitempty"`   // the earlier run that added it to the index; "" if it is of this run
	Whole  bool   `json:"whole,omitempty"` // the repository is meant
}

func (p *place) String() string {
	s := name(p.Repo)
	switch {
	case p.Whole && p.Repo != "":
		s = "the repository " + s
	default:
		s += " " + name(p.Path)
	}
	if p.Run != "" {
		s += fmt.Sprintf(" of the earlier run %s in the index", name(p.Run))
	}
	return s
}

// edited is what a pass changed in a text.
type edited struct {
	Stage   string `json:"stage"`
	Places  int64  `json:"places"`
	Removed int64  `json:"removed"` // bytes
	Added   int64  `json:"added"`
}

// edit notes what a pass changed.
func (e *explanation) edit(pass string, edits []corpus.Edit) {
	if len(edits) == 0 {
		return
	}
	d := edited{Stage: pass, Places: int64(len(edits))}
	for _, x := range edits {
		d.Removed, d.Added = d.Removed+x.End-x.Start, d.Added+int64(len(x.Text))
	}
	e.Edited = append(e.Edited, d)
}

// use is one place of a document in the plan.
type use struct {
	Part   string `json:"part"`
	Epoch  int64  `json:"epoch"`
	Tokens int64  `json:"tokens"`
	Shard  string `json:"shard"` // of the output
}

// document begins the explanation of a document; follow says the rest.
func document(pos corpus.Pos, d *corpus.Doc) *explanation {
	d = d.Clone()
	return &explanation{
		Source: strings.Clone(d.Source), Repo: strings.Clone(d.Repo), Path: strings.Clone(d.Path), ID: d.ID.String(), At: pos.String(),
		Language: strings.Clone(d.Language), Kind: strings.Clone(d.Kind), License: strings.Clone(d.License),
		LicenseType: strings.Clone(d.LicenseType), Bytes: d.Bytes, pos: pos,
	}
}

func (e *explanation) print(out io.Writer) {
	fmt.Fprintf(out, "%s %s (source %s)\n", name(e.Repo), name(e.Path), name(e.Source))
	if e.SameAs != nil {
		fmt.Fprintf(out, "  the same blob as %v, which stands for it\n", e.SameAs)
	}
	if e.ID != "" {
		fmt.Fprintf(out, "  document %s, %s, %s bytes, %s, licence %s (%s)\n", e.At, name(e.Language), number(e.Bytes), name(e.Kind), name(e.License), e.LicenseType)
	}
	switch {
	case e.Kept:
		fmt.Fprintln(out, "  kept by all stages")
	case e.Survivor != nil:
		fmt.Fprintf(out, "  out: %s, %s: similarity %.3f to %v, which was kept\n", e.Stage, e.Reason, e.Similarity, e.Survivor)
	case e.Value != 0 || e.Limit != 0:
		fmt.Fprintf(out, "  out: %s, %s: %s, the limit is %s\n", e.Stage, name(e.Reason), amount(e.Value), amount(e.Limit))
	default:
		fmt.Fprintf(out, "  out: %s, %s\n", e.Stage, name(e.Reason))
	}
	if e.Detail != "" {
		fmt.Fprintf(out, "  %s\n", printable(e.Detail))
	}
	for _, d := range e.Edited {
		fmt.Fprintf(out, "  edited by %s in %d places: %s bytes out, %s in\n", d.Stage, d.Places, number(d.Removed), number(d.Added))
	}
	if e.Copies > 1 {
		fmt.Fprintf(out, "  stands for %d documents\n", e.Copies)
	}
	if e.RepoCopies > 1 {
		fmt.Fprintf(out, "  its repository stands for %d repositories\n", e.RepoCopies)
	}
	for _, u := range e.Uses {
		fmt.Fprintf(out, "  in the blend: part %s, epoch %d, %s tokens, %s\n", name(u.Part), u.Epoch+1, number(u.Tokens), u.Shard)
	}
	if e.Kept && e.Planned && len(e.Uses) == 0 {
		fmt.Fprintln(out, "  not used by the blend: it belongs to no part, or its part needs less than there is")
	}
}
