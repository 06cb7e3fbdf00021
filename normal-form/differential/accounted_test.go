//go:build linux

package differential

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Every package that its own manager lists is in Trivy's report, or the accounting says that it is not, or the image is refused.
// HONEST_CACHE is a cache folder of Trivy with its databases.
func TestEveryInstalledPackageIsAccountedFor(t *testing.T) {
	a := newAccountant(t)
	total := newTotals()
	images := eachSeed(t, func(seed int64) { total.add(a.judge(seed)) })
	fmt.Println("managers that fail:")
	printCounts(a.oracle.silent.words)
	total.print()
	if total.unaccounted > 0 {
		t.Errorf("of %d images a package is neither reported nor accounted for", total.unaccounted)
	}
	if total.honestFailures > 0 {
		t.Errorf("%d honest images are refused or not covered", total.honestFailures)
	}
	if images >= 100 && total.answers["all accounted"] < total.images/4 {
		t.Errorf("only %d of %d images are accounted for: the test proves little", total.answers["all accounted"], total.images)
	}
}

// LAYOUTS names kept images: they are judged again, whatever the generator makes of their seeds by now.
func TestKeptImagesAreAccountedFor(t *testing.T) {
	if os.Getenv("LAYOUTS") == "" {
		t.Skip("LAYOUTS names no folders of kept images")
	}
	a := newAccountant(t)
	for i, layout := range filepath.SplitList(os.Getenv("LAYOUTS")) {
		v := &answer{listed: map[string]int{}}
		if err := a.judgeLayout(layout, imagesOf(t, layout)[0], filepath.Join(a.folder, strconv.Itoa(i)), v); err != nil {
			t.Errorf("%s: %v", layout, err)
		}
		for _, u := range v.unaccounted {
			t.Errorf("%s: %s", layout, u)
		}
		t.Logf("%s: %s %q", layout, v.result, v.reasons)
	}
}

// accountant judges images.
type accountant struct {
	*bench
	corpus *corpus
	oracle *oracle
}

func newAccountant(t *testing.T) *accountant {
	t.Helper()
	cache := os.Getenv("HONEST_CACHE")
	if cache == "" {
		t.Skip("HONEST_CACHE names no cache folder of Trivy; npm test makes one")
	}
	b := newBench(t)
	b.trivy.cache = cache
	c, err := layOut(filepath.Join(b.folder, "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	o, err := newOracle(b.folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.close)
	a := &accountant{b, c, o}
	a.sayWhatIsNotRun()
	return a
}

func (a *accountant) sayWhatIsNotRun() {
	for _, manager := range sortedKeys(a.corpus.notRun) {
		fmt.Printf("not run: %s: %s\n", manager, a.corpus.notRun[manager])
	}
	for _, r := range a.oracle.readers {
		if r.isMissed != "" {
			fmt.Printf("not asked: %s: %s\n", r.kind, r.isMissed)
		}
	}
}

// outcome of one image.
type answer struct {
	seed        int64
	managers    []string
	tricks      []string
	result      string         // "refused", "not covered", "unread", "all accounted"
	reasons     []string       // why it is so
	listed      map[string]int // packages of the managers, by kind and how each is answered
	unaccounted []string
	took        time.Duration
}

// tricksOf a seed: one image of eight is honest.
func tricksOf(r *rand.Rand) int { return []int{0, 1, 1, 1, 2, 2, 3, 3}[r.Intn(8)] }

func (a *accountant) judge(seed int64) *answer {
	start := time.Now()
	i := &packageImage{generator: &generator{Rand: rand.New(rand.NewSource(seed))}, corpus: a.corpus}
	i.image(tricksOf(i.Rand))
	v := &answer{seed: seed, managers: i.managers, tricks: i.tricks, listed: map[string]int{}}
	folder := filepath.Join(a.folder, strconv.FormatInt(seed, 36))
	defer os.RemoveAll(folder)
	in := filepath.Join(folder, "i")
	id, err := i.write(in)
	if err == nil {
		err = a.judgeLayout(in, id, folder, v)
	}
	if err != nil {
		v.unaccounted = append(v.unaccounted, "the test fails: "+err.Error())
	}
	if len(v.unaccounted) > 0 {
		v.unaccounted = append(v.unaccounted, keepLayout(in, seed, i.tricks))
	}
	v.took = time.Since(start)
	return v
}

func (a *accountant) judgeLayout(in, id, folder string, v *answer) error {
	out := filepath.Join(folder, "o")
	o, err := a.program.run(in, id, out)
	if err != nil {
		return err
	}
	if o.Failure != nil {
		v.result, v.reasons = "refused", []string{withoutNames(o.Failure.Detail)}
		return nil
	}
	root := filepath.Join(folder, "root")
	if err := unpackInto(in, id, root); err != nil {
		return err
	}
	said, err := a.account(out)
	if errors.Is(err, errNoReport) {
		v.result, v.reasons = "refused", []string{"Trivy fails, and without a report there is no verdict: " + withoutNames(strings.SplitN(err.Error(), "\n", 2)[0])}
		return nil
	}
	if err != nil {
		return err
	}
	listed, err := a.oracle.list(root)
	if err != nil {
		return err
	}
	said.hold(listed, v)
	return nil
}

// keepLayout of an image that failed in a folder that stays.
func keepLayout(in string, seed int64, tricks []string) string {
	kept := filepath.Join(os.TempDir(), "unequal-images", strconv.FormatInt(seed, 10))
	os.RemoveAll(kept)
	if err := os.CopyFS(kept, os.DirFS(in)); err != nil {
		return "its layout cannot be kept: " + err.Error()
	}
	return fmt.Sprintf("SEED=%d IMAGES=1; layout kept in %s; hidings: %s", seed, kept, strings.Join(tricks, ", "))
}
