// Command codemill turns source repositories and text into the token shards
// that code models are trained on. It is one program with a command for every
// stage; `codemill run recipe.yaml` runs them all.
//
// Standard output is the result, standard error the progress, warnings and the
// error that a command ends with. Exit codes:
//
//	0    done
//	1    failed
//	2    crashed: a bug, or memory that ran out; the Go runtime's own code
//	3    done, but some inputs were bad
//	64   wrong call: a bad flag, recipe or setting
//	130  interrupted
//
// # A command
//
// A command is a struct whose fields are its flags and arguments, and which has the method
// Run(*app) error; the parser (kong) fills in the fields and calls Run. Run reads the
// recipe or opens the work folder, makes one call of a package, and prints what that
// returns. Its error decides the exit code: see fail.
//
// Names, paths and messages may come from input that nobody has looked at. Where they are
// printed they go through name or printable, so that no file name acts on a terminal. JSON
// is printed as it stands.
//
// # Files
//
//	main.go               the command line, exit codes
//	pipeline.go           the stages of a recipe, as functions
//	execute.go            stages run one after the other, or looked at (--dry-run)
//	run.go                run, and the commands of single stages
//	init.go               init
//	explain.go            explain
//	inspect.go            inspect
//	verify.go             verify
//	materialize.go        materialize
//	tokenize.go           tokenize and tokenize count
//	tokenize_encode.go    tokenize encode
//	tokenize_decode.go    tokenize decode
//	tokenize_compare.go   tokenize compare
//	summary.go            what a run did, printed
//	duplicates.go         what dedup found, printed
//	print.go              names, numbers and sizes, as terminals may see them
//	tally.go              counts by name, histograms
//	progress.go           the bar
//	usage.go              memory and time that the process took
//	version.go            --version
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/codemill/codemill/export"
	"github.com/codemill/codemill/recipe"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/codemill/codemill/work"
)

// The program's exit codes. 2 is not among them: the runtime ends with it where
// it crashes, which may be before main.
const (
	exitDone        = 0
	exitFailed      = 1
	exitBadInputs   = 3
	exitWrongCall   = 64 // EX_USAGE of sysexits.h
	exitInterrupted = 130
)

// commands is the command line. One file of this package holds each command. Those of the
// kinds of passes (filter, dedup) are not here: newParser adds them from recipe's table.
type commands struct {
	globals

	Init        initCmd        `cmd:"" help:"Write a commented recipe.yaml and a Makefile that calls the stages."`
	Run         runCmd         `cmd:"" help:"Run all stages of a recipe."`
	Crawl       crawlCmd       `cmd:"" help:"Read the sources into documents."`
	Mix         mixCmd         `cmd:"" help:"Plan which documents to use, how often, in what order."`
	Tokenize    tokenizeCmds   `cmd:"" help:"Write the planned documents as packed token sequences; or count, encode, decode and compare texts."`
	Materialize materializeCmd `cmd:"" help:"Write the surviving documents as text."`
	Explain     explainCmd     `cmd:"" help:"Say what became of one file, and why."`
	Inspect     inspectCmd     `cmd:"" help:"Show the state of a work folder, or what is in one of its files."`
	Verify      verifyCmd      `cmd:"" help:"Check a work folder: checksums, the ledger, and tokens decoded back to text."`
}

// globals are the flags of every command. The first four are texts, "" where they are not
// given: they go over the recipe's settings and are read as these are (load). Commands
// that read no recipe refuse those that they have no use for (noRecipe).
type globals struct {
	Work     string `help:"Work folder, instead of the recipe's." placeholder:"DIR"`
	Seed     string `help:"Seed of all randomness, instead of the recipe's." placeholder:"N"`
	Memory   string `help:"Memory to stay within, such as 1GiB, instead of the recipe's." placeholder:"SIZE"`
	Workers  string `short:"j" help:"Workers, 0 for one a core, instead of the recipe's. Never changes the output." placeholder:"N"`
	DryRun   bool   `help:"Say what would be made and write nothing."`
	Progress string `help:"How progress is shown on standard error: auto, bar, plain or json." enum:"auto,bar,plain,json" default:"auto"`
	Quiet    bool   `short:"q" help:"Show no progress."`

	Version versionFlag `help:"Print the version and quit."`
}

// app is what a command runs with. Commands write to out and err, and never to the
// process's own streams, so that tests can read what they say.
type app struct {
	globals
	ctx       context.Context   // cancelled by the first signal
	out, err  io.Writer         // standard output and standard error
	overrides []recipe.Override // flags that are dotted keys of the recipe
	recipe    *recipe.Recipe    // that the command has read; nil for none. load sets it
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program: args without its own name, the result is the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	args, overrides, err := splitOverrides(args)
	if err != nil {
		return fail(stderr, err, nil)
	}
	var cli commands
	parser, err := newParser(&cli, stdout, stderr)
	if err != nil {
		return fail(stderr, err, nil)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return fail(stderr, &callError{fmt.Errorf("%w (see codemill --help)", err)}, nil)
	}
	ctx, stop := interruptible(stderr)
	defer stop()
	a := &app{globals: cli.globals, ctx: ctx, out: stdout, err: stderr, overrides: overrides}
	err = parsed.Run(a)
	return fail(stderr, err, a.recipe)
}

