//go:build linux

package differential

import (
	"fmt"
	"math/rand"
	"testing"
)

// rule 5.1: a blob that is two formats at once, one in the other or one behind the other, is read as the runtimes read it, or refused.
func TestEveryPairOfFormats(t *testing.T) {
	b := newBench(t)
	c := newCount()
	seed := number(t, "SEED", 1)
	kinds := []string{ociLayer, ociLayer + "+gzip", ociLayer + "+zstd"}
	for _, first := range formats {
		for _, second := range formats {
			for _, kind := range kinds {
				// what the config says it unpacks to: the tar, the other tar, all as it is, or one packing taken off
				for reading := range 4 {
					for _, nested := range []bool{true, false} {
						seed++
						g := &generator{Rand: rand.New(rand.NewSource(seed))}
						c.add(b.judgeImage(g.pair(first, second, kind, reading, nested), seed, false))
					}
				}
			}
		}
	}
	c.print()
	if c.unequal > 0 {
		t.Errorf("%d pairs of formats show Trivy something else than what a runtime unpacks", c.unequal)
	}
}

func (g *generator) pair(first, second format, kind string, reading int, nested bool) *generator {
	one := &tarball{entries: []*entry{file("one", g.content())}, end: make([]byte, 2*block)}
	two := &tarball{entries: []*entry{file("two", g.content())}, end: make([]byte, 2*block)}
	a, c := one.bytes(), two.bytes()
	inner := first.pack(a)
	how, data := first.name+" in "+second.name, second.pack(inner)
	readings := [][]byte{a, inner, data, first.pack(nil)}
	if !nested {
		how, data = first.name+", then "+second.name, append(append([]byte{}, inner...), second.pack(c)...)
		readings = [][]byte{a, c, data, append(append([]byte{}, a...), c...)}
	}
	g.layers = []*tarball{one}
	g.blobs = []*blob{{bytes: data, how: how, kind: kind, diffID: digestOf(readings[reading]), size: int64(len(data))}}
	g.tricks = []string{fmt.Sprintf("%s, declared as %s", how, kind)}
	return g
}
