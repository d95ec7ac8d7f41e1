package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// A file of texts holds for each its length, four bytes, little endian, and
// its bytes. A file of ids holds for each text the number of ids and the ids,
// all of them such four bytes.

// maxText bounds what a damaged length can ask for.
const maxText = 1 << 30

func writeTexts(path string, texts [][]byte) error {
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for _, t := range texts {
		w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(t))))
		w.Write(t)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

func readTexts(path string) (texts [][]byte, err error) {
	err = readRecords(path, 1, func(b []byte) { texts = append(texts, b) })
	return texts, err
}

func writeIDs(path string, ids [][]uint32) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for _, list := range ids {
		w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(list))))
		binary.Write(w, binary.LittleEndian, list)
	}
	return errors.Join(w.Flush(), f.Close())
}

func readIDs(path string) (ids [][]uint32, err error) {
	err = readRecords(path, 4, func(b []byte) {
		list := make([]uint32, len(b)/4)
		for i := range list {
			list[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
		ids = append(ids, list)
	})
	return ids, err
}

// readRecords calls do with every record of a file, whose length counts units
// of so many bytes.
func readRecords(path string, unit int, do func([]byte)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		n := int(binary.LittleEndian.Uint32(head[:])) * unit
		if n > maxText {
			return fmt.Errorf("%s: a record of %d bytes", path, n)
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		do(b)
	}
}
