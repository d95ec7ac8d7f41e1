// Package crawl turns git repositories, plain folders and JSONL files into
// shards of documents.
//
//	config.go    the settings
//	run.go       the stage: units, shards, tasks
//	source_type.go  the table of the types of sources, and what a type has to do
//	location.go  where the trees and files of a source stand
//	glob.go      globs on paths
//	group.go     which units make a shard
//	metadata.go  stars, forks and age of repositories
//	listing.go   the list of a tree's files, in memory or scratch space
//	tree.go      the files of a tree into documents
//	rows.go      the rows of a file into documents
//	attributes.go  what .gitattributes say of the files of a tree
//	editorconfig.go  what .editorconfig say of their encodings
//	licences.go  what the files of a tree say of licences
//	notebook.go  what becomes of notebooks
//	document.go  which columns of a document a row gives
//	once.go      blobs that stand in several places
//	writer.go    the shard that is written
//	reasons.go   why something does not become a document
//
// The types themselves are packages: crawl/git, crawl/folder and crawl/jsonl.
// What crawl and they know of each other is crawl/origin.
//
// # Two phases
//
// A unit is what is never split across shards: a repository, or a piece of a JSONL file.
//
// The first phase lists. All units of all sources are found and listed, several at once;
// only name, size and state of each are kept. Units are ordered by source, as in the
// recipe, and then by name, and those that follow each other are grouped into shards by
// their listed bytes.
//
// The second phase makes the shards, one a task. A task lists each of its repositories
// again (a long list is held in scratch space) and reads the files in the order of their
// paths' bytes. A shard whose units are in the states that its receipt was made from is
// not made again.
//
// The state of a unit is, for a git repository, its commit; for a plain folder, a hash
// of path, size and modification time of all files; for a piece of a JSONL file, its
// range and the file's size and modification time; for a repository that is left out as
// a whole, the reason and the words that stand in its row. So a file that could not be read for
// a passing reason stays left out, until its source changes or the shard's receipt is
// removed. No path of the machine goes into a fingerprint or a document.
//
// Every task is a function of its sources and of files in the work folder. With
// blobs: once a document depends on all other units of its source: what it depends on
// stands in docs/repeats while the stage is made.
//
// # What is not trusted
//
// Nothing that a repository brings along is run, and nothing outside of its source's
// paths is opened, but for what the source names under outside.
//
// Git is called with an environment of our own: hooks, filters, replacement objects,
// transports and lazy fetching are off, and the machine's settings are not read. A
// repository can lead git elsewhere by symbolic links, a .git that is a file,
// alternates, commondir and included settings. All of these are followed before git is
// called; a repository that leads outside, or to a pipe or device, is refused. So is one
// on which git gives no answer for a minute. Links that a glob finds are followed within
// the source's paths alone.
//
// Folders are read through [os.Root]. Symbolic links, sockets, pipes and devices in them
// are counted as left out, never opened.
//
// # Conservation
//
// Every listed file and every row is kept, or left out for one [corpus.Reason]; the
// reasons are in reasons.go. In the counts a document has the bytes of its text, which
// may be others than the file's where the encoding or a notebook was converted. What is
// left out has the size that was listed or read.
//
// A repository that cannot be read is one row too, with the path "." and git's words
// without paths of the machine, unless the source says on_unreadable: stop. The first
// phase lists every tree to its end, so that this is known before a shard is made. An
// error of the disk is no row: it says nothing of the repository, and ends the run.
//
// # Paths
//
// Documents can be unpacked safely: joined to a folder, no path leads out of it. A file
// or row whose path climbs out ("../x"), or leads among git's own files (".git/hooks"),
// is left out for the reason path, and so is a tree's whose path begins with "/". A
// row's path may begin with "/", as those of The Stack v2 do.
package crawl

// Version is of the algorithm: raised when the same input gives other bytes.
//
//	1: the first
//	2: licence types by the published tables, SPDX's names of licences; nothing
//	   of a damaged compressed file is used
//	3: paths that lead elsewhere are left out; tallies are bounded
//	4: licences by heads, REUSE, licence files, manifests and READMEs; the columns
//	   license_from, license_at and detected_licenses; encodings are declared or
//	   certain (lang/charset), stray bytes are replaced; rows: more columns known by
//	   name, whole numbers as floats, compression told by its bytes, marks and zero
//	   padding passed over, halves of surrogate pairs left out; more generators are
//	   known, none by words that others may write; Perl's tests; .gitattributes;
//	   charset in .editorconfig; the column flags; notebooks become scripts or
//	   Markdown; kinds by the tables of lang.Kind
const Version = 4
