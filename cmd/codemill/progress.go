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

// progress shows on standard error how far a stage has come. What it shows differs from
// run to run, and nothing depends on it.
type progress struct {
	mode string // bar, plain, json or none
	w    io.Writer
}

// newProgress decides how: "auto" is a bar on a terminal, and plain lines elsewhere.
// --quiet shows nothing, whatever --progress says; warnings (note) are printed all the
// same.
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

// watch shows a meter until the function it returns is called, which waits for the last
// line to be written. It must be called once, also where the stage failed.
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

// note prints a message on a line of its own, behind the stage's name.
func (p *progress) note(stage, message string) {
	if p.mode == "json" {
		p.json(map[string]any{"stage": stage, "message": message})
		return
	}
	fmt.Fprintf(p.w, "%s: %s\n", stage, printable(message))
}

// show prints what a meter has reached, after the time that has passed since the stage
// began.
type show func(r ledger.Reading, elapsed time.Duration)

// line returns what prints one line, for people or as JSON:
//
//	crawl: 1,204 documents, 85 MiB of 812 MiB, 27.3 MB/s, 27s left
//	{"stage": "crawl", "docs": 1204, "bytes": 89128960, "total_bytes": 851443712, …}
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

// remaining extrapolates from the bytes so far, as if the rest took as long for each; 0
// where nothing can be said.
func remaining(r ledger.Reading, elapsed time.Duration) time.Duration {
	if r.Total <= 0 || r.Bytes <= 0 || r.Bytes >= r.Total {
		return 0
	}
	return time.Duration(float64(elapsed) * float64(r.Total-r.Bytes) / float64(r.Bytes))
}

// json prints an object on one line. One that cannot be written, such as a rate that is
// infinite, is left out: progress must not end a run.
func (p *progress) json(v map[string]any) {
	if b, err := json.Marshal(v); err == nil {
		fmt.Fprintf(p.w, "%s\n", b)
	}
}

// bar returns what moves a bar, and what removes it at the end. How much there is to do
// may grow while a stage runs (ledger.Meter.Expect), so the bar's length is set anew.
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
