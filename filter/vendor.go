package filter

import (
	"strings"

	"github.com/codemill/codemill/internal/choice"
)

// What happens to documents that a repository took over from elsewhere.
const (
	// Narrow puts out what lies in folders that package managers and habit
	// reserve for others' code, minified files, and copies of a few well-known
	// files. It is narrower than Linguist's list, which loses real source such
	// as testdata/, dist/, cache/, deps/ and .github/.
	Narrow = "narrow"
	// Linguist puts out what crawl flagged by Linguist's list.
	Linguist = "linguist"
	// Keep keeps them.
	Keep = "keep"
	// Drop puts out what crawl flagged as generated.
	Drop = "drop"
)

// vendorFolders are matched at any depth, in lower case.
func vendorFolders() map[string]bool {
	return choice.SetOf(strings.Fields(`
		node_modules bower_components jspm_packages
		vendor vendors third_party third-party thirdparty 3rdparty 3rd_party 3rd-party
		godeps pods carthage site-packages dist-packages .yarn .pnpm-store`), strings.ToLower)
}

// vendorFiles are files that build systems and frameworks put into every
// repository, in lower case.
func vendorFiles() map[string]bool {
	return choice.SetOf(strings.Fields(`
		gradlew gradlew.bat mvnw mvnw.cmd
		config.guess config.sub ltmain.sh libtool.m4 ltoptions.m4 ltsugar.m4 ltversion.m4 aclocal.m4 install-sh depcomp
		jquery.js jquery-ui.js bootstrap.js bootstrap.css normalize.css font-awesome.css`), strings.ToLower)
}

// vendored returns a function that says whether a path is narrowly vendored.
func vendored() func(path string) bool {
	folders, files := vendorFolders(), vendorFiles()
	return func(path string) bool {
		rest := strings.ToLower(path)
		for {
			folder, after, ok := strings.Cut(rest, "/")
			if !ok {
				break
			}
			if folders[folder] {
				return true
			}
			rest = after
		}
		for _, end := range []string{".min.js", "-min.js", ".min.css", "-min.css"} {
			if strings.HasSuffix(rest, end) {
				return true
			}
		}
		return files[rest]
	}
}
