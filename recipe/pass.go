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

// PassKinds is the table of the kinds of passes, in the order in which the command line
// lists them. To add one, write its package and its line here.
func PassKinds() []PassKind {
	return []PassKind{
		passKind("filter", "Pass verdicts by the rules of one filter pass.", filter.New, filter.Run),
		passKind("dedup", "Pass verdicts on exact and near duplicates.", dedup.New, dedup.Run),
	}
}

// PassKind is a kind of passes: filter, dedup. The functions take settings of this kind
// only, the type that settings returns.
type PassKind struct {
	Name string // its key in a pass, its command, and the name of a pass that is given none
	Help string // of the command

	settings func() Settings      // returns new zero ones
	ready    func(Settings) error // see Pass.Ready
	run      func(context.Context, work.Job, Settings) (*work.Manifest, error)
}

// Settings are those of one stage. Zero ones stand for its defaults.
type Settings interface {
	// Validate names the first setting that makes no sense, by its dotted key within
	// the stage's settings ("limits.max_line_length"), and what is wanted.
	Validate() error
	// Paths returns the settings that are paths of files, by their dotted keys. The
	// recipe resolves what the pointers point to, in place.
	Paths() map[string]*string
}

// passKind returns the line of a stage whose settings are a C and whose compiled form is
// an F: for filter, filter.Config and *filter.Filter. S is *C, on which the methods of
// Settings are declared. compile reads the files that the settings name; it is called
// before any stage runs, to find mistakes, and its result is dropped: run compiles again.
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

// Pass is one verdict stage under a name of its own. In a recipe its settings stand under
// the name of its kind:
//
//	passes:
//	  - name: strict
//	    filter: {preset: deepseek-coder}
//	  - dedup: {}
//
// YAML knows no "one of these kinds", so a pass is read and written as another struct,
// its form: see passForm.
type Pass struct {
	Name     string   `yaml:"name"` // its folder is verdicts/<name>; its kind's by default
	Kind     PassKind `yaml:"-"`
	Settings Settings `yaml:"-"` // a pointer to the Config of the kind's package; nil where it is not exactly one kind's
}

// Ready reads the files that the settings name, so that one which is missing is
// known before hours of work. It keeps nothing of them.
func (p *Pass) Ready() error { return p.Kind.ready(p.Settings) }

// Run passes the verdicts: it makes the stage of job.
func (p *Pass) Run(ctx context.Context, job work.Job) (*work.Manifest, error) {
	return p.Kind.run(ctx, job, p.Settings)
}

var passType = reflect.TypeFor[Pass]()

// passForm is the type of the struct that a pass is in YAML: its name, and for every kind
// of the table, in its order, a pointer to its settings. With the two kinds of today:
//
//	struct {
//		Name  string         `yaml:"name"`
//		Kind0 *filter.Config `yaml:"filter"`
//		Kind1 *dedup.Config  `yaml:"dedup"`
//	}
//
// It is made of the table, so that a new kind needs no field here.
func passForm() reflect.Type {
	fields := []reflect.StructField{{Name: "Name", Type: reflect.TypeFor[string](), Tag: `yaml:"name"`}}
	for i, k := range PassKinds() {
		tag := reflect.StructTag(fmt.Sprintf("yaml:%q", k.Name))
		fields = append(fields, reflect.StructField{Name: fmt.Sprint("Kind", i), Type: reflect.TypeOf(k.settings()), Tag: tag})
	}
	return reflect.StructOf(fields)
}

// form returns the pass in that struct. It shares the settings with the pass.
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

// fromForm is the inverse of form. A pass that is of no kind, or of several, gets no
// settings; completePasses then refuses it.
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

// UnmarshalYAML reads a pass by its form; the YAML library calls it.
func (p *Pass) UnmarshalYAML(decode func(any) error) error {
	form := reflect.New(passForm())
	if err := decode(form.Interface()); err != nil {
		return err
	}
	p.fromForm(form.Elem())
	return nil
}

// completePasses fills in the defaults of the passes: the two of a recipe that names
// none, and names. An empty list (passes: []) stays empty. It may be called again.
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

// newPass returns a pass, not named yet, of the kind of this name, with its defaults. The
// kind has to be in the table.
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
