package lang

import (
	"bytes"
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// automaton tells whether a regular expression matches anywhere in a text, as
// [regexp.Regexp.Match] does, in one pass at some hundred megabytes a second.
// It is a deterministic automaton over the program of regexp/syntax whose
// states are made when they are first reached. It serves one goroutine.
//
// A state is the set of program counters that wait for the next rune, before
// empty-width conditions between the last rune and the next are looked at; so
// it holds also of what sort the last rune was. Runes that no instruction and
// no condition tells apart are one class.
type automaton struct {
	prog   *syntax.Prog
	lows   []rune // of the classes beyond ASCII: class first+i starts at lows[i]
	first  int
	ascii  [utf8.RuneSelf]uint16
	sample []rune // a rune of each class; the last class is the end of the text
	words  []bool // by instruction: whether one that asks for the edge of a word follows without a rune
	states []dstate
	index  map[string]int32
	// next has a row for each state: by class a state, unknown or matched; and behind
	// them the state's exit. A state's number is where its row begins.
	next  []int32
	stays [][256]bool // by exit: bytes that do not lead out of a state
	seen  []uint32
	mark  uint32
}

type dstate struct {
	pcs  []uint32
	last rune // beginOfText, or a rune of the same sort as the last
}

const (
	unknown = int32(-1)
	matched = int32(-2)
	noExit  = int32(-2)
	// unasked is a state's exit at first. It rises by one for each time that a rune leads
	// from the state to itself, and when it comes to noExit, the exit is looked for.
	unasked = noExit - 100
	// manyExits and more is an exit that stands in stays.
	manyExits = int32(utf8.RuneSelf)

	beginOfText = rune(-1) // as [syntax.EmptyOpContext] has it

	// maxStates bounds memory; beyond it the automaton forgets all and begins
	// anew from the state it is in.
	maxStates = 2000
)

// newAutomaton compiles an expression of Go's syntax. It panics if there is a
// mistake in it: expressions are part of the program.
func newAutomaton(expr string) *automaton {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		panic("lang: " + err.Error())
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		panic("lang: " + err.Error())
	}
	a := &automaton{prog: prog, seen: make([]uint32, len(prog.Inst))}
	a.classes()
	a.edges()
	a.forget()
	return a
}

