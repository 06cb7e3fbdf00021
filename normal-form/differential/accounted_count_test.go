//go:build linux

package differential

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// totals adds the answers up.
type totals struct {
	sync.Mutex
	images, honest, honestFailures, unaccounted int
	answers, managers, listed, reasons          map[string]int
	tricks                                      map[string]map[string]int
	took                                        time.Duration
}

func newTotals() *totals {
	return &totals{answers: map[string]int{}, managers: map[string]int{}, listed: map[string]int{}, reasons: map[string]int{}, tricks: map[string]map[string]int{}}
}

func (t *totals) add(v *answer) {
	t.Lock()
	defer t.Unlock()
	t.images++
	t.took += v.took
	t.answers[v.result]++
	for _, m := range v.managers {
		t.managers[m]++
	}
	for l, n := range v.listed {
		t.listed[l] += n
	}
	for _, r := range v.reasons {
		t.reasons[r]++
	}
	for _, each := range v.tricks {
		if t.tricks[each] == nil {
			t.tricks[each] = map[string]int{}
		}
		t.tricks[each][v.result]++
	}
	if len(v.tricks) == 0 {
		t.honest++
		if v.result != "all accounted" && v.result != "unread" {
			t.honestFailures++
			fmt.Printf("HONEST SEED=%d: %s: %s\n", v.seed, v.result, strings.Join(v.reasons, "\n  "))
		}
	}
	if len(v.unaccounted) > 0 {
		if t.unaccounted++; t.unaccounted <= 20 {
			fmt.Printf("UNACCOUNTED %s\n", strings.Join(v.unaccounted, "\n  "))
		}
	}
}

func (t *totals) print() {
	fmt.Println("hidings (all accounted, unread, not covered, refused):")
	for _, each := range sortedKeys(t.tricks) {
		n := t.tricks[each]
		fmt.Printf("  %5d %5d %5d %5d %s\n", n["all accounted"], n["unread"], n["not covered"], n["refused"], each)
	}
	fmt.Println("installations:")
	printCounts(t.managers)
	fmt.Println("packages that managers list, and how they are answered:")
	printCounts(t.listed)
	fmt.Println("reasons:")
	printCounts(t.reasons)
	fmt.Printf("images %d, honest %d, of them failed %d; all accounted %d, unread %d, not covered %d, refused %d; unaccounted %d; %.2f s each\n", t.images, t.honest, t.honestFailures,
		t.answers["all accounted"], t.answers["unread"], t.answers["not covered"], t.answers["refused"], t.unaccounted, t.took.Seconds()/float64(max(1, t.images)))
}
