// Package vocab reads what vocabulary files say, tiktoken's encodings and Hugging
// Face's tokenizer.json, into one [Definition]. What it does not support it refuses
// by name.
//
// tiktoken.go and hf.go read the two formats, postprocessor.go and keys.go parts of the
// second; definition.go has what they make, its checks and its fingerprint; patterns.go
// the patterns that have scanners.
package vocab
