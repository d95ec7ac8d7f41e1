// Package cache remembers the tokens of pretokens.
package cache
