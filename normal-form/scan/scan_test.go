//go:build linux

package scan

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func (b *build) files() []string {
	entries, _ := os.ReadDir(b.out)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

var failed = []string{"SHA256SUMS", "form.json", "run.json", "trivy.err", "version.json"}

func TestAReaderThatFailsIsNotFollowedByTrivy(t *testing.T) {
	for name, c := range map[string]struct {
		reader behaviour
		code   int
		files  []string
	}{
		"refuses": {behaviour{Exit: 3, Says: "layer 1", Form: `{"failure":{}}`}, 3, failed},
		"crashes": {behaviour{Exit: 2, Says: "panic: x", Form: "none"}, 2, slices.DeleteFunc(slices.Clone(failed), func(name string) bool { return name == "form.json" })},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBuild(t, map[string]behaviour{"read": c.reader})
			if r := b.run(); r.Step != "read" || r.ExitCode != c.code {
				t.Fatal(r)
			}
			if !slices.Equal(b.files(), c.files) || b.result("trivy.err") != c.reader.Says || b.tries("scan") > 0 {
				t.Fatal(b.files(), b.result("trivy.err"))
			}
		})
	}
}

func TestAnAccountingThatFailsLeavesNoReport(t *testing.T) {
	b := newBuild(t, map[string]behaviour{"scan": {Says: "INFO of Trivy"}, "account": {Exit: 2, Says: "panic: x"}})
	if r := b.run(); r.Step != "account" || r.ExitCode != 2 {
		t.Fatal(r)
	}
	if !slices.Equal(b.files(), failed) || b.result("trivy.err") != "panic: x" {
		t.Fatal(b.files(), b.result("trivy.err"))
	}
}

func TestAFormThatCannotBeReadIsAnError(t *testing.T) {
	for _, form := range []string{"none", "{"} {
		b := newBuild(t, map[string]behaviour{"read": {Form: form}})
		if _, err := b.scanner().scanImage(context.Background()); err == nil || b.tries("scan") > 0 {
			t.Fatal(err)
		}
	}
}

func TestProgramsGetTheEnvironmentThatIsNamed(t *testing.T) {
	t.Setenv("LD_PRELOAD", "/nowhere/evil.so")
	t.Setenv("TRIVY_SEVERITY", "LOW")
	b := newBuild(t, map[string]behaviour{"read": {Form: `{"javaArchives":true}`}})
	b.variables["AWS_SECRET_ACCESS_KEY"] = "secret"
	b.variables["HTTPS_PROXY"] = ""
	b.variables["TRIVY_SEVERITY"] = "LOW"
	if r := b.run(); r.Step != "account" || r.ExitCode != 0 {
		t.Fatal(r)
	}
	for _, step := range []string{"read", "download", "java"} {
		if got := b.taken(step).Environment; !slices.Equal(got, []string{"PATH=" + b.variables["PATH"], "HOME=" + b.home, "AWS_SECRET_ACCESS_KEY=secret"}) {
			t.Errorf("%s: %q", step, got)
		}
	}
	for _, step := range []string{"version", "scan", "account", "convert"} {
		if got := b.taken(step).Environment; !slices.Equal(got, []string{"PATH=/nowhere", "HOME=" + b.home, "HTTPS_PROXY=http://127.0.0.1:9"}) {
			t.Errorf("%s: %q", step, got)
		}
	}
}

