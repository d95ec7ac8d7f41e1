package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/codemill/codemill/crawl"
	"github.com/codemill/codemill/mix"
	"github.com/codemill/codemill/recipe"
	"github.com/codemill/codemill/tokenize"
	"github.com/codemill/codemill/tokenize/bpe"
	"github.com/codemill/codemill/work"
)

// stage is one step of a recipe. For the pass
//
//   - name: strict
//     filter: {…}
//
// command is "filter", name "strict" and folder "verdicts/strict".
type stage struct {
	command string   // that runs it alone
	name    string   // of the pass, or the command; what is printed
	folder  string   // the stage's name for work.Job: docs, verdicts/<pass>, plan, tokens
	after   []string // names of the passes before it; all passes for mix and tokenize
	// run makes the stage, or says what it would make where the job is a dry run.
	run func(context.Context, work.Job) (*work.Manifest, error)
	// ready reads what the settings name besides sources, so that a file that is
	// missing is known before hours of work; nil for nothing. Its errors begin
	// with the key.
	ready func() error
}

// stages lists the steps of a recipe in their order: crawl, the passes, mix, tokenize.
// Nothing is read or run by it. The vocabulary is loaded once, when mix, tokenize or their
// ready first needs it.
func stages(r *recipe.Recipe) []stage {
	list := []stage{{command: "crawl", name: "crawl", folder: work.DocsStage, run: func(ctx context.Context, job work.Job) (*work.Manifest, error) {
		return crawl.Run(ctx, job, r.Crawl)
	}}}
	var after []string
	for i := range r.Passes {
		p := &r.Passes[i]
		ready := func() error { return within(p.Name, p.Ready()) }
		list = append(list, stage{p.Kind.Name, p.Name, work.VerdictsStage(p.Name), after, p.Run, ready})
		after = append(after[:len(after):len(after)], p.Name) // a new array: the stage before keeps its own
	}
	load := sync.OnceValues(func() (*bpe.Tokenizer, error) { return tokenize.Load(r.Tokenize) })
	ready := func() error {
		tok, err := load()
		if err == nil {
			_, err = tokenize.New(r.Tokenize, tok)
		}
		return within("tokenize", err)
	}
	return append(list,
		stage{"mix", "mix", work.PlanStage, after, func(ctx context.Context, job work.Job) (*work.Manifest, error) {
			tok, err := load()
			if err != nil {
				return nil, err
			}
			return mix.Run(ctx, job, r.Mix, vocabulary{tok}, tokenize.Overhead(r.Tokenize))
		}, ready},
		stage{"tokenize", "tokenize", work.TokensStage, after, func(ctx context.Context, job work.Job) (*work.Manifest, error) {
			tok, err := load()
			if err != nil {
				return nil, err
			}
			return tokenize.Run(ctx, job, r.Tokenize, tok)
		}, ready},
	)
}

// within puts the name of a stage's settings before an error that begins with the key of
// one: "opt_out: no such file" becomes "strict.opt_out: no such file".
func within(settings string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s.%w", settings, err)
}

// vocabulary gives mix what it needs of a tokenizer: a mix.Vocabulary. mix does not import
// the encoder, so that it can count by any.
type vocabulary struct{ *bpe.Tokenizer }

func (v vocabulary) NewCounter() mix.Counter { return v.Tokenizer.NewEncoder() }
