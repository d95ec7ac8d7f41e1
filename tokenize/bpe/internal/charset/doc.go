// Package charset knows characters: sets of them, the tables of Unicode that the
// reference libraries have, and their NFC.
//
// set.go has sets of characters, tables.go the categories of Unicode 16 (unicode16.txt),
// classes.go a look-up of a character's classes, nfc.go the normalization.
//
// No set depends on the Unicode version of the Go toolchain.
package charset
