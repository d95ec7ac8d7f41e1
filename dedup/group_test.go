package dedup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codemill/codemill/dedup/audit"
	"github.com/codemill/codemill/dedup/near"
	"github.com/codemill/codemill/ledger"
)

// A tally has the groups with the most documents, and no more than it may have.
func TestTallyIsBounded(t *testing.T) {
	y := newTallier(near.Config{})
	count := func(repo string, documents int) {
		for range documents {
			y.group(0, repo).add(audit.Sample{}, true, true)
		}
	}
	for i := range 3 * maxGroups {
		count(fmt.Sprintf("small%05d", i), 1)
		if i%maxGroups == 7 {
			count(fmt.Sprint("large", i), 5)
		}
		if len(y.groups) > 2*maxGroups || len(y.groups) != y.sizes[0] {
			t.Fatalf("%d groups, %d noted", len(y.groups), y.sizes[0])
		}
	}
	y.group(1, "source").add(audit.Sample{}, true, true)
	y.leave(0, maxGroups)
	y.leave(1, maxGroups)
	if len(y.groups) != maxGroups+1 {
		t.Errorf("%d groups, want %d and the source", len(y.groups), maxGroups)
	}
	for _, repo := range []string{"large7", fmt.Sprint("large", maxGroups+7), fmt.Sprint("large", 2*maxGroups+7)} {
		if g := y.groups[groupKey{0, repo}]; g == nil || g.Documents != 5 {
			t.Errorf("%s: %+v, want its 5 documents", repo, g)
		}
	}
	long := strings.Repeat("x", ledger.MaxValueBytes+1)
	if g := y.group(0, long); len(g.Name) != ledger.MaxValueBytes || y.group(0, long) != g {
		t.Errorf("a name of %d bytes", len(g.Name))
	}
}

// A group's record comes back as it was.
func FuzzGroupRecord(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), uint32(1), uint32(2), uint32(3), uint32(1<<31))
	f.Fuzz(func(t *testing.T, key []byte, shard, number, documents, dropped uint32) {
		g, back := groupRecord{[groupKeySize]byte(append(key, make([]byte, groupKeySize)...)), shard, number, documents, dropped}, groupRecord{}
		if b := g.append(nil); len(b) != groupRecordSize {
			t.Errorf("%d bytes", len(b))
		} else if back.parse(b); back != g {
			t.Errorf("%+v came back as %+v", g, back)
		}
	})
}
