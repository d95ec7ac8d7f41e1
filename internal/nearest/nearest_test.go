package nearest

import "testing"

func TestName(t *testing.T) {
	known := []string{"filter", "dedup", "max_line_length", "mean_line_length"}
	for in, want := range map[string]string{"filtre": "filter", "max_line_lenght": "max_line_length", "line_length": "max_line_length", "dedupe": "dedup", "Filter": "filter"} {
		if got, near := Name(in, known); got != want || !near {
			t.Errorf("%q: %q, %v, want %q", in, got, near, want)
		}
	}
	if got, near := Name("xyz", known); got == "" || near {
		t.Errorf("xyz: %q, %v", got, near)
	}
	if got, near := Name("x", nil); got != "" || near {
		t.Errorf("of none: %q, %v", got, near)
	}
}
