package cache

// A border is two tokens side by side, in 20 bits each, and above them whether they
// stay ([merge.Model.Stay]). 0 is no border.
type border uint64

const (
	borderAsked = 1 << 40
	borderStays = 1 << 41
	// borderBits gives the number of borders that a cache remembers.
	borderBits = 14
)
