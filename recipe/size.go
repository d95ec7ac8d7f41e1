package recipe

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written with a unit: "512MiB", "1.5GB", "4096".
type Size int64

// units are matched as suffixes, in this order: the longer ones first, since "KiB" ends in
// "b" too. Names are in lower case, for case does not count.
var units = []struct {
	name  string
	bytes float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"t", 1 << 40}, {"b", 1},
}

// ParseSize reads a size. K, M, G and T alone are binary, as KiB is: "1k" is 1024, "1kB"
// 1000. Fractions of a byte are cut off. A size is below 2^62.
func ParseSize(s string) (Size, error) {
	number, unit := strings.ToLower(strings.TrimSpace(s)), 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 || math.IsNaN(n) || n*unit >= 1<<62 {
		return 0, fmt.Errorf("%q is not a size such as 512MiB or 2GB", s)
	}
	return Size(n * unit), nil
}

// UnmarshalText reads a size, for YAML and flags.
func (s *Size) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSize(string(b))
	return err
}

// MarshalText writes what UnmarshalText reads.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String writes the size in the largest binary unit that it is a whole number of:
// 1536 MiB rather than 1.5 GiB, so that nothing is lost.
func (s Size) String() string {
	for i, name := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if unit := Size(1) << (40 - 10*i); s >= unit && s%unit == 0 {
			return fmt.Sprintf("%d%s", s/unit, name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