// newParser returns the parser of the command line: the commands of cli, and one
// for every kind of passes.
func newParser(cli *commands, stdout, stderr io.Writer) (*kong.Kong, error) {
	options := []kong.Option{
		kong.Name("codemill"),
		kong.Description("Turns repositories and text into token shards for code models.\n\n" +
			"Any setting of the recipe can be given as a flag by its dotted key: --crawl.max_file_bytes=2000000, --tokenize.fim.rate 0.5; " +
			"a pass is addressed by its name: --filter.limits.max_line_length=900."),
		kong.Vars{"vocabularies": strings.Join(bpe.TiktokenNames(), ", "), "formats": strings.Join(export.Formats(), ","), "layouts": strings.Join(export.LayoutNames(), ", ")},
		kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.PostBuild(passesAfterCrawl),
	}
	for _, k := range recipe.PassKinds() {
		options = append(options, kong.DynamicCommand(k.Name, k.Help, "", &passCmd{kind: k.Name}))
	}
	return kong.New(cli, options...)
}

// passesAfterCrawl moves the commands of passes, which kong puts last, to where
// they stand in a run.
func passesAfterCrawl(k *kong.Kong) error {
	all := k.Model.Children
	passes := len(all) - len(recipe.PassKinds())
	crawl := slices.IndexFunc(all, func(n *kong.Node) bool { return n.Name == "crawl" })
	k.Model.Children = slices.Concat(all[:crawl+1], all[passes:], all[crawl+1:passes])
	return nil
}

// interruptible returns a context that the first SIGINT or SIGTERM cancels. Stages then
// stop between two documents or files, which may take a moment. The second signal ends the
// program at once: that costs no more, as a run that is killed goes on where it was. The
// function gives signals back to their default.
func interruptible(stderr io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2) // room for both: nobody listens at every moment
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		fmt.Fprintln(stderr, "codemill: stopping; once more to quit at once")
		cancel()
		if _, ok := <-signals; ok {
			os.Exit(exitInterrupted)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}

// splitOverrides takes the flags whose names are dotted keys of the recipe out of the
// arguments, as the parser knows none of them: what has "--" in front and a dot in its
// name. The value stands behind "=", or is the next argument. Of
//
//	run r.yaml --mix.budget=1000 -q --filter.preset none
//
// rest is "run r.yaml -q". Arguments behind "--" are left alone.
func splitOverrides(args []string) (rest []string, overrides []recipe.Override, err error) {
	for i := 0; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "--")
		if args[i] == "--" {
			return append(rest, args[i:]...), overrides, nil
		}
		name, value, hasValue := strings.Cut(name, "=")
		if !isFlag || !strings.Contains(name, ".") {
			rest = append(rest, args[i])
			continue
		}
		if !hasValue {
			if i++; i == len(args) {
				return nil, nil, &callError{fmt.Errorf("--%s: a value is missing", name)}
			}
			value = args[i]
		}
		overrides = append(overrides, recipe.Override{Key: name, Value: value})
	}
	return rest, overrides, nil
}

// callError is a mistake in how the program was called: a flag, the recipe, a file that
// the recipe names. It becomes exit code 64.
type callError struct{ err error }

func (e *callError) Error() string { return e.err.Error() }
func (e *callError) Unwrap() error { return e.err }

// badInputs says that the command did what it was asked to, but that some of
// its inputs could not be used. It becomes exit code 3.
type badInputs struct{ message string }

func (e *badInputs) Error() string { return e.message }

// remedy names the command that makes the stage which an error says is missing:
// ": run `codemill mix` first"; "" for errors of another kind. Which command passes the
// verdicts of a pass, only the recipe says: without a recipe it is `codemill run`, which
// runs all. For a pass that is not named like its command the pass is named too:
// `codemill filter RECIPE strict`.
func remedy(err error, r *recipe.Recipe) string {
	var missing *work.Incomplete
	if !errors.As(err, &missing) {
		return ""
	}
	command := "run"
	if r == nil {
		r = &recipe.Recipe{}
	}
	all := stages(r)
	for _, s := range all {
		if missing.Stage != s.folder && !strings.HasPrefix(missing.Stage, s.folder+"/") { // the stage, or a need of it
			continue
		}
		if command = s.command; s.name != s.command {
			command += " RECIPE " + s.name
		}
	}
	return fmt.Sprintf(": run `codemill %s` first", command)
}

// fail prints an error and returns the exit code that it stands for: 0 for nil, which
// prints nothing. The recipe, nil where none was read, serves to name a remedy. That a run
// was interrupted goes before all else, whatever the error is wrapped in.
func fail(stderr io.Writer, err error, r *recipe.Recipe) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(stderr, "codemill: "+printable(err.Error())+remedy(err, r))
	var call *callError
	var bad *badInputs
	switch {
	case work.Interrupted(err):
		return exitInterrupted
	case errors.As(err, &call):
		return exitWrongCall
	case errors.As(err, &bad):
		return exitBadInputs
	default:
		return exitFailed
	}
}