func TestProgramsGetTheImageOfTheBuild(t *testing.T) {
	b := newBuild(t, map[string]behaviour{})
	b.run()
	for step, want := range map[string][]string{
		"read":     {"read", "sha256:00", "form", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"},
		"download": {"download", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/db"},
		"scan":     {"scan", "secrets-" + scanID + ".yaml"},
	} {
		if got := b.taken(step).Arguments; !slices.Equal(got, want) {
			t.Errorf("%s: %q", step, got)
		}
	}
	if got := b.taken("scan").Files; !slices.Equal(got, []string{"form", "none", "secrets-" + scanID + ".yaml"}) {
		t.Error(got)
	}
	if entries, _ := filepath.Glob(filepath.Join(b.home, scanID, ".*")); len(entries) > 0 {
		t.Error(entries)
	}
}

func TestAReferenceIsFilledInAsItIs(t *testing.T) {
	for reference, want := range map[string][]string{
		"h/r@sha256:1":            {"h/r", "sha256:1", "h"},
		"h/a@b@d":                 {"h/a@b", "d", "h"},
		"nothing":                 {"nothing", "nothing", "nothing"},
		"{digest}/x@{repository}": {"{digest}/x", "{repository}", "{digest}"}, // nothing is filled in twice
		"":                        {"", "", ""},
	} {
		if got := (image{reference: reference}).fill("{repository}", "{digest}", "{registry}"); !slices.Equal(got, want) {
			t.Errorf("%q: %q", reference, got)
		}
	}
}

func TestWhatLooksAtTheImageHasANetworkOfItsOwn(t *testing.T) {
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	probe := program{path: "/bin/true", folder: "/", errors: filepath.Join(t.TempDir(), "errors"), limit: time.Minute, isWithoutNetwork: true}
	if ways := withoutNetwork(); !probe.startsBy(ways[0]) && !probe.startsBy(ways[1]) {
		t.Skip("this machine allows no network namespace")
	}
	b := newBuild(t, map[string]behaviour{})
	b.run()
	for _, step := range []string{"scan", "account", "convert"} {
		if network := b.taken(step).Network; network == own || network == "" {
			t.Errorf("%s: %s", step, network)
		}
	}
	if network := b.taken("download").Network; network != own {
		t.Error(network)
	}
}

// OVERTIME_SECONDS of scan-job.ts: a step that comes after the time is up gets a second, one may have to be killed, and so may the version.
func TestAScanGoesOnNoLongerThanItSays(t *testing.T) {
	stubborn := behaviour{Seconds: 600, IgnoresTerm: true}
	b := newBuild(t, map[string]behaviour{"version": stubborn, "convert": stubborn})
	b.job.Seconds, b.job.VersionSeconds = seconds{time.Second}, seconds{time.Second}
	begun := time.Now()
	b.run()
	const overtime, slow = 4 + 1 + 1 + 1, 30
	if took := time.Since(begun); took > (1+overtime+slow)*time.Second {
		t.Fatal(took)
	}
	if slices.Contains(b.files(), "sbom.cdx.json.gz") {
		t.Fatal("a conversion that was killed left an SBOM")
	}
}

func TestEachStepGetsASecond(t *testing.T) {
	s := newBuild(t, map[string]behaviour{}).scanner()
	s.begun = time.Now().Add(-time.Hour)
	if left := s.left(); left != time.Second {
		t.Fatal(left)
	}
}

func TestAStepThatIsLateIsEnded(t *testing.T) {
	for _, step := range []string{"read", "download", "scan", "account"} {
		t.Run(step, func(t *testing.T) {
			late := behaviour{Seconds: 60, Form: "none"}
			b := newBuild(t, map[string]behaviour{step: late})
			b.job.Seconds = seconds{3 * time.Second}
			if r := b.run(); r.Step != step || r.ExitCode != timedOut {
				t.Fatal(r)
			}
			if slices.Contains(b.files(), "report.json.gz") {
				t.Fatal("there is a report")
			}
		})
	}
}

// rule 5.1, hermetic scan: what somebody left there, Trivy would obey.
func TestAFolderThatIsThereAlreadyIsNotScannedIn(t *testing.T) {
	for _, there := range []string{filepath.Join("scan", scanID), "out"} {
		b := newBuild(t, map[string]behaviour{})
		os.Mkdir(there, 0o777)
		if _, err := b.scanner().scanImage(context.Background()); !os.IsExist(err) || b.tries("read") > 0 {
			t.Fatal(there, err)
		}
	}
}

func TestAScanThatIsStoppedLeavesNoResult(t *testing.T) {
	b := newBuild(t, map[string]behaviour{"scan": {Seconds: 60}})
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		for b.tries("scan") == 0 {
			time.Sleep(10 * time.Millisecond)
		}
		stop()
	}()
	_, err := b.scanner().scanImage(ctx)
	if err == nil || !strings.Contains(err.Error(), "the scan was stopped") || slices.Contains(b.files(), "run.json") {
		t.Fatal(err, b.files())
	}
}
