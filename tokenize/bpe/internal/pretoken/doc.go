// Package pretoken cuts text into pretokens.
package pretoken
