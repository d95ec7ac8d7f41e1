// Package bpe encodes text with byte-level BPE vocabularies, exactly as the
// reference libraries do: tiktoken's encodings ([LoadTiktoken]) and Hugging
// Face's tokenizer.json files of that family ([LoadHF]).
//
//	tok, err := bpe.LoadTiktoken("cl100k_base")
//	enc := tok.NewEncoder() // one per goroutine
//	ids := enc.Append(nil, text)
//
// A [Tokenizer] never changes and is shared; an [Encoder] belongs to one
// goroutine.
//
// # Exactness
//
// Ids equal those of tiktoken's encode_ordinary, and of the tokenizers library
// with encode_special_tokens set and add_special_tokens not, for all valid
// UTF-8. With special tokens recognised they equal encode's with all of them
// allowed ([Encoder.AppendSpecial]), and with the post-processor's tokens
// tokenizers' encode as it is ([Encoder.AppendAffixed]). Decoding gives the text
// back. Characters are classified by Unicode
// 16.0, the version of both libraries, not by the tables of the Go toolchain.
// NFC normalization, where a file asks for it, is the library's, whose tables are
// older. .ci/interop compares ids with both libraries, on folders of files and on
// made texts.
//
// # Added tokens
//
// They are found as by the library: those that are not normalized first, in the
// text as it is, then the normalized ones in what is left, normalized; the
// leftmost first, of those that begin at one position the longest. A match that is
// none in the end, of a special token that is to stay text or of a SingleWord
// one within a word, is passed over whole. LStrip and RStrip tokens take the
// white space beside them, which is in no token then and does not come back by
// decoding.
//
// # Texts of any length
//
// [Encoder.NewStream] encodes a text as it comes, with the ids of the whole text
// however it is cut into pieces. [Encoder.AppendTokens] says where in the text
// each token stands.
//
// # Design
//
// Text is cut at added tokens, then into pretokens, then each pretoken is
// merged.
//
// The pre-tokenizers of GPT-2, r50k and p50k, cl100k and Llama 3, Qwen 2,
// o200k, StarCoder, DeepSeek-Coder, DeepSeek-LLM (also Coder-v1.5 and V2) and
// DeepSeek-V3 are recognised by their patterns and have scanners written by
// hand: no backtracking, every byte looked at two or three times at most. On
// amd64 with AVX2 or AVX-512 they cut up to 64 bytes at a time: one bit mask a
// class of characters, made of 512 bytes in one go, those of characters of up to
// three bytes by tables that blocks of the same classes share, and from these by a few
// dozen operations the positions where pretokens begin.
// Any other sequence of Split, Digits, Punctuation and ByteLevel runs in a
// general engine over github.com/dlclark/regexp2. It is the oracle that the
// scanners are fuzzed against, it is slow, and it backtracks: how its time grows
// with the text depends on the pattern. It is in proportion where every
// alternative that begins with a repetition can end after any length of it, as in
// all the patterns above but DeepSeek-LLM's; it is in the square of a run that a
// repetition takes and what must follow then refuses, from each of its positions
// (\s+$ in white space that does not end the text, a+b in a run of a), and in the
// cube for two such repetitions in a row. A repetition without limit of one
// without limit, (a+)+b, would take exponential time: it is refused when the file
// loads, as is syntax whose meaning might differ from the reference's. So that a file
// loads or is refused in about a second, it may have up to 64 steps, patterns of 8,192
// characters in all, parentheses 64 deep, and 512 KiB of patterns when character
// classes are written out (\p{L} has 8 KB).
//
// A pretoken's tokens are looked up in the encoder's caches, a few hundred at a
// time so that the memory is there when it is needed. A miss is merged by rank,
// the leftmost of equal ones first: by looking at all ranks in pretokens of up to
// 64 bytes, with AVX-512 without leaving the registers, through a heap in longer ones, so that a pretoken of n bytes takes n log n steps. Before
// that two things are tried:
//
//   - A pretoken of several words, getElementById, is composed of its words' tokens,
//     which are looked up, if those at every border are the encoding of their text: a
//     sequence of tokens is right if every two neighbours are.
//   - A character beyond ASCII is not merged byte by byte where its bytes come to the
//     same one or two tokens whatever stands beside it, and a pretoken is cut between
//     two characters where no token of the vocabulary reaches across. In Chinese the first holds of nearly all characters and the second
//     of half of the gaps between them (DeepSeek-V3) to 95 % (cl100k). Chinese prose
//     is not half as fast as code all the same: its pretokens run from one
//     punctuation mark to the next and are seldom seen twice.
//
// In tiktoken's vocabularies every split of a token into two others merges with
// the token's rank; one of them is enough, the one that the token's own bytes
// come to, and every token is reached by it (loading fails otherwise), so that
// tiktoken's short cut for pretokens that are tokens is not needed.
//
// Every kernel in assembly has a scalar twin that gives the same ids. The build
// tag purego leaves the kernels out.
//
// # Where is what
//
//	tokenizer.go      Tokenizer, loading and decoding
//	encoder.go        Encoder: from text to ids
//	added.go          finding added tokens
//	offsets.go        AppendTokens: where in the text a token stands
//	stream.go         Stream: a text that comes in pieces
//	sink.go           what a stream is made of, and what it may keep
//	sink_added.go     of a stream: added tokens
//	sink_nfc.go       of a stream: normalization
//	sink_pretoken.go  of a stream: pretokens, also those without an end
//
// The parts are behind it in internal/, each with a map of its own. Who needs whom:
//
//	bpe ─► cache ─► merge ─► vocab, charset, simd
//	    └─► pretoken ──────► vocab, charset, simd
//
//	vocab     what vocabulary files say, their formats, fingerprints
//	charset   sets of characters, Unicode's tables, NFC
//	simd      which kernels a machine runs
//	pretoken  cutting text: scanners, masks, the general engine
//	merge     byte pair encoding: pairs, atoms, bridges
//	cache     the tokens of pretokens, remembered
//	bpetest   what the tests share
//
// # Memory
//
// A tokenizer takes 2.3 MB (DeepSeek-Coder) to 9.2 MB (o200k), more with
// ignore_merges. An encoder takes up to [EncoderBytes] of caches, whatever it encodes:
// 16 MiB for pretokens of up to 15 bytes and six tokens, 4 MiB for those of up to
// 31 bytes and seven tokens, 2.8 MiB for the rest up to 96 bytes and 62 tokens,
// 128 KiB for what is known of borders between words. The first two begin small and
// take their room as they need it. Long pretokens that begin with a character from
// U+3000 on are not remembered.
// Scratch memory is about 32 bytes for each byte of the longest pretoken up to
// 64 KiB, 2 MiB; longer ones are merged in parts. Caches only save time: an id
// never depends on what was encoded before.
//
// # Where the time goes
//
// With AVX-512, streaming 300 MB of source files once (cl100k, 77 million
// pretokens): keys of pretokens and fetching their buckets 17 %, looking them up and
// copying ids 10 %, the other caches 12 %, masks of classes and moving them 10 %,
// boundaries and their positions 8 %, composing pretokens of words 8 %, most of it at
// their borders, merging 26 %, of which nearly half is waiting for the table of pairs,
// fresh memory, the ends of texts and the rest 9 %. With all in the caches it runs
// about 1.3 times as fast: the limit of this design is what the first five take, and
// what a stream adds is that of every text some words are new. Instructions for each
// byte of 2 MB of mixed source by callgrind, first pass and second: 82 and 38 with
// AVX2, 125 and 83 without vectors.
package bpe
