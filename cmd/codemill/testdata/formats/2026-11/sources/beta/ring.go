// Package ring keeps the last values of a series.
package ring

// A Ring forgets the oldest value when a new one has no room.
type Ring struct {
	values []float64
	next   int
	full   bool
}

// New makes a ring for so many values.
func New(size int) *Ring {
	return &Ring{values: make([]float64, size)}
}

// Add remembers a value.
func (r *Ring) Add(v float64) {
	r.values[r.next] = v
	r.next = (r.next + 1) % len(r.values)
	r.full = r.full || r.next == 0
}

// Mean is the mean of what the ring remembers, or zero of an empty one.
func (r *Ring) Mean() float64 {
	n := r.next
	if r.full {
		n = len(r.values)
	}
	if n == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range r.values[:n] {
		sum += v
	}
	return sum / float64(n)
}
