//go:build linux

package differential

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// verdict is what came out for one image.
type verdict struct {
	seed    int64
	tricks  []string
	reason  string            // why it is refused
	unequal []string          // what does not agree
	refused map[string]string // by runtime that does not unpack it: its words
	alike   bool              // all runtimes that unpack it come to the same, and there is one
}

func (b *bench) judge(seed int64) *verdict {
	g := &generator{Rand: rand.New(rand.NewSource(seed))}
	g.image()
	return b.judgeImage(g, seed, true)
}

func (b *bench) judgeImage(g *generator, seed int64, unpackRefused bool) *verdict {
	v := &verdict{seed: seed, tricks: g.tricks, refused: map[string]string{}}
	folder := filepath.Join(b.folder, strconv.FormatInt(seed, 36))
	in := filepath.Join(folder, "i")
	defer os.RemoveAll(folder)
	id, err := g.write(in)
	if err != nil {
		v.unequal = append(v.unequal, "the test cannot write its image: "+err.Error())
		return v
	}
	b.judgeLayout(in, id, folder, v, unpackRefused)
	if len(v.unequal) > 0 {
		v.unequal = append(v.unequal, b.keep(g, seed, in))
	}
	return v
}

// judgeLayout runs the program, and the runtimes too if the image is accepted or the test wants to know what they make of a refused one.
func (b *bench) judgeLayout(in, id, folder string, v *verdict, unpackRefused bool) {
	out := filepath.Join(folder, "o")
	o, err := b.program.run(in, id, out, "--max-bytes", "67108864", "--max-entries", "5000")
	if err != nil {
		v.unequal = append(v.unequal, err.Error())
		return
	}
	if o.Failure != nil {
		v.reason = o.Failure.Cause + " " + withoutNames(o.Failure.Detail)
		if !unpackRefused {
			return
		}
	}
	trees := b.unpackAll(in, id, folder, v)
	if o.Failure == nil {
		v.unequal = append(v.unequal, b.compare(filepath.Join(out, "image"), o, trees)...)
	}
}

// LAYOUTS names kept images: they are judged again, whatever the generator makes of their seeds by now.
func TestKeptImages(t *testing.T) {
	if os.Getenv("LAYOUTS") == "" {
		t.Skip("LAYOUTS names no folders of kept images")
	}
	b := newBench(t)
	for i, layout := range filepath.SplitList(os.Getenv("LAYOUTS")) {
		v := &verdict{refused: map[string]string{}}
		b.judgeLayout(layout, imagesOf(t, layout)[0], filepath.Join(b.folder, strconv.Itoa(i)), v, true)
		for _, u := range v.unequal {
			t.Errorf("%s: %s", layout, u)
		}
		t.Logf("%s: %d runtimes do not unpack it; refused: %q", layout, len(v.refused), v.reason)
	}
}

// unpackAll unpacks the image with every runtime, and says whether they agree.
func (b *bench) unpackAll(in, id, folder string, v *verdict) map[string]tree {
	results, err := unpackAside(in, id, filepath.Join(folder, "u"))
	if err != nil {
		v.unequal = append(v.unequal, err.Error())
	}
	trees := map[string]tree{}
	var first tree
	v.alike = true
	for _, r := range results {
		if r.Refusal != "" {
			v.refused[r.Runtime] = r.Refusal
			continue
		}
		if r.Tree == nil {
			r.Tree = tree{} // an empty map does not come through a pipe
		}
		if first == nil {
			first = r.Tree
		} else if len(differencesTo(r.Runtime, first, r.Tree)) > 0 {
			v.alike = false
		}
		trees[r.Runtime] = r.Tree
	}
	v.alike = v.alike && first != nil
	return trees
}

// keep copies the layout of an image that failed to a folder that stays, and says all about it.
func (b *bench) keep(g *generator, seed int64, in string) string {
	kept := filepath.Join(os.TempDir(), "unequal-images", strconv.FormatInt(seed, 10))
	os.RemoveAll(kept)
	if err := os.CopyFS(kept, os.DirFS(in)); err != nil {
		return "its layout cannot be kept: " + err.Error()
	}
	say := []string{fmt.Sprintf("SEED=%d IMAGES=1; layout kept in %s; tricks: %s", seed, kept, strings.Join(g.tricks, ", "))}
	for i, t := range g.layers {
		say = append(say, fmt.Sprintf("  layer %d: %s, %q, diff_id %.20s\n    %s", i+1, g.blobs[i].how, g.blobs[i].kind, g.blobs[i].diffID, t))
	}
	return strings.Join(say, "\n")
}

var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"|sha256:[0-9a-f]+|\b\d+\b`)

// withoutNames leaves of a reason what is the same for all images.
func withoutNames(reason string) string {
	return strings.ReplaceAll(quoted.ReplaceAllString(reason, "…"), "layer … (…): ", "")
}
