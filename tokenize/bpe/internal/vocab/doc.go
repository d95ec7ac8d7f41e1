// Package vocab reads what vocabulary files say, tiktoken's encodings and Hugging
// Face's tokenizer.json, into one [Definition]. What it does not support it refuses
// by name.
package vocab
