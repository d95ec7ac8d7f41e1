package near

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
	"sort"
	"sync"

	"github.com/codemill/codemill/dedup/sketch"
	"github.com/codemill/codemill/dedup/units"
	"github.com/codemill/codemill/internal/extsort"
	"github.com/codemill/codemill/internal/fanout"
)

// bandSorters is how many sorters the bands are dealt out to, by the first bits of
// their keys. Equal keys go to the same sorter, so that each can be sorted and read
// by a goroutine of its own. A power of two.
const bandSorters = 16

// candidates finds the units that have a band in common. The units with the same
// band are a bucket. Of a bucket of at most BucketCap units it writes every pair
// to pairs, as the worse unit and the better one. Of a larger, hot bucket it writes
// the members to hot; the walk decides whom each of them is compared with.
//
// Units that are exact copies (copied, by rank) take no part: they share the fate
// of the unit that they are copies of.
func (p *phase) candidates(ctx context.Context, rankOf []uint32, copied bitmap, pairs, hot *extsort.Sorter, found *Found) error {
	var to [bandSorters]*extsort.Sorter
	for i := range to {
		to[i] = p.sorting.Sorter(bandSize, 2*bandSorters)
		defer to[i].Close()
	}
	var known *sieve // the run's bands; those of the index are sorted if they are in it. nil without an index
	if p.indexed > 0 {
		known = newSieve(p.Starts[p.Own]*int64(p.in.Near.Bands), cmp.Or(p.in.SieveMemory, p.sorting.Memory/16))
	}
	write := func(ctx context.Context, shard int) error {
		return p.writeBands(ctx, shard, rankOf, copied, known, &to)
	}
	if err := p.Each(ctx, p.in.Workers, 0, p.Own, write); err != nil {
		return err
	}
	if err := p.Each(ctx, p.in.Workers, p.Own, len(p.Shards), write); err != nil {
		return err
	}
	var mu sync.Mutex
	return fanout.Each(ctx, p.in.Workers, bandSorters, func(ctx context.Context, i int) error {
		b := buckets{indexed: p.indexed, limit: p.in.Near.BucketCap, pairs: units.Batch{To: pairs}, members: units.Batch{To: hot}, reach: reach(p.in.Near.Threshold)}
		if err := b.read(ctx, to[i]); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		found.HotBuckets += b.hots
		found.HotMembers += b.hotMembers
		found.LargestBucket = max(found.LargestBucket, b.largest)
		return to[i].Close()
	})
}

