// Package merge is byte pair encoding itself: which tokens the bytes of a pretoken
// merge to.
package merge
