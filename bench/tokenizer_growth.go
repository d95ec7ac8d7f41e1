package main

import (
	"bytes"
	"fmt"
	"io"
	"time"
)

// adversaries are texts of one line that quadratic tokenizers take forever
// for, by the piece that they repeat.
var adversaries = []struct{ name, piece string }{
	{"spaces", " "},
	{"newlines", "\n"},
	{"letter", "a"},
	{"letters", "thequickbrownfoxjumpsoverthelazydog"},
	{"digits", "31415926535897932384626433832795"},
	{"operators", "=-+*/"},
	{"Chinese", "天地玄黄宇宙洪荒日月盈昃辰宿列张"},
	{"marks", "é̈"},
	{"emoji", "👩‍👩‍👧"},
	{"DNA", "GATTACAACGT"},
}

// grow encodes ever longer adversarial texts with a new encoder each, in this
// process: the time for a byte is to stay the same.
func (b *tokenizerBench) grow(w io.Writer) error {
	vocabs, err := b.vocabularies()
	if err != nil {
		return err
	}
	largest := b.growthMB * 1e6
	rows := [][]string{{"vocabulary", "text", fmt.Sprintf("ns/byte at %.2f MB", float64(largest)/8e6), "2x", "4x", "8x", "8x : 1x"}}
	for _, v := range vocabs {
		newEncoder, _, err := loadCodemill(v)
		if err != nil {
			return err
		}
		for _, a := range adversaries {
			var perByte []float64
			row := []string{v.name, a.name}
			for part := 8; part >= 1; part /= 2 {
				text := bytes.Repeat([]byte(a.piece), largest/part/len(a.piece))
				ns := float64(b.fastest(newEncoder, text)) / float64(len(text))
				perByte = append(perByte, ns)
				row = append(row, fmt.Sprintf("%.1f", ns))
			}
			ratio := perByte[3] / perByte[0]
			b.ratios["growth/"+v.name+"/"+a.name+"/8:1/ns-per-byte"] = ratio
			rows = append(rows, append(row, fmt.Sprintf("%.2f", ratio)))
		}
	}
	return table(w, rows)
}

// fastest is the least processor time of the rounds.
func (b *tokenizerBench) fastest(newEncoder func() encode, text []byte) time.Duration {
	var least time.Duration
	var ids []uint32
	for i := range b.rounds {
		enc, start := newEncoder(), cpuTime()
		ids = enc(ids[:0], text)
		if taken := cpuTime() - start; i == 0 || taken < least {
			least = taken
		}
	}
	return least
}
