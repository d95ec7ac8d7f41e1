// Package crawl turns git repositories, plain folders and JSONL files into
// shards of documents.
//
//	config.go    the settings
//	run.go       the stage: units, shards, tasks
//	kinds.go     the table of the kinds of sources, and what a kind has to do
//	location.go  where the trees and files of a source stand
//	glob.go      globs on paths
//	group.go     which units make a shard
//	metadata.go  stars, forks and age of repositories
//	listing.go   the list of a tree's files, in memory or scratch space
//	tree.go      the files of a tree into documents
//	rows.go      the rows of a file into documents
//	document.go  which columns of a document a row gives
//	once.go      blobs that stand in several places
//	writer.go    the shard that is written
//	reasons.go   why something does not become a document
//
// The kinds themselves are packages: crawl/git, crawl/folder and crawl/jsonl.
// What crawl and they know of each other is crawl/origin.
//
// # Two phases
//
// The first lists: every repository of every source is found and listed, in
// parallel, and only its name, its size and what identifies its state are
// kept. Repositories that follow each other (sources in the order of the
// recipe, then by name) are grouped into shards by their listed bytes; none is
// split. The second phase makes one shard a task. It lists a repository again,
// holding that list in scratch space when it is long, and reads the files in
// the order of their paths' bytes. A shard whose repositories are in the state
// that its receipt names is not made again.
//
// A repository's state is its commit, for a plain folder a hash over path,
// size and modification time of all files, for a piece of a JSONL file its
// range and the file's size and modification time. No path of the machine goes
// into a fingerprint or a document.
//
// Every task is a function of its sources and of files in the work folder. What
// the documents of one shard depend on in all others, where a blob is written
// once only, stands in docs/repeats while docs is made.
//
// # What is not trusted
//
// Nothing that a repository brings along is run, and nothing outside of its
// source's paths is opened, but for what the source names as outside. Git is
// called with an environment of our own in which hooks, filters, replacement
// objects, transports and lazy fetching are off and the machine's settings are
// not read. A repository can lead git elsewhere by symbolic links, a .git that
// is a file, alternates, commondir and included settings: all of these are
// followed first, and a repository that leads outside, or to a pipe or device,
// is refused, and so is one over which git says nothing for a minute. Folders
// are read through [os.Root]; symbolic links, sockets, pipes and devices in
// them are counted, never opened.
//
// # Conservation
//
// Every listed file is kept or left out for one [corpus.Reason]. A document
// counts with the bytes of its text, in and kept; a file that was left out with
// the size that was listed. The reasons are in reasons.go.
//
// # Paths
//
// A document's path stays below its repository: one that climbs out, that leads
// among git's own files, or, in a tree, that begins with "/", is a reason. A
// row's path may begin with "/", as those of The Stack v2 do; who unpacks
// documents joins repository and path below a folder.
package crawl

// Version is of the algorithm: raised when the same input gives other bytes.
//
//	1: the first
//	2: licence types by the published tables, SPDX's names of licences; nothing
//	   of a damaged compressed file is used
//	3: paths that lead elsewhere are left out; tallies are bounded
//	4: encodings are declared or certain (lang/charset), stray bytes are replaced
const Version = 4
