package match

import (
	_ "embed" // of the tables
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

//go:generate go run ../compile

// The tables of a scanner stand in a file, compressed with zstd. Numbers are unsigned
// varints, a string is its length and its bytes:
//
//	words    how many, and each
//	patterns how many, and the id of each
//	starts   how many pairs of words patterns begin with, and the numbers of both
//	urls     how many addresses of licences, each with the id of the licence
//	states   how many bytes, and the states of the automaton, the first at 0
//
// A state is the number of its edges, times 2, and 1 more if a pattern has matched
// where it is reached, whose number follows. An edge is its word's number plus 2
// ([anyWord] is -2), times 2, and 1 more if it leads to the state behind this one; else
// four bytes follow, little endian, with the place of the state that it leads to.
//
// Where a state follows the state before it, which is nearly always, edge and state
// take three bytes.

// follows is the place of the state behind, before that is known.
const follows = -1

//go:embed licensecheck.zst
var builtinTables []byte

//go:embed own.zst
var ownTables []byte

// Builtin is the scanner of licensecheck's own patterns.
var Builtin = sync.OnceValue(func() *Scanner { return must(builtinTables) })

// Own is the scanner of codemill's patterns: license/notices.lre and license/texts.lre.
var Own = sync.OnceValue(func() *Scanner { return must(ownTables) })

func must(tables []byte) *Scanner {
	s, err := Read(tables)
	if err != nil {
		panic("match: " + err.Error()) // the tables are part of the program
	}
	return s
}

// Tables are what a scanner consists of, before they are packed.
type Tables struct {
	Words, IDs []string
	Starts     [][2]int32 // numbers of words
	URLs       [][2]string
	// States are licensecheck's automaton: each begins with the number of its edges times
	// 2, and 1 more where a pattern has matched, whose number follows; then its edges, two
	// numbers each, a word and the index of the state that it leads to.
	States []int32
}

// Pack writes tables as [Read] reads them.
func (t *Tables) Pack() ([]byte, error) {
	var b []byte
	text := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	texts := func(list []string) {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, s := range list {
			text(s)
		}
	}
	texts(t.Words)
	texts(t.IDs)
	b = binary.AppendUvarint(b, uint64(len(t.Starts)))
	for _, pair := range t.Starts {
		b = binary.AppendUvarint(b, uint64(pair[0]))
		b = binary.AppendUvarint(b, uint64(pair[1]))
	}
	b = binary.AppendUvarint(b, uint64(len(t.URLs)))
	for _, u := range t.URLs {
		text(u[0])
		text(u[1])
	}
	states := t.packStates()
	b = binary.AppendUvarint(b, uint64(len(states)))
	b = append(b, states...)
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(8<<20), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return w.EncodeAll(b, nil), nil
}

// packStates writes the states. The places that edges lead to are filled in at the end.
func (t *Tables) packStates() []byte {
	var b []byte
	places := make([]int, len(t.States)) // in b, by index in States
	var pending [][2]int                 // places in b, and the index that goes there
	for at := 0; at < len(t.States); {
		places[at] = len(b)
		head := t.States[at]
		at++
		b = binary.AppendUvarint(b, uint64(head))
		if head&1 != 0 {
			b = binary.AppendUvarint(b, uint64(t.States[at]))
			at++
		}
		end := at + int(head>>1)*2
		for ; at < end; at += 2 {
			n := uint64(t.States[at]-anyWord) << 1
			if int(t.States[at+1]) == end {
				b = binary.AppendUvarint(b, n|1)
				continue
			}
			b = binary.AppendUvarint(b, n)
			pending = append(pending, [2]int{len(b), int(t.States[at+1])})
			b = append(b, 0, 0, 0, 0)
		}
	}
	for _, p := range pending {
		binary.LittleEndian.PutUint32(b[p[0]:], uint32(places[p[1]]))
	}
	return b
}

// Read returns the scanner of packed tables.
func Read(packed []byte) (*Scanner, error) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := r.DecodeAll(packed, nil)
	if err != nil {
		return nil, err
	}
	number := func() int {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > 1<<30 {
			err = fmt.Errorf("tables: no number with %d bytes left", len(b))
			return 0
		}
		b = b[size:]
		return int(n)
	}
	bytes := func() []byte {
		n := number()
		if n > len(b) {
			err = fmt.Errorf("tables: %d bytes of %d", n, len(b))
			return nil
		}
		part := b[:n:n]
		b = b[n:]
		return part
	}
	s := &Scanner{numbers: map[string]int32{}, urls: map[string]string{}, starts: map[uint64]int32{}}
	for i := range number() {
		w := string(bytes())
		s.words = append(s.words, w)
		s.numbers[w] = int32(i)
	}
	for range number() {
		s.ids = append(s.ids, string(bytes()))
	}
	s.begins = make([]bool, len(s.words))
	var starts [][2]int32
	for range number() {
		pair := [2]int32{int32(number()), int32(number())}
		if err != nil || int(pair[0]) >= len(s.words) {
			return nil, fmt.Errorf("tables: start %v: %w", pair, err)
		}
		starts = append(starts, pair)
	}
	for range number() {
		url := string(bytes())
		s.urls[url] = string(bytes())
	}
	s.states = bytes()
	for w, is := range taken {
		if n, ok := s.numbers[is]; ok {
			s.numbers[w] = n
		}
	}
	s.copyright, s.http = s.numbers["copyright"], s.numbers["http"]
	if err != nil {
		return nil, err
	}
	return s, s.begin(starts)
}

// begin notes with which words patterns begin, and where these lead.
func (s *Scanner) begin(starts [][2]int32) error {
	r := runner{Scanner: s}
	_, first := r.state(0, nil)
	for _, pair := range starts {
		at := int32(-1)
		for _, e := range first {
			if e.word != pair[0] {
				continue
			}
			_, r.here = r.state(e.next, r.here)
			for _, e := range r.here {
				if e.word == pair[1] {
					at = e.next
				}
			}
		}
		if at < 0 {
			return fmt.Errorf("tables: no pattern begins with %q", []string{s.words[pair[0]], s.words[pair[1]]})
		}
		s.begins[pair[0]] = true
		s.starts[key(pair)] = at
	}
	return nil
}
