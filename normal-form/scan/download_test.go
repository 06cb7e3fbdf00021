//go:build linux

package scan

import (
	"context"
	"testing"
	"time"
)

// waits takes no time, and gives what was waited for.
func (b *build) waits(s *scanner) *[]time.Duration {
	waits := &[]time.Duration{}
	s.wait = func(_ context.Context, pause time.Duration) { *waits = append(*waits, pause) }
	return waits
}

func TestARegistryThatThrottlesIsAskedLaterEachTime(t *testing.T) {
	b := newBuild(t, map[string]behaviour{"download": {Throttles: 3}})
	s := b.scanner()
	waits := b.waits(s)
	if _, err := s.scanImage(context.Background()); err != nil {
		t.Fatal(err)
	}
	if r := b.record(); r.Step != "account" || r.ExitCode != 0 || len(*waits) != 3 || b.tries("download") != 4 {
		t.Fatal(r, *waits)
	}
	for n, wait := range *waits {
		if least := 2 * time.Second << n; wait < least || wait >= 2*least {
			t.Error(n, wait)
		}
	}
}

func TestTwoBuildsDoNotWaitAlike(t *testing.T) {
	first := map[time.Duration]bool{}
	for range 2 {
		b := newBuild(t, map[string]behaviour{"download": {Throttles: 1}})
		s := b.scanner()
		waits := b.waits(s)
		s.scanImage(context.Background())
		first[(*waits)[0]] = true
	}
	if len(first) != 2 {
		t.Fatal(first)
	}
}

func TestARegistryThatThrottlesIsLeftAloneWhileThereIsTimeToScan(t *testing.T) {
	b := newBuild(t, map[string]behaviour{"download": {Throttles: 1000}})
	b.job.Seconds = seconds{840 * time.Second}
	s := b.scanner()
	waits := b.waits(s)
	if _, err := s.scanImage(context.Background()); err != nil {
		t.Fatal(err)
	}
	if r := b.record(); r.Step != "download" || r.ExitCode != 1 {
		t.Fatal(r)
	}
	if len(*waits) != b.tries("download")-1 || len(*waits) <= 5 {
		t.Fatal(*waits, b.tries("download"))
	}
	for _, wait := range *waits {
		if wait >= 420*time.Second {
			t.Error(wait)
		}
	}
}

func TestNothingWaitsForARegistryWhenTheImageWasNotRead(t *testing.T) {
	b := newBuild(t, map[string]behaviour{"download": {Throttles: 1000}, "read": {Exit: 1, Seconds: 0.5, Form: "none"}})
	b.job.Seconds, b.job.ThrottledPauseSeconds = seconds{time.Hour}, seconds{10 * time.Minute}
	begun := time.Now()
	if r := b.run(); r.Step != "read" || r.ExitCode != 1 {
		t.Fatal(r)
	}
	if took := time.Since(begun); took > time.Minute {
		t.Fatal(took)
	}
}

func TestADownloadThatRunsIsEndedWhenTheImageWasNotRead(t *testing.T) {
	b := newBuild(t, map[string]behaviour{"download": {Seconds: 600}, "read": {Exit: 3, Seconds: 0.5}})
	begun := time.Now()
	if r := b.run(); r.Step != "read" || r.ExitCode != 3 {
		t.Fatal(r)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Fatal(took)
	}
}
