package extsort

import "bytes"

// small is how many records are rather sorted by insertion than by radix.
const small = 24

// sortRecords sorts the records in buf by their bytes from at on, those before being equal
// in all of them. The aux slice is as long as buf and left with anything.
//
// It is a radix sort from the first byte to the last: records are put into 256 groups by
// the byte at at, and each group is sorted by the bytes behind. Bytes that all records
// share are stepped over without copying anything. So the time grows with the bytes that
// tell records apart, and never with more than width times their number; the recursion is
// width deep at most.
func sortRecords(buf, aux []byte, width, at int) {
	var count [256]int
	for {
		n := len(buf) / width
		if n <= small {
			insertionSort(buf, aux, width)
			return
		}
		if at == width {
			return
		}
		clear(count[:])
		for i := at; i < len(buf); i += width {
			count[buf[i]]++
		}
		if count[buf[at]] < n {
			break
		}
		at++ // all have the same byte here
	}
	var next [256]int // where in aux the next record of each group goes
	sum := 0
	for b, c := range count {
		next[b] = sum
		sum += c * width
	}
	for i := 0; i < len(buf); i += width {
		p := &next[buf[i+at]]
		copy(aux[*p:*p+width], buf[i:i+width])
		*p += width
	}
	copy(buf, aux)
	start := 0
	for _, c := range count {
		if end := start + c*width; c > 0 {
			if c > 1 {
				sortRecords(buf[start:end], aux[start:end], width, at+1)
			}
			start = end
		}
	}
}

// insertionSort sorts a few records by all their bytes; aux has room for one.
func insertionSort(buf, aux []byte, width int) {
	for i := width; i < len(buf); i += width {
		r := buf[i : i+width]
		j := i
		for j > 0 && bytes.Compare(r, buf[j-width:j]) < 0 {
			j -= width
		}
		if j < i {
			t := aux[:width]
			copy(t, r)
			copy(buf[j+width:i+width], buf[j:i])
			copy(buf[j:j+width], t)
		}
	}
}
