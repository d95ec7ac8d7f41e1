//go:build !purego

package cache

// A probe is a pretoken's key in the short cache and the position of its bucket,
// in bytes; of longer pretokens a key that no entry has.
type probe struct {
	lo, hi uint64
	//lint:ignore U1000 the assembly writes and reads it
	bucket uint64
}

// prepare writes the probes of the n pretokens from text[pos] on, whose ends are
// given, and fetches their buckets, in the long cache too, ahead of their use. It
// reads 16 bytes from where each begins.
//
//go:noescape
func prepare(text *byte, pos int, ends *int, n int, masks *[shortMax + 1][2]uint64, short *shortBucket, shortMask uint64, long *longBucket, longMask uint64, out *probe)

// lookUp writes the tokens of the pretokens up to the first that the short cache
// does not hold. It returns how many pretokens and tokens that were. It writes up to
// 24 bytes from where a pretoken's tokens go.
//
//go:noescape
func lookUp(probes *probe, n int, table *shortBucket, dst *uint32) (done, ids int)
