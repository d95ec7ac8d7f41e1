// Package cache remembers the tokens of pretokens, so that most are looked up rather
// than merged.
//
// cache.go has the [Cache], tables.go its tables; append.go looks pretokens up, on amd64
// in assembly (append_amd64.go, probe_amd64.s); miss.go merges what is not known, or
// composes it of words; borders.go remembers between which tokens nothing merges.
package cache
