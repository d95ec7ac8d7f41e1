package units

import (
	"sync"

	"github.com/codemill/codemill/work"
)

// Shelf reads anywhere in the files with one ending of many shards, such as all files
// of sketches. It keeps a bounded number of them open, and closes the one that was
// not read for the longest time. It is safe for concurrent use, but for Close.
type Shelf struct {
	shards []Shard
	ext    string
	max    int // files open at once, unless more are being read

	mu   sync.Mutex
	open map[int]*book // by shard
	tick int64         // counts uses
}

// book is an open file of a shelf.
type book struct {
	r       *work.Reader
	readers int   // goroutines that read it now
	used    int64 // tick of the last use
}

// OpenFilesOfTask is how many files a shelf should keep open in one of the tasks that
// run side by side.
func OpenFilesOfTask(job work.Job) int { return max(OpenFiles/max(job.Workers, 1), 4) }

// OpenFiles is how many files a shelf should keep open where there is one of it.
const OpenFiles = 200

// NewShelf returns a shelf of the shards' files with this ending, which keeps at most
// max of them open. The caller closes it.
func NewShelf(shards []Shard, ext string, max int) *Shelf {
	return &Shelf{shards: shards, ext: ext, max: max, open: map[int]*book{}}
}

// Shard is a shard of units: of a run's sketches, or of an index.
type Shard struct {
	Dir  work.Dir // the folder that it is in
	Name string
	Rows int64 // of its first file: how many units it has
}

// Open opens the shard's file with this ending.
func (s Shard) Open(ext string) (*work.Reader, error) { return s.Dir.Open(s.Name, s.Name+ext) }

// ShardsOf returns the shards of a complete folder; work.ErrIncomplete if it is not.
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

// ReadAt fills p from the file of a shard, given by its number, from an offset on.
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

// take opens a shard's file, or finds it open, and notes one more reader.
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

// dropOldest closes the file that was not read for the longest time and that nobody
// reads now; none where all are being read.
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

// Close closes all files. Nobody may be reading.
func (s *Shelf) Close() {
	// In any order.
	for _, b := range s.open {
		b.r.Close()
	}
	clear(s.open)
}
