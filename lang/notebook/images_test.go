package notebook

import (
	"strings"
	"testing"
)

// TestImages holds what is an image in a text, where it ends, and what is none.
func TestImages(t *testing.T) {
	const png = "iVBORw0KGgo"
	long := png + strings.Repeat("A", minBare-len(png))
	line := strings.Repeat("B", wrapped)
	for text, want := range map[string]string{
		"![a](data:image/png;base64,AAAA)":                                                         "![a]()",
		"[a]: data:image/png;base64,AAAA== \"b\"":                                                  "[a]:  \"b\"",
		`<img src="data:image/jpeg;base64,/9j/4A+b/C==" alt="data:">`:                              `<img src="" alt="data:">`,
		"data:image/png;name=a.png;base64,A-_%2B":                                                  "",
		"data:image/png;base64, AAAA":                                                              "",
		"data:application/pdf;base64,AAAA b":                                                       " b",
		"data:;base64,AAAA":                                                                        "",
		"a data:image/svg+xml,%3Csvg%20a='b'%3E c":                                                 "a 'b'%3E c",
		`"data:image/svg+xml;utf8,<svg a='b (c'>" d`:                                               `"" d`,
		`'data:image/svg+xml;utf8,<svg a="b">' d`:                                                  `'' d`,
		"`data:image/svg+xml,<svg a=\"b\">` d":                                                     "`` d",
		`"\"data:image/svg+xml,<svg>\""`:                                                           `"\"\""`,
		"url(data:image/svg+xml,<svg a=\"b(c)\">) d":                                               "url() d",
		"(data:image/svg+xml,<svg\n)":                                                              "(\n)",
		"\"data:image/svg+xml,<svg\n\"":                                                            "\"\n\"",
		"data:image/png;base64," + line + "\n" + line + "\nBBB=\nx y":                              "\nx y",
		"data:image/png;base64," + line + "\n" + line + "\nnot this":                               "\nnot this",
		"data:image/png;base64," + line[1:] + "\nnot this":                                         "\nnot this",
		"data:image/png;base64," + line + "\nBB==\")":                                              "\")",
		"data:image/png;base64," + line[1:] + "\nBB==\")":                                          "\nBB==\")",
		"\"data:image/png;base64," + line + "\" +\n    \"" + line + "\"":                           "\"\"",
		"\"data:image/png;base64," + line + "\" +\n    \"" + line[1:] + "\"":                       "\"\" +\n    \"" + line[1:] + "\"",
		"\"data:image/png;base64," + line + "\n" + strings.Repeat(" ", maxBetween-1) + line + "\"": "\"\"",
		"\"data:image/png;base64," + line + "\n" + strings.Repeat(" ", maxBetween) + line + "\"":   "\"\n" + strings.Repeat(" ", maxBetween) + line + "\"",
		"\"data:image/png;base64," + line + "\"" + strings.Repeat("+", maxBetween-1) + "\"AAAA\"":  "\"\"",
		"\"data:image/png;base64," + line + "\"" + strings.Repeat("+", maxBetween) + "\"AAAA\"":    "\"\"" + strings.Repeat("+", maxBetween) + "\"AAAA\"",
		// What stands behind an image is none of it.
		"# data:image/png;base64," + line + "BBBB\nimport_os=1\nbreak":                    "# \nimport_os=1\nbreak",
		"# data:image/png;base64," + line + "BBBB\n        continue\n    f(i)":            "# \n        continue\n    f(i)",
		"x = 'data:image/png;base64," + line + "'\n" + strings.Repeat("name", 16) + "(x)": "x = ''\n" + strings.Repeat("name", 16) + "(x)",
		"x = '" + long + "'\n\n" + strings.Repeat("NAME", 20) + " = 3":                    "x = ''\n\n" + strings.Repeat("NAME", 20) + " = 3",
		"[a]: data:image/png;base64," + line + "BBBB\n\nConclusion\n==========\n":         "[a]: \n\nConclusion\n==========\n",
		"data:image/png;base64," + line + "BB==\nEnding\nmore":                            "\nEnding\nmore",
		"logo: data:image/png;base64," + line + "\n---\n":                                 "logo: \n---\n",
		"x = \"data:image/png;base64," + line + "\\n" + line + "\\n\"":                    "x = \"\\n\"",
		"x = \"data:image/png;base64," + line + "\\\n" + line + "BB==\"":                  "x = \"\"",
		`f"data:image/svg+xml;utf8,{svg}"`:                                                "=",
		`'data:image/svg+xml,%s' % x`:                                                     "=",
		"r=map(lambda data:image/255,xs)":                                                 "=",
		"z=\"data:image/svg+xml,\\\n<svg>\"":                                              "=",
		"\"data:image/svg+xml,%3csvg\"":                                                   "\"\"",
		"x = '" + long + "'":                                                              "x = ''",
		"x = '" + long[:minBare-1] + "'":                                                  "=",
		"x = 'A" + long + "'":                                                             "=",
		"x = b'/9j/" + strings.Repeat("A", minBare) + "'":                                 "x = b''",
		"x = '''" + png + line + "\n" + line + "\n'''":                                    "x = '''\n'''",
		"iVBORw0KGgo=":                                              "=",
		`"data:image/png;base64," + x`:                              "=",
		`f"data:image/png;base64,{x}"`:                              "=",
		`"data:image/png;base64,%s" % x`:                            "=",
		"data:image/png;base64,<base64>":                            "=",
		"data:image/png":                                            "=",
		"data:text/plain,hello":                                     "=",
		"metadata: image/png;base64,AAAA":                           "=",
		"data:image/" + strings.Repeat("p", maxMediaType-7) + ",<A": "",
		"data:image/" + strings.Repeat("p", maxMediaType-6) + ",<A": "=",
		"data:image/png, x":                                         "=",
		"data:":                                                     "=",
		"":                                                          "=",
	} {
		if want == "=" {
			want = text
		}
		got, n := withoutImages([]byte(text))
		if string(got) != want || (n > 0) != (text != want) {
			t.Errorf("%q: %q, %d, want %q", text, got, n, want)
		}
	}
	if got, n := withoutImages([]byte("a(data:image/png;base64,AAAA)b(data:image/png;base64,AAAA)c " + long + " d")); string(got) != "a()b()c  d" || n != 3 {
		t.Errorf("%q, %d", got, n)
	}
}
