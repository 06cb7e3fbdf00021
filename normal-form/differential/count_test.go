//go:build linux

package differential

import (
	"fmt"
	"sort"
	"strings"
	"sync"
)

// count adds the verdicts up.
type count struct {
	sync.Mutex
	images, accepted, refused, unequal int
	refusedAlike                       int
	reasons, alikeReasons              map[string]int
	runtimes                           map[string]int // that do not unpack an image which is accepted
	tricks                             map[string][2]int
	shownFailures                      int
}

func newCount() *count {
	return &count{reasons: map[string]int{}, alikeReasons: map[string]int{}, runtimes: map[string]int{}, tricks: map[string][2]int{}}
}

func (c *count) add(v *verdict) {
	c.Lock()
	defer c.Unlock()
	c.images++
	switch {
	case len(v.unequal) > 0:
		c.unequal++
		if c.shownFailures++; c.shownFailures <= 20 {
			fmt.Printf("UNEQUAL %s\n", strings.Join(v.unequal, "\n  "))
		}
	case v.reason == "":
		c.accepted++
		for r, words := range v.refused {
			if words == noTable {
				continue
			}
			c.runtimes[r+": "+lastWords(words)]++
		}
	default:
		c.refused++
		c.reasons[v.reason]++
		if v.alike {
			c.refusedAlike++
			c.alikeReasons[v.reason]++
		}
	}
	for _, t := range v.tricks {
		n := c.tricks[t]
		n[min(len(v.reason), 1)]++
		c.tricks[t] = n
	}
}

func lastWords(s string) string {
	if i := strings.LastIndex(s, ": "); i >= 0 {
		s = s[i+2:]
	}
	return fmt.Sprintf("%.60s", withoutNames(s))
}

func (c *count) print() {
	fmt.Println("tricks (accepted, refused):")
	for _, t := range sortedKeys(c.tricks) {
		fmt.Printf("  %5d %5d %s\n", c.tricks[t][0], c.tricks[t][1], t)
	}
	fmt.Println("accepted, but this runtime does not unpack it:")
	printCounts(c.runtimes)
	fmt.Println("refused by reason (in brackets: though all runtimes that unpack it agree):")
	list := map[string]int{}
	for r, n := range c.reasons {
		list[fmt.Sprintf("[%d] %s", c.alikeReasons[r], r)] = n
	}
	printCounts(list)
	fmt.Printf("images %d, accepted %d, refused %d, unequal %d, refused though all runtimes agree %d\n", c.images, c.accepted, c.refused, c.unequal, c.refusedAlike)
}

func printCounts(m map[string]int) {
	l := sortedKeys(m)
	sort.SliceStable(l, func(i, j int) bool { return m[l[i]] > m[l[j]] })
	for _, k := range l {
		fmt.Printf("  %5d %s\n", m[k], k)
	}
}
