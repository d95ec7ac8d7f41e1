// Package pretoken cuts text into pretokens, the pieces within which tokens merge.
//
// A [Pretokenizer] has the scanner that is written for the steps of a published
// tokenizer, or else the general engine. A scanner is two implementations of a pattern
// in one file: one takes a character at a time, the other works on masks of 64 bytes.
//
// # Where is what
//
//	pretokenizer.go  Pretokenizer: which steps have a scanner
//	cut.go           where a text that goes on may be cut, for streams
//	gpt2.go          GPT-2, r50k, p50k, StarCoder
//	cl100k.go        cl100k, Llama 3, Qwen 2
//	o200k.go         o200k
//	deepseek.go      DeepSeek-Coder, DeepSeek-LLM (also Coder-v1.5 and V2)
//	deepseek_v3.go   DeepSeek-V3
//	scalar.go        what scanners share character by character: contractions, white space
//	letters.go       what they share on masks
//	window.go        windows: how a scanner is led through a text
//	masks.go         masks of 64 bytes, and of 512 made ahead
//	masktable.go     making masks: the tables
//	wides.go         making masks: characters of two and three bytes
//	general.go       the general engine: any steps, over regexp2
//	regexp.go        a tokenizer's regular expression for regexp2
//	limits.go        how long patterns may be
//
// masks_amd64.s makes masks (AVX2, AVX-512); masks_other.go stands for it elsewhere.
//
// To add a pattern: its text in tokenize/bpe/internal/vocab/patterns.go, a file here with the scanner, a
// case in newScanner, and its steps in ../bpetest, which every test and fuzz target
// of scanners and streams goes through.
package pretoken
