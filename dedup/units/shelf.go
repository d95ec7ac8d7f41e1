package units

import (
	"sync"

	"github.com/codemill/codemill/work"
)

// Shelf reads anywhere in the files of one kind of many shards. It
// keeps a bounded number of them open.
type Shelf struct {
	shards []Shard
	ext    string
	max    int // files open at once, unless more are being read

	mu   sync.Mutex
	open map[int]*book
	tick int64
}

type book struct {
	r       *work.Reader
	readers int
	used    int64 // tick of the last use
}

// OpenFilesOfTask is how many files of a kind one of the tasks that run side by
// side keeps open.
func OpenFilesOfTask(job work.Job) int { return max(OpenFiles/max(job.Workers, 1), 4) }

// OpenFiles is how many files of a kind are kept open.
const OpenFiles = 200

// NewShelf returns one of the shards' files with this ending, which keeps at most
// max of them open.
func NewShelf(shards []Shard, ext string, max int) *Shelf {
	return &Shelf{shards: shards, ext: ext, max: max, open: map[int]*book{}}
}

// Shard is a shard that belongs to one of documents, or that stands by itself.
type Shard struct {
	Dir  work.Dir
	Name string
	Rows int64 // of its first file
}

// Open opens the shard's file with this ending.
func (s Shard) Open(ext string) (*work.Reader, error) { return s.Dir.Open(s.Name, s.Name+ext) }

// ShardsOf returns the shards of a complete folder.
func ShardsOf(dir work.Dir) ([]Shard, error) {
	m, err := dir.Manifest()
	if err != nil {
		return nil, err
	}
	list := make([]Shard, len(m.Shards))
	for i, s := range m.Shards {
		list[i] = Shard{dir, s.Shard, s.Rows}
	}
	return list, nil
}

// ReadAt fills p from the shard's file.
func (s *Shelf) ReadAt(shard int, p []byte, offset int64) error {
	b, err := s.take(shard)
	if err != nil {
		return err
	}
	_, err = b.r.ReadAt(p, offset)
	s.mu.Lock()
	b.readers--
	s.mu.Unlock()
	return err
}

func (s *Shelf) take(shard int) (*book, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick++
	b := s.open[shard]
	if b == nil {
		if len(s.open) >= s.max {
			s.dropOldest()
		}
		r, err := s.shards[shard].Open(s.ext)
		if err != nil {
			return nil, err
		}
		b = &book{r: r}
		s.open[shard] = b
	}
	b.readers++
	b.used = s.tick
	return b, nil
}

// dropOldest closes the file that was not read for the longest time.
func (s *Shelf) dropOldest() {
	oldest := -1
	// In any order: no two were used at the same time.
	for shard, b := range s.open {
		if b.readers == 0 && (oldest < 0 || b.used < s.open[oldest].used) {
			oldest = shard
		}
	}
	if oldest >= 0 {
		s.open[oldest].r.Close()
		delete(s.open, oldest)
	}
}

// Close closes all files; nobody reads any more.
func (s *Shelf) Close() {
	// In any order.
	for _, b := range s.open {
		b.r.Close()
	}
	clear(s.open)
}
