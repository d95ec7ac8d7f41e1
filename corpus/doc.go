package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/codemill/codemill/corpus/table"
)

// ErrCorrupt says that bytes on disk are not what was written.
var ErrCorrupt = table.ErrCorrupt

// ID is a 128-bit hash, written as 32 hexadecimal digits.
type ID [16]byte

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads what [ID.String] writes.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 2*len(id) {
		return id, fmt.Errorf("id %q: want %d hexadecimal digits", s, 2*len(id))
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err
}

// The kinds of a document: Linguist's types of languages, but for what the tables of
// lang.Kind say.
const (
	Code   = "code"   // Linguist: programming
	Markup = "markup" // Linguist: markup
	Prose  = "prose"  // Linguist: prose, manual pages, TeX, README …
	Data   = "data"   // Linguist: data, catalogues of messages …
	Other  = ""       // no language found, or nothing to be read: licences, texts of tests …
)

// Kinds lists the values of Doc.Kind.
func Kinds() []string { return []string{Code, Markup, Prose, Data, Other} }

// The licence types of a document.
const (
	Permissive     = "permissive"
	Copyleft       = "copyleft"
	Restricted     = "restricted" // known, and not free: for some uses or users only, or not to be changed
	UnknownLicense = "unknown"    // something is said of a licence, and not understood
	NoLicense      = "none"       // nothing is said of one
)

// LicenseTypes lists the values of Doc.LicenseType.
func LicenseTypes() []string {
	return []string{Permissive, Copyleft, Restricted, UnknownLicense, NoLicense}
}

// Where a document's licence was read from.
const (
	FromHead     = "head"     // its own head
	FromReuse    = "reuse"    // REUSE: FILE.license, REUSE.toml, .reuse/dep5
	FromFile     = "file"     // a licence file
	FromManifest = "manifest" // a package manager's manifest, or a field of the row
	FromReadme   = "readme"   // a README
	FromSource   = "source"   // the recipe: license of the source
)

// LicenseLevels lists the values of Doc.LicenseFrom but "", from the one that
// goes before all others to the last.
func LicenseLevels() []string {
	return []string{FromHead, FromReuse, FromFile, FromManifest, FromReadme, FromSource}
}

// Doc is one document: a file of a repository, or a text. Crawl writes it
// once; no later stage changes it.
type Doc struct {
	ID        ID     // of source, repository, path and content, so that repeated rows have the same; randomness is addressed by it
	ContentID ID     // of the text alone
	BlobID    string // git's object id of the original bytes, hexadecimal
	Source    string // the recipe's name for where it came from
	Repo      string // repository, "" for a text that belongs to none
	Revision  string // commit, or "" for a plain folder
	Path      string // slash-separated, relative to the repository; any bytes but NUL
	Language  string // Linguist name, or ""
	Kind      string // Code, Markup, Prose, Data or Other
	License   string // SPDX expression, or ""
	// LicenseType is Permissive, Copyleft, Restricted, UnknownLicense or NoLicense.
	LicenseType string
	LicenseFrom string // where License was read from: FromHead …, "" if nothing says one
	// LicenseAt are the files that decided, of the same repository, "path:line".
	LicenseAt        []string
	DetectedLicenses []string // SPDX ids of all that speaks for it, sorted, also of what was overruled
	Stars            int64    // -1 when not known
	Forks            int64    // -1 when not known
	CreatedAt        int64    // of the repository, Unix seconds; 0 when not known
	Bytes            int64    // of the original, before conversion to UTF-8
	IsVendor         bool
	IsGenerated      bool
	// Flags say by what it is held for generated, documentation, a test or of its kind,
	// from what notebook it was made, and what its repository says in .gitattributes
	// and .editorconfig; see [Flag].
	Flags    []string
	Encoding string   // of the original: utf-8, utf-16le, windows-1252 …
	Text     []byte   // valid UTF-8
	AlsoAt   []string // other places of the same blob, "repo:path"
}

