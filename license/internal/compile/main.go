// Command compile makes the tables of package match: of licensecheck's own patterns,
// and of those in the files notices.lre and texts.lre. It runs in the folder
// license/internal/match, by go generate.
package main

import (
	"log"
	"os"

	"github.com/codemill/codemill/license/internal/compile/tables"
)

func main() {
	log.SetFlags(0)
	builtin, err := tables.Builtin()
	if err == nil {
		err = os.WriteFile("licensecheck.zst", builtin, 0o666)
	}
	if err != nil {
		log.Fatal(err)
	}
	own, err := tables.Own("../..")
	if err == nil {
		err = os.WriteFile("own.zst", own, 0o666)
	}
	if err != nil {
		log.Fatal(err)
	}
}