// classes cuts the runes at every place where an instruction or a condition
// may begin to answer differently.
func (a *automaton) classes() {
	cuts := []rune{0, '\n', '\n' + 1, utf8.RuneSelf}
	for c := range rune(utf8.RuneSelf) {
		if c > 0 && syntax.IsWordChar(c) != syntax.IsWordChar(c-1) {
			cuts = append(cuts, c)
		}
	}
	for i := range a.prog.Inst {
		in := &a.prog.Inst[i]
		switch in.Op {
		case syntax.InstRune1, syntax.InstRune:
			for k, r := range in.Rune {
				if len(in.Rune) == 1 || k%2 == 0 {
					cuts = append(cuts, r)
				}
				if len(in.Rune) == 1 || k%2 == 1 {
					cuts = append(cuts, r+1)
				}
			}
			if len(in.Rune) == 1 && syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
				for r := unicode.SimpleFold(in.Rune[0]); r != in.Rune[0]; r = unicode.SimpleFold(r) {
					cuts = append(cuts, r, r+1)
				}
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i, lo := range cuts {
		if lo > utf8.MaxRune {
			break
		}
		a.sample = append(a.sample, lo)
		if lo >= utf8.RuneSelf {
			if a.lows == nil {
				a.first = i
			}
			a.lows = append(a.lows, lo)
			continue
		}
		for c := lo; c < utf8.RuneSelf; c++ {
			a.ascii[c] = uint16(i)
		}
	}
	a.sample = append(a.sample, -1)
}

// edges fills words.
func (a *automaton) edges() {
	a.words = make([]bool, len(a.prog.Inst))
	for changed := true; changed; {
		changed = false
		for pc := range a.prog.Inst {
			in := &a.prog.Inst[pc]
			is := false
			switch in.Op {
			case syntax.InstEmptyWidth:
				is = syntax.EmptyOp(in.Arg)&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0 || a.words[in.Out]
			case syntax.InstAlt, syntax.InstAltMatch:
				is = a.words[in.Out] || a.words[in.Arg]
			case syntax.InstCapture, syntax.InstNop:
				is = a.words[in.Out]
			}
			changed = changed || is != a.words[pc]
			a.words[pc] = is
		}
	}
}

// forget drops all states and makes the first one.
func (a *automaton) forget() {
	a.states = a.states[:0]
	a.next = a.next[:0]
	a.stays = a.stays[:0]
	a.index = map[string]int32{}
	a.state(nil, beginOfText)
}

// state returns the number of a state. The start of the program is part of
// every state, since a match may begin anywhere.
func (a *automaton) state(pcs []uint32, last rune) int32 {
	slices.Sort(pcs)
	key := make([]byte, 0, 4*len(pcs)+1)
	words := a.words[a.prog.Start]
	for _, pc := range pcs {
		words = words || a.words[pc]
	}
	sort := byte(0)
	switch {
	case last == beginOfText:
	case last == '\n':
		sort = 1
	case words && syntax.IsWordChar(last):
		sort = 2
	default:
		sort = 3
	}
	key = append(key, sort)
	for _, pc := range pcs {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if s, ok := a.index[string(key)]; ok {
		return s
	}
	s := int32(len(a.next))
	a.index[string(key)] = s
	a.states = append(a.states, dstate{slices.Clone(pcs), last})
	for range a.sample {
		a.next = append(a.next, unknown)
	}
	a.next = append(a.next, unasked)
	return s
}

// width is the length of a row of next.
func (a *automaton) width() int { return len(a.sample) + 1 }

func (a *automaton) class(r rune) int {
	i, ok := slices.BinarySearch(a.lows, r)
	if !ok {
		i--
	}
	return a.first + i
}

// match reports whether the expression matches somewhere in text.
func (a *automaton) match(text []byte) bool {
	s := int32(0)
	for i := 0; i < len(text); {
		c := text[i]
		class, size := 0, 1
		if c < utf8.RuneSelf {
			class = int(a.ascii[c])
		} else {
			var r rune
			r, size = utf8.DecodeRune(text[i:])
			class = a.class(r)
		}
		n := a.next[int(s)+class]
		if n < 0 {
			if n == unknown {
				n = a.step(s, class)
			}
			if n == matched {
				return true
			}
		}
		i += size
		if n != s {
			s = n
			continue
		}
		exit := a.next[int(s)+len(a.sample)]
		if exit < noExit {
			if exit++; exit == noExit {
				exit = a.findExit(s)
			}
			a.next[int(s)+len(a.sample)] = exit
		}
		if exit >= manyExits {
			for stay := &a.stays[exit-manyExits]; i < len(text) && stay[text[i]]; {
				i++
			}
		} else if exit >= 0 {
			n := bytes.IndexByte(text[i:], byte(exit))
			if n < 0 {
				break
			}
			i += n
		}
	}
	end := len(a.sample) - 1
	n := a.next[int(s)+end]
	if n == unknown {
		n = a.step(s, end)
	}
	return n == matched
}

// findExit finds the one byte, of ASCII, that leads out of a state; or makes a table of
// the bytes of ASCII that do not, if they are as many as letters; or else is noExit. Most
// of a text is passed over in states that wait for the end of a line or few letters.
func (a *automaton) findExit(s int32) int32 {
	if len(a.states)+len(a.sample) >= maxStates || len(a.stays) >= maxStates { // so that none are forgotten
		return noExit
	}
	for class := range a.sample[:len(a.sample)-1] {
		if a.next[int(s)+class] == unknown {
			a.step(s, class)
		}
	}
	var stay [256]bool
	staying := 0
	exit := int32(0)
	for c, class := range a.ascii {
		if a.next[int(s)+int(class)] == s {
			stay[c] = true
			staying++
		} else {
			exit = int32(c)
		}
	}
	beyond := false // ASCII, something leads out of the state
	for class := a.first; class < len(a.sample)-1; class++ {
		beyond = beyond || a.next[int(s)+class] != s
	}
	switch {
	case staying == utf8.RuneSelf-1 && !beyond:
		return exit
	case staying > 52:
		a.stays = append(a.stays, stay)
		return manyExits + int32(len(a.stays)) - 1
	}
	return noExit
}

// step computes and stores the transition from a state over a class.
func (a *automaton) step(s int32, class int) int32 {
	st := a.states[int(s)/a.width()]
	r := a.sample[class]
	flags := syntax.EmptyOpContext(st.last, r)
	a.mark++
	ready, hit := a.follow(nil, uint32(a.prog.Start), flags)
	for _, pc := range st.pcs {
		var h bool
		ready, h = a.follow(ready, pc, flags)
		hit = hit || h
	}
	if hit || r < 0 {
		if !hit {
			return 0
		}
		a.next[int(s)+class] = matched
		return matched
	}
	var pcs []uint32
	for _, pc := range ready {
		if in := &a.prog.Inst[pc]; in.MatchRune(r) {
			pcs = append(pcs, in.Out)
		}
	}
	slices.Sort(pcs)
	pcs = slices.Compact(pcs)
	if len(a.states) >= maxStates {
		a.forget()
		return a.state(pcs, r)
	}
	n := a.state(pcs, r)
	a.next[int(s)+class] = n
	return n
}

// follow adds the rune instructions that are reached from pc under the given
// conditions, and reports whether a match is.
func (a *automaton) follow(ready []uint32, pc uint32, flags syntax.EmptyOp) ([]uint32, bool) {
	if a.seen[pc] == a.mark {
		return ready, false
	}
	a.seen[pc] = a.mark
	in := &a.prog.Inst[pc]
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		ready, hit := a.follow(ready, in.Out, flags)
		if hit {
			return ready, true
		}
		return a.follow(ready, in.Arg, flags)
	case syntax.InstEmptyWidth:
		if syntax.EmptyOp(in.Arg)&^flags != 0 {
			return ready, false
		}
		return a.follow(ready, in.Out, flags)
	case syntax.InstCapture, syntax.InstNop:
		return a.follow(ready, in.Out, flags)
	case syntax.InstMatch:
		return ready, true
	case syntax.InstFail:
		return ready, false
	}
	return append(ready, pc), false
}