// writeBands adds the bands of a shard to the sorters. Where there is a sieve, a
// shard of this run puts its keys in, and of a shard of the index only the bands
// that are in it are added. So all shards of the run must come first.
func (p *phase) writeBands(ctx context.Context, shard int, rankOf []uint32, copied bitmap, known *sieve, to *[bandSorters]*extsort.Sorter) error {
	n := p.in.Near
	var add [bandSorters]units.Batch
	for i := range add {
		add[i].To = to[i]
	}
	stored := sketch.Stored{Values: make([]uint16, n.Permutations)}
	err := p.Records(ctx, shard, units.SketchesExt, sketch.StoredSize(n.Permutations), func(ordinal uint32, b []byte) error {
		stored.ParseHead(b)
		rank := rankOf[ordinal]
		if stored.Size == 0 || copied.has(rank) {
			return nil
		}
		stored.Parse(b)
		class := sizeClass(stored.FullSize())
		for i := range n.Bands {
			key := sketch.BandKey(i, stored.Values[i*n.Rows:(i+1)*n.Rows])
			if shard < p.Own && known != nil {
				known.add(key)
			} else if known != nil && !known.has(key) {
				continue
			}
			part := &add[key>>(64-bits.Len(bandSorters-1))]
			part.Buf = band{key, rank, class}.append(part.Buf)
			if err := part.Done(false); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range add {
		if err == nil {
			err = add[i].Done(true)
		}
	}
	return err
}

// sizeStep is the ratio of one class of set sizes to the next: sets whose sizes
// differ by less than a tenth are in the same class or in neighbouring ones.
const sizeStep = 1.1

// sizeClass returns the logarithm of a set's size, to base sizeStep.
func sizeClass(n float64) uint8 { return uint8(min(math.Log(n)/math.Log(sizeStep), 255)) }

// reach is how many classes apart two sets may be and still be similar at the
// threshold. The Jaccard similarity of two sets is at most the ratio of the smaller
// size to the larger: at threshold 0.7, a set of 700 can only be similar to sets of
// up to 1,000, which are 3.7 classes up. Two classes are added, one because classes
// are rounded down and one for the rounding of the logarithm.
func reach(threshold float64) uint8 {
	return uint8(min(math.Log(1/threshold)/math.Log(sizeStep)+2, 255))
}

// buckets reads the sorted bands of one sorter, one bucket after another. Within a
// bucket the units come from the best to the worst, so those of the index first.
type buckets struct {
	indexed        uint32 // how many units are of the index: they have the ranks below it
	limit          int    // Config.BucketCap
	pairs, members units.Batch
	reach          uint8

	// The bucket that is read now.
	key     uint64
	ranks   []uint32  // of its first units, limit at most
	classes []uint8   // of their sets, see sizeClass
	size    int64     // how many units it has so far
	early   hotBucket // its units of the index, as a hot bucket keeps them
	hot     bool      // it has more than limit units and one of this run came after that

	// What all buckets came to.
	hots, hotMembers, largest int64
}

// read goes through the bands, which are sorted by key and then by rank.
func (b *buckets) read(ctx context.Context, s *extsort.Sorter) error {
	sorted, err := s.Sort()
	if err != nil {
		return err
	}
	for r, err := range sorted.All() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		k := parseBand(r)
		if k.key != b.key || b.size == 0 {
			if err := b.end(); err != nil {
				return err
			}
			b.key, b.early.key = k.key, k.key
		}
		if err := b.member(k.rank, k.size); err != nil {
			return err
		}
	}
	if err := b.end(); err != nil {
		return err
	}
	if err := b.pairs.Done(true); err != nil {
		return err
	}
	return b.members.Done(true)
}

// member takes the next unit of the bucket. Until the limit is passed units are held
// for pairing. When the first unit of this run comes after that, the bucket is hot:
// it is listed with all units of this run in it, and with the priority sample of
// those of the index. A bucket of the index alone is never hot.
func (b *buckets) member(rank uint32, class uint8) error {
	b.size++
	if rank < b.indexed {
		b.early.keep(rank, b.limit)
	}
	if b.size <= int64(b.limit) {
		b.ranks, b.classes = append(b.ranks, rank), append(b.classes, class)
		return nil
	}
	if rank < b.indexed {
		return nil // nobody may come who meets it
	}
	if !b.hot {
		b.hot = true
		own := b.ranks[sort.Search(len(b.ranks), func(i int) bool { return b.ranks[i] >= b.indexed }):]
		for _, r := range slices.Concat(b.early.kept, own) {
			b.members.Buf = hotMember{r, b.key}.append(b.members.Buf)
		}
	}
	b.members.Buf = hotMember{rank, b.key}.append(b.members.Buf)
	return b.members.Done(false)
}

// end ends a bucket. Unless it has more units than the limit, each unit of this run
// is paired with all better ones whose sets are near enough in size.
func (b *buckets) end() error {
	n := len(b.ranks)
	if b.hot || n > 0 && b.ranks[n-1] >= b.indexed { // the sieve lets others through by chance
		b.largest = max(b.largest, b.size)
	}
	if b.size > int64(b.limit) {
		if b.hot {
			b.hots++
			b.hotMembers += b.size
		}
	} else {
		for i, worse := range b.ranks {
			if worse < b.indexed {
				continue // none of the index is dropped
			}
			for j, better := range b.ranks[:i] {
				if x, y := b.classes[i], b.classes[j]; max(x, y)-min(x, y) <= b.reach {
					b.pairs.Buf = pair{worse, better}.append(b.pairs.Buf)
				}
			}
			if err := b.pairs.Done(false); err != nil {
				return err
			}
		}
	}
	b.ranks, b.classes, b.size, b.hot = b.ranks[:0], b.classes[:0], 0, false
	b.early.kept, b.early.most = b.early.kept[:0], 0
	return nil
}
