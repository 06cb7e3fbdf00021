//go:build linux

package differential

import (
	"fmt"
	"io"
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

// eachSeed judges the images of SEED and those behind it, IMAGES in all or until SECONDS are over, on all cores. It gives how many were asked for.
func eachSeed(t *testing.T, judge func(seed int64)) int64 {
	t.Helper()
	seed, images, seconds := number(t, "SEED", time.Now().UnixNano()/1000), number(t, "IMAGES", 200), number(t, "SECONDS", 0)
	fmt.Printf("SEED=%d IMAGES=%d (one image again: SEED=its seed IMAGES=1)\n", seed, images)
	until := time.Now().Add(time.Duration(seconds) * time.Second)
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
	var wg sync.WaitGroup
	for range goruntime.NumCPU() {
		wg.Go(func() {
			for s := range next {
				judge(s)
			}
		})
	}
	wg.Wait()
	return images
}

// rule 5.1: what the normal form shows to Trivy equals what every runtime unpacks, or the image is refused.
func TestWhatIsScannedIsWhatRuns(t *testing.T) {
	b := newBench(t)
	c := newCount()
	eachSeed(t, func(seed int64) { c.add(b.judge(seed)) })
	c.print()
	if c.unequal > 0 {
		t.Errorf("%d images show Trivy something else than what a runtime unpacks", c.unequal)
	}
	if c.accepted < c.images/10 {
		t.Errorf("only %d of %d images were accepted: the test proves little", c.accepted, c.images)
	}
}

// compare holds the normal form against all trees: its tars, what Trivy lists of it, and the secrets that Trivy finds in each of its layers.
func (b *bench) compare(form string, o *outcome, trees map[string]tree) (bad []string) {
	n, err := shown(form, o)
	if err != nil {
		return []string{err.Error()}
	}
	seen, secrets, err := b.trivy.files(form)
	if err != nil {
		return []string{err.Error()}
	}
	for _, name := range sortedKeys(trees) {
		for _, d := range differencesTo(name, n.files.entries(), trees[name].entries()) {
			bad = append(bad, fmt.Sprintf("normal form | %s: %s", name, d))
		}
		expected := trees[name].clone()
		for _, more := range []tree{n.linked, n.covered} {
			for p, x := range more {
				if x.Kind == 'f' {
					expected[p] = x
				}
			}
		}
		for _, d := range textDifferences(seen, asTrivy(expected)) {
			bad = append(bad, fmt.Sprintf("Trivy | %s: %s", name, d))
		}
		for _, d := range trees[name].wrongLinks(n.linked) {
			bad = append(bad, fmt.Sprintf("behind links | %s: %s", name, d))
		}
	}
	if len(o.Layers) != len(n.layers) {
		return append(bad, fmt.Sprintf("form.json has %d layers, the image of the normal form %d", len(o.Layers), len(n.layers)))
	}
	for i, l := range n.layers {
		if o.Layers[i].Normal != n.ids[i] {
			bad = append(bad, fmt.Sprintf("form.json calls layer %d %s, it is %s", i+1, o.Layers[i].Normal, n.ids[i]))
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
