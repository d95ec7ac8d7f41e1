package crawl

import "testing"

// FuzzAttributes: no file of attributes and no path breaks reading or matching.
func FuzzAttributes(f *testing.F) {
	f.Add("[attr]m linguist-generated\n\"a\\\"b\" m\n/a/**/b/ -linguist-vendored !x export-ignore=\n", "a/b")
	f.Add("** - ! = -=\n[a-\\] linguist-language=C\n", "x/y/z")
	f.Fuzz(func(t *testing.T, text, file string) {
		if escapes(file) || file == "" || file[0] == '/' {
			return
		}
		a := &attributes{byFolder: map[string][]attributeRule{".": parseAttributes(attributesName, []byte(text), map[string]map[string]string{})}}
		for _, name := range attributeNames {
			if value, at, ok := a.of(file, false, name); ok && (value == unsaid || at == "") {
				t.Errorf("%q: %q %q", name, value, at)
			}
		}
		a.exportIgnored(file)
	})
}
