package state

import (
	"strings"

	"github.com/codemill/codemill/corpus"
)

// Explanation is what became of one file.
type Explanation struct {
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
	LicenseFrom string   `json:"license_from,omitempty"`
	LicenseAt   []string `json:"license_at,omitempty"` // the files and lines that decided
	Detected    []string `json:"detected_licenses,omitempty"`
	Encoding    string   `json:"encoding,omitempty"`
	Flags       []string `json:"flags,omitempty"` // see corpus.Doc
	Bytes       int64    `json:"bytes,omitempty"`
	SameAs      *Place   `json:"same_as,omitempty"` // the document that stands for this blob
	Stage       string   `json:"stage,omitempty"`   // that put it out
	Reason      string   `json:"reason,omitempty"`
	Value       float64  `json:"value"`
	Limit       float64  `json:"limit"`
	Detail      string   `json:"detail,omitempty"`
	Survivor    *Place   `json:"survivor,omitempty"`
	Similarity  float64  `json:"similarity,omitempty"`
	Copies      int64    `json:"copies,omitempty"`      // how many documents it stands for, itself included
	RepoCopies  int64    `json:"repo_copies,omitempty"` // how many repositories its own stands for, itself included
	Edited      []Edited `json:"edited,omitempty"`      // by the passes that let it in
	Planned     bool     `json:"planned"`               // a plan stands that was made from these verdicts
	Uses        []Use    `json:"uses,omitempty"`
	Unused      string   `json:"unused,omitempty"` // a reason of mix; "" where it is used or that is not known

	pos corpus.Pos
}

// Place is where a document stands, or stood when an earlier run added it to an
// index.
type Place struct {
	Source string `json:"source"`
	Repo   string `json:"repo"`
	Path   string `json:"path"`            // of a repository its first document's; "" if it is of an earlier run
	Run    string `json:"run,omitempty"`   // the earlier run that added it to the index; "" if it is of this run
	Whole  bool   `json:"whole,omitempty"` // the repository is meant
}

// Edited is what a pass changed in a text.
type Edited struct {
	Stage   string `json:"stage"`
	Places  int64  `json:"places"`
	Removed int64  `json:"removed"` // bytes
	Added   int64  `json:"added"`
}

// edit notes what a pass changed.
func (e *Explanation) edit(pass string, edits []corpus.Edit) {
	if len(edits) == 0 {
		return
	}
	d := Edited{Stage: pass, Places: int64(len(edits))}
	for _, x := range edits {
		d.Removed, d.Added = d.Removed+x.End-x.Start, d.Added+int64(len(x.Text))
	}
	e.Edited = append(e.Edited, d)
}

// Use is one use of a document in the plan.
type Use struct {
	Part   string `json:"part"`
	Epoch  int64  `json:"epoch"`
	Tokens int64  `json:"tokens"`
	Shard  string `json:"shard"` // of the output
}

// document begins the explanation of a document; follow says the rest.
func document(pos corpus.Pos, d *corpus.Doc) *Explanation {
	d = d.Clone()
	return &Explanation{
		Source: strings.Clone(d.Source), Repo: strings.Clone(d.Repo), Path: strings.Clone(d.Path), ID: d.ID.String(), At: pos.String(),
		Language: strings.Clone(d.Language), Kind: strings.Clone(d.Kind), License: strings.Clone(d.License),
		LicenseType: strings.Clone(d.LicenseType), LicenseFrom: strings.Clone(d.LicenseFrom), LicenseAt: cloned(d.LicenseAt), Detected: cloned(d.DetectedLicenses),
		Encoding: strings.Clone(d.Encoding), Flags: cloned(d.Flags), Bytes: d.Bytes, pos: pos,
	}
}

func cloned(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.Clone(s)
	}
	return out
}
