// Package charset knows characters: sets of them, the tables of Unicode that the
// reference libraries have, and their NFC.
//
// Nothing here depends on the Unicode version of the Go toolchain.
package charset
