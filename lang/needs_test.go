package lang

import (
	"fmt"
	"testing"
)

func TestNeeds(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`abc`, "[abc]"},
		{`ab`, "[]"},
		{`(?i)abc`, "[]"},
		{`(?i)<?=`, "[]"},
		{`(?i)123`, "[123]"},
		{`(?m)^\s*#\s*include <(cstdint|string)>`, "[include <]"},
		{`(?m)^(abcd|xyz+efg)`, "[abcd efg]"},
		{`(?m)^(abcd|x)`, "[]"},
		{`(abc)?defgh*`, "[defg]"},
		{`(abc)*`, "[]"},
		{`(abc){0,2}`, "[]"},
		{`(abc){1,2}`, "[abc]"},
		{`abc1|def2|ghi3|jkl4|mno5|pqr6`, "[abc1 def2 ghi3 jkl4 mno5 pqr6]"},
		{`abc1|def2|ghi3|jkl4|mno5|pqr6|stu7`, "[]"},
		{`abc.*defg`, "[defg]"},
		{"abc\ufffd", "[]"},
	} {
		if got := fmt.Sprintf("%s", needs(c.expr)); got != c.want {
			t.Errorf("%s: %s, want %s", c.expr, got, c.want)
		}
	}
}
