package cache

// A border is two tokens, in 20 bits each, and above them whether they stay; 0 is
// none that was asked for.
type border uint64

const (
	borderAsked = 1 << 40
	borderStays = 1 << 41
	// borderBits gives the number of borders that an encoder remembers.
	borderBits = 14
)
