package recipe

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/codemill/codemill/dedup"
	"github.com/codemill/codemill/filter"
	"github.com/codemill/codemill/work"
)

// PassKinds is the table of the kinds of passes. To add one, write its package and its
// line here.
func PassKinds() []PassKind {
	return []PassKind{
		passKind("filter", "Pass verdicts by the rules of one filter pass.", filter.New, filter.Run),
		passKind("dedup", "Pass verdicts on exact and near duplicates.", dedup.New, dedup.Run),
	}
}

// PassKind is a kind of passes: filter, dedup.
type PassKind struct {
	Name string // its key in a pass, its command, and the name of a pass that is given none
	Help string // of the command

	settings func() Settings // zero ones
	ready    func(Settings) error
	run      func(context.Context, work.Job, Settings) (*work.Manifest, error)
}

// Settings are those of one stage. Zero ones stand for its defaults.
type Settings interface {
	// Validate names the first setting that makes no sense, by its dotted key,
	// and what is wanted.
	Validate() error
	// Paths returns the settings that are paths of files, by their dotted keys.
	Paths() map[string]*string
}

// passKind returns the line of a stage with the settings C. What they name is read
// by compile, before any stage runs, and again by run.
func passKind[C, F any, S interface {
	*C
	Settings
}](name, help string, compile func(C) (F, error), run func(context.Context, work.Job, C) (*work.Manifest, error)) PassKind {
	return PassKind{
		Name:     name,
		Help:     help,
		settings: func() Settings { return S(new(C)) },
		ready: func(s Settings) error {
			_, err := compile(*s.(S))
			return err
		},
		run: func(ctx context.Context, job work.Job, s Settings) (*work.Manifest, error) {
			return run(ctx, job, *s.(S))
		},
	}
}

// Pass is one verdict stage under a name of its own. In a recipe its settings
// stand under the name of its kind.
type Pass struct {
	Name     string   `yaml:"name"` // its folder is verdicts/<name>; its kind's by default
	Kind     PassKind `yaml:"-"`
	Settings Settings `yaml:"-"` // a pointer to the Config of the kind's package
}

// Ready reads the files that the settings name, so that one which is missing is
// known before hours of work.
func (p *Pass) Ready() error { return p.Kind.ready(p.Settings) }

// Run passes the verdicts.
func (p *Pass) Run(ctx context.Context, job work.Job) (*work.Manifest, error) {
	return p.Kind.run(ctx, job, p.Settings)
}

var passType = reflect.TypeFor[Pass]()

// passForm is the struct that a pass is in YAML: its name, and for every kind a
// pointer to its settings.
func passForm() reflect.Type {
	fields := []reflect.StructField{{Name: "Name", Type: reflect.TypeFor[string](), Tag: `yaml:"name"`}}
	for i, k := range PassKinds() {
		tag := reflect.StructTag(fmt.Sprintf("yaml:%q", k.Name))
		fields = append(fields, reflect.StructField{Name: fmt.Sprint("Kind", i), Type: reflect.TypeOf(k.settings()), Tag: tag})
	}
	return reflect.StructOf(fields)
}

// form returns the pass in that struct.
func (p *Pass) form() reflect.Value {
	form := reflect.New(passForm()).Elem()
	form.Field(0).SetString(p.Name)
	for i, k := range PassKinds() {
		if p.Settings != nil && k.Name == p.Kind.Name {
			form.Field(i + 1).Set(reflect.ValueOf(p.Settings))
		}
	}
	return form
}

// fromForm is the inverse of form. A pass that is not of one kind gets no
// settings.
func (p *Pass) fromForm(form reflect.Value) {
	*p = Pass{Name: form.Field(0).String()}
	set := 0
	for i, k := range PassKinds() {
		if f := form.Field(i + 1); !f.IsNil() {
			set++
			p.Kind, p.Settings = k, f.Interface().(Settings)
		}
	}
	if set > 1 {
		p.Settings = nil
	}
}

// UnmarshalYAML reads the form.
func (p *Pass) UnmarshalYAML(decode func(any) error) error {
	form := reflect.New(passForm())
	if err := decode(form.Interface()); err != nil {
		return err
	}
	p.fromForm(form.Elem())
	return nil
}

// completePasses fills in the defaults of the passes.
func (r *Recipe) completePasses() error {
	if r.Passes == nil {
		r.Passes = []Pass{newPass("filter"), newPass("dedup")}
	}
	for i := range r.Passes {
		p := &r.Passes[i]
		if p.Settings == nil {
			return fmt.Errorf("passes[%d]: want either %s, with its settings or {}", i, strings.Join(kindNames(), " or "))
		}
		if p.Name == "" {
			p.Name = p.Kind.Name
		}
	}
	return nil
}

// newPass returns a pass of a kind of the table, with its defaults.
func newPass(name string) Pass {
	kinds := PassKinds()
	k := kinds[slices.IndexFunc(kinds, func(k PassKind) bool { return k.Name == name })]
	return Pass{Kind: k, Settings: k.settings()}
}

func kindNames() []string {
	var names []string
	for _, k := range PassKinds() {
		names = append(names, k.Name)
	}
	return names
}
