package recipe

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// resolver resolves what path-like settings say: variables, and paths relative
// to the recipe's folder. With the recipe in /home/me/r.yaml and DATA=/data:
//
//	"${DATA}/x"           /data/x
//	"x"                   /home/me/x
//	"https://h/x"         as it is; so is all that has "://"
type resolver struct {
	folder string            // of the recipe, absolute
	known  map[string]string // variables asked for so far, as `go env` takes some time
}

// goVariables are asked of the go command when the environment lacks them: recipes to
// start from read Go's own source, and few people set its variables.
var goVariables = map[string]bool{"GOROOT": true, "GOMODCACHE": true, "GOPATH": true}

// resolve expands the variables of a path setting and makes it absolute. The
// empty path stays empty.
func (p *resolver) resolve(key string, path *string) error {
	if *path == "" {
		return nil
	}
	s, err := p.expand(*path)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if !filepath.IsAbs(s) && !strings.Contains(s, "://") {
		s = filepath.Join(p.folder, s)
	}
	*path = s
	return nil
}

// expand replaces ${NAME}. Nothing else is special: $NAME, ~ and wildcards are part of a
// name, and what a variable holds is not expanded again.
func (p *resolver) expand(s string) (string, error) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "${")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return "", fmt.Errorf("%q: ${ without }", s)
		}
		value, err := p.variable(name)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		s = after
	}
}

// variable returns the value of a variable. One that is empty counts as not set, which is
// an error: a path that lacks its beginning would be another one.
func (p *resolver) variable(name string) (string, error) {
	if v, ok := p.known[name]; ok {
		return v, nil
	}
	v, err := os.Getenv(name), error(nil)
	if v == "" && goVariables[name] {
		v, err = goEnv(name)
	}
	if err != nil {
		return "", err
	}
	if v == "" {
		return "", fmt.Errorf("the variable ${%s} is not set in the environment", name)
	}
	p.known[name] = v
	return v, nil
}

// goEnv asks the go command that the shell would find for a variable; "" where it has
// none.
func goEnv(name string) (string, error) {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		return "", fmt.Errorf("the variable ${%s} is not set in the environment, and `go env %s` does not tell it: %w", name, name, err)
	}
	return strings.TrimSpace(string(out)), nil
}
