package notebook

import "bytes"

const (
	// maxMediaType is how long a media type with its parameters may be.
	maxMediaType = 128
	// wrapped is how long a line of base64 is at least that goes on in the next one:
	// RFC 2045 has 76, PEM 64.
	wrapped = 60
	// maxBetween is how many blanks, line ends, quotes, plus signs and backslashes may
	// stand between two such lines.
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
		end = base64End(text, from)
		return end, end > from
	}
	if !image {
		return at, false
	}
	end = uriEnd(text, start, at)
	return end, end > at
}

// uriEnd finds the end of a URI within its line: the quote or parenthesis that closes
// what stands before it, else what no URI holds.
func uriEnd(text []byte, start, at int) int {
	before := byte(' ')
	if start > 0 {
		before = text[start-1]
	}
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
	end = base64End(text, start)
	return end, end-start >= minBare
}

// base64End finds the end of base64, which may be wrapped: in quotes of their own, or in
// the lines of one text, of which the last may be shorter.
func base64End(text []byte, at int) int {
	end := at
	for {
		n := base64Length(text[end:])
		if n == 0 {
			return at
		}
		at = end + n
		if n < wrapped {
			return at
		}
		next := at
		quoted := false
		for next < len(text) && next-at < maxBetween && bytes.IndexByte([]byte(" \t\r\n\"'+\\"), text[next]) >= 0 {
			quoted = quoted || text[next] != ' ' && text[next] != '\t' && text[next] != '\r' && text[next] != '\n'
			next++
		}
		more := next + base64Length(text[next:])
		last := !quoted && bytes.IndexByte(text[at:next], '\n') >= 0 && (more == len(text) || bytes.IndexByte([]byte("\r\n\"')>"), text[more]) >= 0)
		if next == at || more-next < wrapped && !last {
			return at
		}
		end = next
	}
}

// base64Length returns how many bytes at the beginning of a text are base64 or its form
// for URIs, of which some may be escaped; "%s" is none.
func base64Length(text []byte) (n int) {
	for n < len(text) {
		switch {
		case isBase64(text[n]):
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
