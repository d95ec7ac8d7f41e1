package notebook

import "bytes"

const (
	// maxMediaType is how long a media type with its parameters may be.
	maxMediaType = 128
	// wrapped is how long a line of base64 is at least that goes on in the next one:
	// RFC 2045 has 76, PEM 64.
	wrapped = 60
	// maxBetween is how many bytes may stand between two such lines: blanks, and what
	// joins strings.
	maxBetween = 16
	// minBare is how much base64 is an image that begins as one and is no data: URI.
	minBare = 128
)

// bareImages are how images begin in base64: PNG, JPEG, GIF, RIFF (WebP), <svg.
var bareImages = [][]byte{[]byte("iVBORw0KGgo"), []byte("/9j/"), []byte("R0lGOD"), []byte("UklGR"), []byte("PHN2Z")}

// withoutImages removes the images from a text, and returns how many there were: data:
// URIs of images, those of whatever else in base64, and base64 that begins as images do.
// The text's memory is used for what remains.
func withoutImages(text []byte) ([]byte, int) {
	text, n := cutEach(text, []byte("data:"), dataURI)
	for _, begin := range bareImages {
		var more int
		text, more = cutEach(text, begin, bareImage)
		n += more
	}
	return text, n
}

// cutEach removes what end finds the end of, where mark begins: end returns how far it
// looked, and whether that is to be removed.
func cutEach(text, mark []byte, end func(text []byte, at int) (to int, cut bool)) ([]byte, int) {
	n := 0
	out := text[:0]
	kept := 0 // what is before is in out
	for at := 0; ; {
		i := bytes.Index(text[at:], mark)
		if i < 0 {
			break
		}
		start := at + i
		to, cut := end(text, start)
		at = max(to, start+1)
		if cut {
			out = append(out, text[kept:start]...)
			kept = to
			n++
		}
	}
	return append(out, text[kept:]...), n
}

// dataURI finds the end of a data: URI (RFC 2397) that begins at a place.
func dataURI(text []byte, start int) (end int, cut bool) {
	at := start + len("data:")
	head := text[at:min(len(text), at+maxMediaType)]
	n := bytes.IndexFunc(head, func(r rune) bool { return !isBase64(byte(r)) && r != ';' && r != '.' })
	if n < 0 || head[n] != ',' {
		return at, false
	}
	image := bytes.HasPrefix(head, []byte("image/"))
	at += n + 1
	if bytes.HasSuffix(head[:n], []byte(";base64")) {
		from := at
		for from < len(text) && text[from] == ' ' {
			from++
		}
		end = base64End(text, from, before(text, start))
		return end, end > from
	}
	// Other images than SVG are not written so, and what is put together begins otherwise.
	if rest := text[at:]; !image || !bytes.HasPrefix(rest, []byte("<")) && !bytes.HasPrefix(rest, []byte("%3C")) && !bytes.HasPrefix(rest, []byte("%3c")) {
		return at, false
	}
	end = uriEnd(text, start, at)
	return end, end > at
}

// uriEnd finds the end of a URI within its line: the quote or parenthesis that closes
// what stands before it, else what no URI holds.
func uriEnd(text []byte, start, at int) int {
	before := before(text, start)
	depth := 0
	for i := at; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\n':
			return i
		case before == '"' || before == '\'' || before == '`':
			if c == before && text[i-1] == '\\' { // a string within a string
				return i - 1
			} else if c == before {
				return i
			}
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return i
			}
		case before == '(': // Markdown and CSS may have spaces there
		case c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '>' || c == '`':
			return i
		}
	}
	return len(text)
}

// bareImage finds the end of base64 that begins at a place.
func bareImage(text []byte, start int) (end int, cut bool) {
	if start > 0 && isBase64(text[start-1]) {
		return start, false
	}
	end = base64End(text, start, before(text, start))
	return end, end-start >= minBare
}

// before returns the byte before a place, a blank for none.
func before(text []byte, at int) byte {
	if at == 0 {
		return ' '
	}
	return text[at-1]
}

// base64End finds the end of base64 at a place of a text, behind the byte open, or the
// place if there is none. It may be wrapped: in quotes of their own, or over lines as encoders write them,
// all of one width but the first, which has the URI's head, and the last. A word that
// happens to stand in the line behind is none of it, for the letters of base64 are those
// of words, too.
func base64End(text []byte, at int, open byte) int {
	end, all, width := at, 0, 0
	for from, quoted := at, false; ; {
		n := base64Length(text[from:])
		to := from + n
		for pad := 0; pad < 2 && to < len(text) && text[to] == '='; pad++ {
			to++
		}
		padded := to > from+n
		all += to - from
		closes := to < len(text) && text[to] == closing(open)
		ends := closes || to == len(text) || text[to] == '\r' || text[to] == '\n' || text[to] == '\\'
		if padded && !ends {
			ends = bytes.IndexByte([]byte("\"')>"), text[to]) >= 0
		}
		switch {
		case n == 0:
			return end
		case from == at:
		case quoted && closes && (n >= wrapped || all%4 == 0):
		case !ends || quoted || bytes.ContainsAny(text[from:to], "-_"):
			return end
		case !padded && n >= wrapped && (width == 0 || n == width):
			width = n
		case all%4 == 0 && (closes || padded || width > 0 && n < width):
			return to
		default:
			return end
		}
		end = to
		if padded || n < wrapped {
			return end
		}
		from, quoted = nextLine(text, end, open)
		if from == end {
			return end
		}
	}
}

// closing returns what closes what a byte opens, 0 if it opens nothing.
func closing(open byte) byte {
	switch open {
	case '"', '\'', '`':
		return open
	case '(':
		return ')'
	case '<':
		return '>'
	}
	return 0
}

// nextLine returns where base64 may go on that ends a line at a place: behind one end of
// a line, in a string also an escaped one, and blanks; or in the next of strings that are
// joined. Else it returns the place.
func nextLine(text []byte, at int, open byte) (next int, quoted bool) {
	isQuote := open == '"' || open == '\'' || open == '`'
	next = at
	if isQuote && next < len(text) && text[next] == open {
		for next++; next < len(text) && next-at < maxBetween && bytes.IndexByte([]byte(" \t\r\n+\\"), text[next]) >= 0; next++ {
		}
		if next < len(text) && text[next] == open {
			return next + 1, true
		}
		return at, false
	}
	for _, lineEnd := range []string{`\n`, "\\\n", "\\\r\n", "\n", "\r\n"} {
		if bytes.HasPrefix(text[at:], []byte(lineEnd)) && (isQuote || lineEnd[0] != '\\') {
			next = at + len(lineEnd)
			break
		}
	}
	if next == at {
		return at, false
	}
	for next < len(text) && next-at < maxBetween && (text[next] == ' ' || text[next] == '\t') {
		next++
	}
	return next, false
}

// base64Length returns how many bytes at the beginning of a text are base64 or its form
// for URIs, of which some may be escaped, without "=" at its end; "%s" is none.
func base64Length(text []byte) (n int) {
	for n < len(text) {
		switch {
		case text[n] != '=' && isBase64(text[n]):
			n++
		case text[n] == '%' && n+2 < len(text) && isHex(text[n+1]) && isHex(text[n+2]):
			n += 3
		default:
			return n
		}
	}
	return n
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'
}
