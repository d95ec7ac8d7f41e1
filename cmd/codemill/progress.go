package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/codemill/codemill/ledger"
)

// plainEvery is how often plain and JSON progress tell where they are.
const plainEvery = 5 * time.Second

// progress shows on standard error how far a stage has come.
type progress struct {
	mode string // bar, plain, json or none
	w    io.Writer
}

func newProgress(g globals, w io.Writer) *progress {
	mode := g.Progress
	if mode == "auto" {
		mode = "plain"
		if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			mode = "bar"
		}
	}
	if g.Quiet {
		mode = "none"
	}
	return &progress{mode, w}
}

// watch shows a meter until the function it returns is called.
func (p *progress) watch(stage string, m *ledger.Meter) (done func()) {
	if p.mode == "none" {
		return func() {}
	}
	start := time.Now()
	show, every, end := p.line(stage), plainEvery, func() {}
	if p.mode == "bar" {
		every = 200 * time.Millisecond
		show, end = p.bar(stage)
	}
	if p.mode == "json" { // a reader wants to know how it ended
		end = func() { show(m.Read(), time.Since(start)) }
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				show(m.Read(), time.Since(start))
			case <-stop:
				end()
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// note prints a line of its own.
func (p *progress) note(stage, message string) {
	if p.mode == "json" {
		p.json(map[string]any{"stage": stage, "message": message})
		return
	}
	fmt.Fprintf(p.w, "%s: %s\n", stage, printable(message))
}

type show func(r ledger.Reading, elapsed time.Duration)

func (p *progress) line(stage string) show {
	return func(r ledger.Reading, elapsed time.Duration) {
		rate := float64(r.Bytes) / max(elapsed.Seconds(), 1e-9)
		left := remaining(r, elapsed)
		if p.mode == "json" {
			p.json(map[string]any{
				"stage": stage, "docs": r.Docs, "bytes": r.Bytes, "total_bytes": r.Total, "seconds": elapsed.Seconds(),
				"mb_per_second": rate / 1e6, "seconds_left": left.Seconds(),
			})
			return
		}
		line := fmt.Sprintf("%s: %s documents, %s", stage, number(r.Docs), size(r.Bytes))
		if r.Total > 0 {
			line += " of " + size(r.Total)
		}
		line += fmt.Sprintf(", %.1f MB/s", rate/1e6)
		if left > 0 {
			line += ", " + left.Round(time.Second).String() + " left"
		}
		fmt.Fprintln(p.w, line)
	}
}

// remaining extrapolates, 0 where nothing can be said.
func remaining(r ledger.Reading, elapsed time.Duration) time.Duration {
	if r.Total <= 0 || r.Bytes <= 0 || r.Bytes >= r.Total {
		return 0
	}
	return time.Duration(float64(elapsed) * float64(r.Total-r.Bytes) / float64(r.Bytes))
}

func (p *progress) json(v map[string]any) {
	if b, err := json.Marshal(v); err == nil {
		fmt.Fprintf(p.w, "%s\n", b)
	}
}

func (p *progress) bar(stage string) (show, func()) {
	bar := progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(p.w),
		progressbar.OptionSetDescription(fmt.Sprintf("%-10s", stage)),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionFullWidth(),
		progressbar.OptionSetSpinnerChangeInterval(0), // or a goroutine would go on drawing after the end
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
	total := int64(-1)
	show := func(r ledger.Reading, _ time.Duration) {
		if r.Total > 0 && r.Total != total {
			total = r.Total
			bar.ChangeMax64(total)
		}
		if total < 0 {
			bar.Set64(r.Bytes)
		} else {
			bar.Set64(min(r.Bytes, total-1)) // the bar ends when the stage does
		}
	}
	return show, func() { bar.Exit(); bar.Clear() }
}
