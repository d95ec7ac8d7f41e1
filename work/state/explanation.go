package state

import (
	"strings"

	"github.com/codemill/codemill/corpus"
)

// Explanation is what became of one file, as `codemill explain --json` prints it.
//
// There are three kinds. A document that all passes keep has Kept, and its Uses if there
// is a plan. One that a pass put out has that pass as Stage, and a Reason. A file that
// crawl left out has the Stage "crawl" and a Reason; it is no document, so ID, At and
// what crawl reads of a text are empty.
type Explanation struct {
	Source      string   `json:"source"`
	Repo        string   `json:"repo"`
	Path        string   `json:"path"`
	Kept        bool     `json:"kept"`
	ID          string   `json:"id,omitempty"`
	At          string   `json:"at,omitempty"` // shard:row, such as 00012:345
	Language    string   `json:"language,omitempty"`
	Kind        string   `json:"kind,omitempty"`
	KindFrom    string   `json:"kind_from,omitempty"` // what decided it where Linguist's type did not
	License     string   `json:"license,omitempty"`
	LicenseType string   `json:"license_type,omitempty"`
	LicenseFrom string   `json:"license_from,omitempty"`
	LicenseAt   []string `json:"license_at,omitempty"` // the files and lines that decided
	Detected    []string `json:"detected_licenses,omitempty"`
	Encoding    string   `json:"encoding,omitempty"`
	Flags       []string `json:"flags,omitempty"`   // see corpus.Doc
	Bytes       int64    `json:"bytes,omitempty"`   // of the file, before it was converted
	SameAs      *Place   `json:"same_as,omitempty"` // the document that stands for this blob; nil if it is one itself
	Stage       string   `json:"stage,omitempty"`   // that put it out: the name of a pass, or "crawl"
	Reason      string   `json:"reason,omitempty"`
	Value       float64  `json:"value"`                 // what the reason's rule measured; 0 where it measures nothing
	Limit       float64  `json:"limit"`                 // and the bound that the value broke
	Detail      string   `json:"detail,omitempty"`      // for people
	Survivor    *Place   `json:"survivor,omitempty"`    // for which it was dropped; nil where it was dropped for no other
	Similarity  float64  `json:"similarity,omitempty"`  // to the survivor, 0 to 1
	Copies      int64    `json:"copies,omitempty"`      // how many documents it stands for, itself included
	RepoCopies  int64    `json:"repo_copies,omitempty"` // how many repositories its own stands for, itself included
	Edited      []Edited `json:"edited,omitempty"`      // one for each pass that kept it and changed its text
	Planned     bool     `json:"planned"`               // it is kept, and a plan stands that was made from these verdicts
	Uses        []Use    `json:"uses,omitempty"`        // by epoch
	Unused      string   `json:"unused,omitempty"`      // a reason of mix; "" where it is used or that is not known

	pos corpus.Pos // NoPos for a file that crawl left out
}

// Place is where a document stands, or stood when an earlier run added it to an
// index.
type Place struct {
	Source string `json:"source"`
	Repo   string `json:"repo"`
	Path   string `json:"path"`            // of a repository its first document's; "" if it is of an earlier run
	Run    string `json:"run,omitempty"`   // the earlier run that added it to the index; "" if it is of this run
	Whole  bool   `json:"whole,omitempty"` // the repository is meant, not its document at Path
}

// Edited is what a pass changed in a text. A piece that is replaced counts in Removed
// with its old bytes and in Added with its new ones.
type Edited struct {
	Stage   string `json:"stage"`   // name of the pass
	Places  int64  `json:"places"`  // how many edits
	Removed int64  `json:"removed"` // bytes
	Added   int64  `json:"added"`   // bytes
}

// edit notes what a pass changed; no edits are noted as nothing.
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
	Part   string `json:"part"`   // of the blend
	Epoch  int64  `json:"epoch"`  // 0 for the first use
	Tokens int64  `json:"tokens"` // of the text alone, without BOS, EOS and sentinels
	Shard  string `json:"shard"`  // file of token sequences that it goes into: data-00000-of-00002.arrow
}

// document begins the explanation of a document; follow says the rest. d is borrowed,
// so all that is kept of it is copied.
func document(pos corpus.Pos, d *corpus.Doc) *Explanation {
	d = d.Clone()
	kindFrom, _ := d.Flag(corpus.FlagKind)
	return &Explanation{
		Source: strings.Clone(d.Source), Repo: strings.Clone(d.Repo), Path: strings.Clone(d.Path), ID: d.ID.String(), At: pos.String(),
		Language: strings.Clone(d.Language), Kind: strings.Clone(d.Kind), KindFrom: strings.Clone(kindFrom), License: strings.Clone(d.License),
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
