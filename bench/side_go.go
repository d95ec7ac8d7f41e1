package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/codemill/codemill/internal/fanout"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// An encode function turns one text into ids; it belongs to one goroutine.
type encode func(dst []uint32, text []byte) []uint32

// goSides are the sides written in Go: each loads a vocabulary and returns
// what makes a new encoder, and its version.
func goSides() map[string]func(v vocabulary) (func() encode, string, error) {
	return map[string]func(v vocabulary) (func() encode, string, error){
		"codemill":    loadCodemill,
		"tiktoken-go": loadTiktokenGo,
	}
}

func loadCodemill(v vocabulary) (func() encode, string, error) {
	var tok *bpe.Tokenizer
	var err error
	if v.ranks != "" {
		tok, err = bpe.LoadTiktoken(v.encoding)
	} else {
		var b []byte
		if b, err = os.ReadFile(v.json); err != nil {
			return nil, "", err
		}
		tok, err = bpe.LoadHF(b)
	}
	if err != nil {
		return nil, "", err
	}
	return func() encode { return tok.NewEncoder().Append }, "this tree", nil
}

func loadTiktokenGo(v vocabulary) (func() encode, string, error) {
	if v.ranks == "" {
		return nil, "", fmt.Errorf("has OpenAI's vocabularies only")
	}
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	tok, err := tiktoken.GetEncoding(v.encoding)
	if err != nil {
		return nil, "", err
	}
	one := func(dst []uint32, text []byte) []uint32 {
		for _, id := range tok.EncodeOrdinary(string(text)) {
			dst = append(dst, uint32(id))
		}
		return dst
	}
	return func() encode { return one }, moduleVersion("github.com/pkoukk/tiktoken-go"), nil
}

// server carries out the commands of the protocol.
type server struct {
	loadFrom func(v vocabulary) (func() encode, string, error)
	threads  int
	data     [][]byte
	encoders []encode
	buffers  [][]uint32
}

// serveSide is the program of a side written in Go.
func serveSide(name string, in io.Reader, out io.Writer) error {
	loadFrom, ok := goSides()[name]
	if !ok {
		return fmt.Errorf("no side %q is written in Go", name)
	}
	s := &server{loadFrom: loadFrom, threads: runtime.GOMAXPROCS(0)}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		answer, err := s.do(strings.Split(lines.Text(), "\t"))
		if err != nil {
			answer = "error\t" + strings.Join(strings.Fields(err.Error()), " ")
		} else {
			answer = "ok\t" + answer
		}
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (s *server) do(command []string) (string, error) {
	arg := func(i int) string {
		if i < len(command) {
			return command[i]
		}
		return ""
	}
	count, _ := strconv.Atoi(arg(1))
	count = min(max(count, 0), len(s.data))
	switch command[0] {
	case "texts":
		var err error
		s.data, err = readTexts(arg(1))
		return strconv.Itoa(len(s.data)), err
	case "load":
		return s.load(vocabulary{encoding: arg(1), ranks: strings.TrimPrefix(arg(2), "-"), json: arg(3)})
	case "pass":
		return s.pass(count)
	case "ids":
		return strconv.Itoa(count), s.ids(count, arg(2))
	}
	return "", fmt.Errorf("unknown command %q", command[0])
}

func (s *server) load(v vocabulary) (string, error) {
	newEncoder, version, err := s.loadFrom(v)
	if err != nil {
		return "", err
	}
	s.encoders, s.buffers = nil, make([][]uint32, s.threads)
	for range s.threads {
		s.encoders = append(s.encoders, newEncoder())
	}
	runtime.GC()
	return version, nil
}

// pass shares the texts out to the encoders, a few at a time.
func (s *server) pass(count int) (string, error) {
	const few = 2
	var next atomic.Int64
	cpu, start := cpuTime(), time.Now()
	err := fanout.Each(context.Background(), s.threads, s.threads, func(_ context.Context, i int) error {
		enc, buf := s.encoders[i], s.buffers[i]
		for {
			to := int(next.Add(few))
			for _, t := range s.data[min(to-few, count):min(to, count)] {
				buf = enc(buf[:0], t)
			}
			if to >= count {
				s.buffers[i] = buf
				return nil
			}
		}
	})
	return fmt.Sprintf("%.6f\t%.6f", (cpuTime() - cpu).Seconds(), time.Since(start).Seconds()), err
}

func (s *server) ids(count int, path string) error {
	if len(s.encoders) == 0 {
		return fmt.Errorf("ids before load")
	}
	lists := make([][]uint32, count)
	for i := range lists {
		lists[i] = s.encoders[0](nil, s.data[i])
	}
	return writeIDs(path, lists)
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// moduleVersion is the version of a module that this program was built with.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return ""
}
