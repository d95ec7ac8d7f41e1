package table_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/codemill/codemill/corpus/table"
)

var allTypes = table.Schema[row]{
	{Name: "text", Type: table.Texts, At: func(r *row) any { return &r.text }},
	{Name: "name", Type: table.Names, At: func(r *row) any { return &r.name }},
	{Name: "blob", Type: table.Blobs, At: func(r *row) any { return &r.blob }},
	{Name: "id", Type: table.IDs, At: func(r *row) any { return &r.id }},
	{Name: "int", Type: table.Ints, At: func(r *row) any { return &r.n }},
	{Name: "float", Type: table.Floats, At: func(r *row) any { return &r.f }},
	{Name: "bool", Type: table.Bools, At: func(r *row) any { return &r.b }},
	{Name: "list", Type: table.Lists, At: func(r *row) any { return &r.list }},
}

type row struct {
	text, name string
	blob       []byte
	id         [16]byte
	n          int64
	f          float64
	b          bool
	list       []string
}

func randomRows(seed uint64, n, maxText int) []row {
	r := rand.New(rand.NewPCG(seed, 1))
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{
			text: strings.Repeat(fmt.Sprint(r.Uint64()), r.IntN(maxText/20+1)),
			name: fmt.Sprint("name", r.IntN(5000)), blob: []byte{0, 0xff, byte(i)},
			n: r.Int64() - r.Int64(), f: r.NormFloat64(), b: r.IntN(2) == 0,
		}
		rows[i].id[3] = byte(i)
		for range r.IntN(4) {
			rows[i].list = append(rows[i].list, fmt.Sprint(r.IntN(100)))
		}
	}
	return rows
}

func writeRows(t testing.TB, rows []row) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := table.NewWriter(&buf, allTypes)
	for _, r := range rows {
		if err := w.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if w.Rows() != int64(len(rows)) {
		t.Fatalf("Rows() = %d, want %d", w.Rows(), len(rows))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func readRows(t testing.TB, b []byte) []row {
	t.Helper()
	r, err := table.NewReader(bytes.NewReader(b), allTypes)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for v, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, v)
	}
	return rows
}

func TestTableReadsBackWhatWasWritten(t *testing.T) {
	for _, c := range []struct{ rows, text int }{{0, 1}, {1, 100}, {3000, 100}, {70000, 20}, {400, 100_000}} {
		want := randomRows(uint64(c.rows), c.rows, c.text)
		got := readRows(t, writeRows(t, want))
		if len(got) != len(want) {
			t.Fatalf("%d rows: read %d", len(want), len(got))
		}
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Fatalf("%d rows: row %d differs: got %.200v want %.200v", c.rows, i, got[i], want[i])
			}
		}
	}
}

func TestTableHoldsLongValues(t *testing.T) {
	// A value over the row group's size, between small ones: arrow-go once lost the values before such a one.
	var want []row
	for i := range 6 {
		n := 10
		if i%2 == 1 {
			n = table.RowGroupBytes + i
		}
		want = append(want, row{text: strings.Repeat("é", n), blob: []byte{}, name: "x"})
	}
	got := readRows(t, writeRows(t, want))
	for i := range want {
		if got[i].text != want[i].text {
			t.Fatalf("row %d: %d bytes, want %d", i, len(got[i].text), len(want[i].text))
		}
	}
}

func TestTableBytesDependOnRowsAlone(t *testing.T) {
	rows := randomRows(9, 5000, 500)
	if !bytes.Equal(writeRows(t, rows), writeRows(t, rows)) {
		t.Fatal("the same rows gave other bytes")
	}
}

// FuzzTableReadsBack holds the law for any bytes: each row gets pieces of b.
func FuzzTableReadsBack(f *testing.F) {
	f.Add([]byte("some bytes \x00\xff of several rows"), uint8(3))
	f.Add([]byte{}, uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		var want []row
		for i := range int(n) {
			cut := (i * 7) % (len(b) + 1)
			r := row{text: strings.ToValidUTF8(string(b[cut:]), ""), name: strings.ToValidUTF8(string(b[:cut]), ""), blob: bytes.Clone(b[cut:])}
			r.n, r.f, r.b = int64(cut)-9, float64(i)/3, cut%2 == 0
			copy(r.id[:], b)
			for k := range i % 4 {
				r.list = append(r.list, r.text[:min(k, len(r.text))])
			}
			r.list = valid(r.list)
			if len(r.blob) == 0 {
				r.blob = []byte{}
			}
			want = append(want, r)
		}
		got := readRows(t, writeRows(t, want))
		for i := range got {
			if len(got[i].blob) == 0 {
				got[i].blob = []byte{}
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %.300v\nwant %.300v", got, want)
		}
	})
}

func valid(list []string) []string {
	for i, s := range list {
		list[i] = strings.ToValidUTF8(s, "")
	}
	return list
}

func FuzzTableReaderSurvivesDamage(f *testing.F) {
	whole := writeRows(f, randomRows(1, 50, 100))
	f.Add(10, byte(1))
	f.Add(len(whole)-5, byte(0x80))
	f.Fuzz(func(t *testing.T, at int, flip byte) {
		if at < 0 || at >= len(whole) || len(whole)-at < 9 {
			return // the footer's length decides what is allocated: the checksum guards it
		}
		b := bytes.Clone(whole)
		b[at] ^= flip
		r, err := table.NewReader(bytes.NewReader(b), allTypes)
		if err != nil {
			return
		}
		for _, err := range r.All() {
			if err != nil {
				return // no panic; the values may be wrong, the checksum is there for that
			}
		}
	})
}

func TestAColumnThatCannotHoldItsField(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), `"n" cannot hold a *string`) {
			t.Errorf("recovered %v", p)
		}
	}()
	table.NewWriter(io.Discard, table.Schema[row]{{Name: "n", Type: table.Ints, At: func(r *row) any { return &r.text }}})
}

func BenchmarkTable(b *testing.B) {
	var rows []row
	size := int64(0)
	for _, r := range randomRows(3, 2000, 10000) {
		rows = append(rows, r)
		size += int64(len(r.text))
	}
	b.Run("op=write", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			writeRows(b, rows)
		}
	})
	whole := writeRows(b, rows)
	b.Run("op=read", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			readRows(b, whole)
		}
	})
}

// TestMissingColumn: a table that another version of the program wrote is not
// called damaged, and read where it lacks what was added later.
func TestMissingColumn(t *testing.T) {
	var buf bytes.Buffer
	w := table.NewWriter(&buf, allTypes[:len(allTypes)-1])
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := table.NewReader(bytes.NewReader(buf.Bytes()), allTypes[:len(allTypes)-1]); err != nil {
		t.Error(err)
	}
	_, err := table.NewReader(bytes.NewReader(buf.Bytes()), allTypes)
	if !errors.Is(err, table.ErrVersion) || errors.Is(err, table.ErrCorrupt) || !strings.Contains(err.Error(), `no column "list": written by another version`) {
		t.Error(err)
	}
	added := slices.Clone(allTypes)
	added[len(added)-1].Added = true
	if _, err := table.NewReader(bytes.NewReader(buf.Bytes()), added); err != nil {
		t.Error("a column that was added later:", err)
	}
}
