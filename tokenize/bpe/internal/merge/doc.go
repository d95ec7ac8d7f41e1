// Package merge is byte pair encoding itself: which tokens the bytes of a piece of
// text, a pretoken mostly, merge to.
//
// A [Model] has the merges of a vocabulary. The pair of the lowest rank merges first,
// the leftmost of equal ones. In a piece of up to 64 units that pair is found by
// looking at all of them, in longer ones through a heap. Pieces of more than 64 KiB are
// merged in parts.
//
// # Where is what
//
//	model.go    Model: the tokens and what speeds merging up; Stay
//	new.go      making a Model; one pair a token is enough
//	append.go   AppendTokens and AppendLong: which way a piece is merged
//	units.go    pieces beyond ASCII: characters taken for tokens, cuts between them
//	merge.go    merging units: two and three, up to 64, through a heap
//	scratch.go  the memory for that
//	atoms.go    which characters are tokens from the start
//	bridges.go  between which tokens one may reach across
//	origins.go  which pair a token is merged from
//	tokens.go   the tokens' texts, ids of bytes
//	pairs.go    the table of pairs, looked up once a merge
//
// merge_amd64.s merges up to 63 bytes or units in registers of 64 bytes (AVX-512),
// units_amd64.s finds the units of a piece (AVX2); *_other.go stand for them elsewhere.
package merge
