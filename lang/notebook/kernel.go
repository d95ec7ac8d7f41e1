package notebook

import (
	"strings"

	"github.com/codemill/codemill/lang"
)

// kernels are names of kernels and engines that are no names of their language.
var kernels = map[string]string{"ir": "R", "ipython": "Python", "xpython": "Python", "pyspark": "Python", "pysparkkernel": "Python", "nodejs": "JavaScript", "xcpp": "C++", "rcpp": "C++", "sagemath": "Sage", "ijavascript": "JavaScript", "tslab": "TypeScript", "jslab": "JavaScript"}

// languageNamed returns Linguist's name for a language as kernels name it, or themselves:
// "python3", "julia-1.9", "C++17", "Python 3 (ipykernel)". It is "" for what is not known.
func languageNamed(name string) string {
	const most = 64 // the longest names have half of it
	name = strings.ToLower(strings.TrimSpace(name[:min(most, len(name))]))
	word, _, _ := strings.Cut(name, " ")
	for _, n := range []string{name, word, strings.TrimRight(word, "0123456789.-_")} {
		if language, ok := kernels[n]; ok {
			return language
		}
		if language, ok := lang.ByAlias(n); ok && n != "" {
			return language
		}
	}
	return ""
}
