//go:build linux

package differential

import (
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	goruntime "runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	apex "github.com/apex/log"
	"github.com/apex/log/handlers/discard"
	"github.com/containerd/log"
	"github.com/moby/sys/reexec"
	"github.com/sirupsen/logrus"
	storagereexec "go.podman.io/storage/pkg/reexec"
)

// TestMain lets the unpackers start this program again as their helper in a chroot.
func TestMain(m *testing.M) {
	if storagereexec.Init() || reexec.Init() {
		return
	}
	logrus.SetOutput(io.Discard)
	log.L.Logger.SetOutput(io.Discard)
	apex.SetHandler(discard.Default)
	if os.Getenv(unpackVariable) != "" {
		unpackHere()
		return
	}
	os.Exit(m.Run())
}

// bench is what every test here needs: the program, Trivy, and a folder in memory.
type bench struct {
	program *program
	trivy   *scanner
	folder  string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: overlayfs and device files are made here")
	}
	parent := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm" // thousands of small unpackings: memory spares the disk
	}
	folder, err := os.MkdirTemp(parent, "diff-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if b, err := os.ReadFile("/proc/self/mounts"); err != nil || strings.Contains(string(b), folder) {
			t.Errorf("something is still mounted below %s (%v): it is left there", folder, err)
			return
		}
		os.RemoveAll(folder)
	})
	p, err := findProgram(folder)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newScanner(filepath.Join(folder, "trivy"))
	if err != nil {
		t.Fatal(err)
	}
	return &bench{p, s, folder}
}

func number(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is %q: give a whole number", name, text)
	}
	return n
}

// rule 5.1: what the normal form shows to Trivy equals what every runtime unpacks, or the image is refused.
func TestWhatIsScannedIsWhatRuns(t *testing.T) {
	b := newBench(t)
	seed, images, seconds := number(t, "SEED", time.Now().UnixNano()/1000), number(t, "IMAGES", 200), number(t, "SECONDS", 0)
	fmt.Printf("SEED=%d IMAGES=%d (one image again: SEED=its seed IMAGES=1)\n", seed, images)
	var until time.Time
	if seconds > 0 {
		until = time.Now().Add(time.Duration(seconds) * time.Second)
	}
	next := make(chan int64)
	go func() {
		defer close(next)
		for i := range images {
			if seconds > 0 && time.Now().After(until) {
				return
			}
			next <- seed + i
		}
	}()
	c := newCount()
	var wg sync.WaitGroup
	for range goruntime.NumCPU() {
		wg.Go(func() {
			for s := range next {
				c.add(b.judge(s))
			}
		})
	}
	wg.Wait()
	c.print()
	if c.unequal > 0 {
		t.Errorf("%d images show Trivy something else than what a runtime unpacks", c.unequal)
	}
	if c.accepted < c.images/10 {
		t.Errorf("only %d of %d images were accepted: the test proves little", c.accepted, c.images)
	}
}

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

// judgeImage runs the program, and the runtimes too if the image is accepted or the test wants to know what they make of a refused one.
func (b *bench) judgeImage(g *generator, seed int64, unpackRefused bool) *verdict {
	v := &verdict{seed: seed, tricks: g.tricks, refused: map[string]string{}}
	folder := filepath.Join(b.folder, strconv.FormatInt(seed, 36))
	in, out := filepath.Join(folder, "i"), filepath.Join(folder, "o")
	defer os.RemoveAll(folder)
	digest, err := g.write(in)
	if err != nil {
		v.unequal = append(v.unequal, "the test cannot write its image: "+err.Error())
		return v
	}
	o, err := b.program.run(in, digest, out, "--max-bytes", "67108864", "--max-entries", "5000")
	if err != nil {
		v.unequal = append(v.unequal, err.Error())
	} else if o.Failure != nil {
		v.reason = o.Failure.Cause + " " + withoutNames(o.Failure.Detail)
	}
	if err == nil && (o.Failure == nil || unpackRefused) {
		trees := b.unpackAll(in, digest, folder, v)
		if o.Failure == nil {
			v.unequal = append(v.unequal, b.compare(filepath.Join(out, "image"), o, trees)...)
		}
	}
	if len(v.unequal) > 0 {
		v.unequal = append(v.unequal, b.keep(g, seed, in))
	}
	return v
}

// unpackAll unpacks the image with every runtime, and says whether they agree.
func (b *bench) unpackAll(in, digest, folder string, v *verdict) map[string]tree {
	results, err := unpackAside(in, digest, filepath.Join(folder, "u"))
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

// compare holds the normal form against all trees: its tars, what Trivy lists of it, and the secrets that Trivy finds in each of its layers.
func (b *bench) compare(form string, o *outcome, trees map[string]tree) (bad []string) {
	merged, layers, ids, err := shown(form)
	if err != nil {
		return []string{err.Error()}
	}
	seen, secrets, err := b.trivy.files(form)
	if err != nil {
		return []string{err.Error()}
	}
	for _, name := range sortedKeys(trees) {
		for _, d := range differencesTo(name, merged, trees[name]) {
			bad = append(bad, fmt.Sprintf("normal form | %s: %s", name, d))
		}
		for _, d := range textDifferences(seen, asTrivy(trees[name])) {
			bad = append(bad, fmt.Sprintf("Trivy | %s: %s", name, d))
		}
	}
	if len(o.Layers) != len(layers) {
		return append(bad, fmt.Sprintf("form.json has %d layers, the image of the normal form %d", len(o.Layers), len(layers)))
	}
	for i, l := range layers {
		if o.Layers[i].Normal != ids[i] {
			bad = append(bad, fmt.Sprintf("form.json calls layer %d %s, it is %s", i+1, o.Layers[i].Normal, ids[i]))
		}
		for p, x := range l {
			if x.Kind == 'f' && wholeSecret.MatchString(x.Content) && !secrets[asJSON(p)] {
				bad = append(bad, fmt.Sprintf("Trivy finds no secret in %q of layer %d", p, i+1))
			}
		}
	}
	return bad
}

// wholeSecret is content with a secret that Trivy finds: what tricks cut off or made binary is not searched.
var wholeSecret = regexp.MustCompile(`^[ -~\n]*gh[pos]_[0-9a-zA-Z]{36}[ -~\n]*$`)

// differencesTo holds a tree against that of a runtime. A partial pull makes neither devices nor FIFOs, so only files and links
// are left of both.
func differencesTo(runtime string, a, b tree) []string {
	if runtime == partialPull {
		a, b = a.filesAndLinks(), b.filesAndLinks()
	}
	return differences(a, b)
}

func textDifferences(a, b map[string]string) (l []string) {
	for p, x := range a {
		if b[p] != x {
			l = append(l, fmt.Sprintf("%q: %q | %q", p, x, b[p]))
		}
	}
	for p, y := range b {
		if _, ok := a[p]; !ok {
			l = append(l, fmt.Sprintf("%q: nothing | %q", p, y))
		}
	}
	sort.Strings(l)
	return l
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