// Docs are the columns of the documents. Their names follow The Stack v2 where
// it has one. The text is the last, so that readers of all others leave it out.
var Docs = table.Schema[Doc]{
	{Name: "id", Type: table.IDs, At: func(d *Doc) any { return (*[16]byte)(&d.ID) }},
	{Name: "content_id", Type: table.IDs, At: func(d *Doc) any { return (*[16]byte)(&d.ContentID) }},
	{Name: "blob_id", Type: table.Blobs, At: func(d *Doc) any { return &d.BlobID }},
	{Name: "source", Type: table.Names, At: func(d *Doc) any { return &d.Source }},
	{Name: "repo", Type: table.Names, At: func(d *Doc) any { return &d.Repo }},
	{Name: "revision", Type: table.Names, At: func(d *Doc) any { return &d.Revision }},
	{Name: "path", Type: table.Blobs, At: func(d *Doc) any { return &d.Path }},
	{Name: "language", Type: table.Names, At: func(d *Doc) any { return &d.Language }},
	{Name: "kind", Type: table.Names, At: func(d *Doc) any { return &d.Kind }},
	{Name: "license", Type: table.Names, At: func(d *Doc) any { return &d.License }},
	{Name: "license_type", Type: table.Names, At: func(d *Doc) any { return &d.LicenseType }},
	{Name: "license_from", Type: table.Names, At: func(d *Doc) any { return &d.LicenseFrom }, Added: true},
	{Name: "license_at", Type: table.Lists, At: func(d *Doc) any { return &d.LicenseAt }, Added: true},
	{Name: "detected_licenses", Type: table.Lists, At: func(d *Doc) any { return &d.DetectedLicenses }, Added: true},
	{Name: "stars", Type: table.Ints, At: func(d *Doc) any { return &d.Stars }},
	{Name: "forks", Type: table.Ints, At: func(d *Doc) any { return &d.Forks }},
	{Name: "created_at", Type: table.Ints, At: func(d *Doc) any { return &d.CreatedAt }},
	{Name: "bytes", Type: table.Ints, At: func(d *Doc) any { return &d.Bytes }},
	{Name: "is_vendor", Type: table.Bools, At: func(d *Doc) any { return &d.IsVendor }},
	{Name: "is_generated", Type: table.Bools, At: func(d *Doc) any { return &d.IsGenerated }},
	{Name: "flags", Type: table.Lists, At: func(d *Doc) any { return &d.Flags }, Added: true},
	{Name: "encoding", Type: table.Names, At: func(d *Doc) any { return &d.Encoding }},
	{Name: "also_at", Type: table.Lists, At: func(d *Doc) any { return &d.AlsoAt }},
	{Name: "text", Type: table.Texts, At: func(d *Doc) any { return &d.Text }},
}

// DocsWithoutText are the columns of [Docs] but the text, which is most of what
// there is to read.
var DocsWithoutText = Docs[:len(Docs)-1]

// SetIDs computes ContentID and ID, the first 128 bits of SHA-256, so that
// equal ids mean equal texts even where somebody tries to make it not so.
func (d *Doc) SetIDs() {
	content := sha256.Sum256(d.Text)
	d.ContentID = ID(content[:16])
	h := sha256.New()
	for _, s := range []string{d.Source, d.Repo, d.Path} {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	h.Write(content[:16])
	d.ID = ID(h.Sum(nil)[:16])
}

// Clone returns a copy that stays valid after the loop that lent d.
func (d *Doc) Clone() *Doc {
	c := *d
	for _, f := range Docs {
		switch at := f.At(&c).(type) {
		case *[]byte:
			*at = slices.Clone(*at)
		case *[]string:
			*at = slices.Clone(*at)
		}
	}
	return &c
}

// The flags of a document.
const (
	FlagGenerated     = "generated"     // IsGenerated, unless the repository says otherwise
	FlagDocumentation = "documentation" // Linguist's list
	FlagTest          = "test"          // Linguist's list
	FlagNotebook      = "notebook"      // the text is not the file's: how it was converted
	FlagKind          = "kind"          // what decided where Linguist's type did not
	// What the repository itself says, by where it was read: .gitattributes:LINE. There
	// are also -linguist-generated, linguist-documentation, with - too, and
	// linguist-language.
	SaidGenerated = "linguist-generated"
	SaidVendored  = "linguist-vendored"
	SaidOwn       = "-" + SaidVendored
	// What the repository says of the encoding, where Encoding is by it: .gitattributes
	// and .editorconfig.
	SaidWorkingTree = "working-tree-encoding"
	SaidCharset     = "charset"
)

// Flag is an element of Doc.Flags: a name and by what the document has it.
func Flag(name, why string) string { return name + ": " + why }

// Flag returns by what a document has a flag, and whether it has it.
func (d *Doc) Flag(name string) (why string, ok bool) {
	for _, f := range d.Flags {
		if is, why, _ := strings.Cut(f, ": "); is == name {
			return why, true
		}
	}
	return "", false
}

// Pos is the place of a document: the number of its shard and its row there.
// It joins documents with verdicts and the plan. Positions order documents as
// crawl wrote them.
type Pos uint64

// NoPos is no document's position.
const NoPos = Pos(1<<64 - 1)

// At returns the position of a row in a shard, both below 2^32.
func At(shard int, row int64) Pos { return Pos(uint64(shard)<<32 | uint64(row)) }

// Shard returns the number of the position's shard.
func (p Pos) Shard() int { return int(p >> 32) }

// Row returns the position's row within its shard.
func (p Pos) Row() int64 { return int64(p & (1<<32 - 1)) }

func (p Pos) String() string { return fmt.Sprintf("%s:%d", ShardName(p.Shard()), p.Row()) }

// ShardName is the name of a shard of documents and of the shards of verdicts
// and plan that belong to it, without an ending.
func ShardName(shard int) string { return fmt.Sprintf("%05d", shard) }

// Hash is addressed randomness: 64 bits that depend on the seed, on what they
// are for, on a document and on a number (its epoch, or which draw this is),
// and on nothing else.
func Hash(seed uint64, purpose string, id ID, n uint64) uint64 {
	b := make([]byte, 0, 96)
	b = binary.LittleEndian.AppendUint64(b, seed)
	b = binary.LittleEndian.AppendUint64(b, n)
	b = append(b, id[:]...)
	b = append(b, purpose...)
	h := sha256.Sum256(b)
	return binary.LittleEndian.Uint64(h[:])
}
