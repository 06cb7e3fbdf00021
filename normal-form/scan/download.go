//go:build linux

package scan

import (
	"bufio"
	"context"
	"math/rand/v2"
	"os"
	"regexp"
	"time"
)

// download fetches a database. Public registries throttle builds, because these share their addresses with everybody: a download that is throttled
// is tried again, until a further wait would take half of the time that is left.
func (s *scanner) download(ctx context.Context, arguments []string) step {
	pause := s.job.ThrottledPauseSeconds.Duration
	for {
		ended := s.withRegistry(ctx, "download", s.trivy, arguments)
		if ended.code == 0 || !says(ended.errors, s.job.Throttled.Regexp) {
			return ended
		}
		wait := pause + time.Duration(rand.Float64()*float64(pause))
		pause *= 2
		if 2*wait >= s.left() {
			return ended
		}
		if s.wait(ctx, wait); ctx.Err() != nil {
			return ended
		}
	}
}

func waitFor(ctx context.Context, pause time.Duration) {
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
}

func says(file string, words *regexp.Regexp) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	return words.MatchReader(bufio.NewReader(f))
}
