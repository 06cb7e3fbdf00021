//go:build linux

package differential

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Every package that its own manager lists is in Trivy's report, or the accounting says that it is not, or the image is refused.
// HONEST_CACHE is a cache folder of Trivy with its databases.
func TestEveryInstalledPackageIsAccountedFor(t *testing.T) {
	a := newAccountant(t)
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
	total := newTotals()
	var wg sync.WaitGroup
	for range goruntime.NumCPU() {
		wg.Go(func() {
			for s := range next {
				total.add(a.judge(s))
			}
		})
	}
	wg.Wait()
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

// keepLayout of an image that failed in a folder that stays.
func keepLayout(in string, seed int64, tricks []string) string {
	kept := filepath.Join(os.TempDir(), "unequal-images", strconv.FormatInt(seed, 10))
	os.RemoveAll(kept)
	if err := os.CopyFS(kept, os.DirFS(in)); err != nil {
		return "its layout cannot be kept: " + err.Error()
	}
	return fmt.Sprintf("SEED=%d IMAGES=1; layout kept in %s; hidings: %s", seed, kept, strings.Join(tricks, ", "))
}
