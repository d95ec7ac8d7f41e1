// Package sketch turns texts into sets of shingles and these into sketches by
// which similar ones are found. It is pure: no I/O, and nothing of documents.
//
// A text is cut into tokens. Any n tokens that follow each other are a shingle, which is
// known by its hash. How similar two texts are is said by their sets of shingles: the
// Jaccard similarity is the number of shingles that both sets have, divided by the number
// that at least one has ([Jaccard]). A sketch ([Sketcher.Sign]) is a few hundred values
// made of a set. Two sketches agree in about as large a share of their values as the
// Jaccard similarity of the sets.
//
// # Hashes
//
// A shingle is known by 40 bits, which makes stored sets half as large as 64 would. The
// similarity of two texts is computed exactly, unless two different shingles of theirs
// have the same hash. For two texts of 1,000 shingles each and a similarity of 0.7 that
// happens in one pair of 35 million; for texts of 100,000 shingles in one of 3,500, and
// then it is wrong by one shingle.
//
// # Sketches
//
// The error of an estimate on pairs of real files, of which one was changed a
// little (go test -bench Estimate ./dedup/sketch); bias is 0.004 at most:
//
//	root of the mean square     J .3-.6  .6-.8  .8-.95  n<200  n>1000
//	theory, sqrt(J(1-J)/256)      .0309  .0283   .0204  .0264   .0254
//	256 permutations              .0319  .0291   .0209  .0277   .0262
//	Fast Similarity Sketch, 256   .0262  .0242   .0171  .0182   .0253
//	theory for 128                .0437  .0400   .0288  .0374   .0360
//	128 permutations              .0436  .0399   .0289  .0372   .0360
//	Fast Similarity Sketch, 128   .0366  .0367   .0255  .0260   .0365
//
// From text to sketch takes 1.8 ns a byte (Zen 5, AVX2; 2.3 without vector
// code): 0.2 to find the tokens, 0.3 to hash them, 0.4 for the shingles, 0.5 to
// sort them, 0.4 for the sketch (go test -bench Sign ./dedup/sketch). With permutations
// it takes thirty times as long.
//
// # Files
//
//	sketcher.go   Sketcher: from text to set and sketch
//	code.go       the tokens of split "code", 64 bytes at a time; bounds_amd64.go
//	              the same in AVX2
//	split.go      the other splittings: The Stack's, characters
//	shingle.go    hashes of tokens and shingles
//	set.go        hashes sorted, each once
//	fss.go        Fast Similarity Sketch; Stored, bands, Jaccard
//	packed.go     sets as they are stored
//	pile.go       the set of a whole repository in bounded memory
//	normal.go     what of a text counts; notice.go without its licence notices
package sketch
