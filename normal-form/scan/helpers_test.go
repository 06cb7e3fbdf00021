//go:build linux

package scan

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

const (
	scanID    = "01JDGZ0000000000000000TEST"
	reference = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:00"
)

// behaviour is what a stand-in does, and taken what it was given. This binary is the stand-in for Trivy and for the image reader: both have an
// environment that is not the test's, so their behaviour lies in their home.
type behaviour struct {
	Exit    int
	Says    string
	Form    string
	Seconds float64
	// IgnoresTerm is how a step has to be killed.
	IgnoresTerm bool
	// Throttles is how often a download is answered with 429 before that.
	Throttles int
}

type taken struct {
	Arguments, Environment, Files []string
	Network                       string
}

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "trivy" || len(os.Args) > 1 && (os.Args[1] == "read" || os.Args[1] == "account") {
		os.Exit(standIn(os.Args[1]))
	}
	os.Exit(m.Run())
}

func standIn(step string) int {
	home := os.Getenv("HOME")
	network, _ := os.Readlink("/proc/self/ns/net")
	files, _ := filepath.Glob("*")
	given, _ := json.Marshal(taken{os.Args[1:], os.Environ(), files, network})
	os.WriteFile(filepath.Join(home, step+".taken"), given, 0o666)
	tries, _ := os.OpenFile(filepath.Join(home, step+".tries"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	tries.WriteString("x")
	all := map[string]behaviour{}
	text, _ := os.ReadFile(filepath.Join(home, "behaviours.json"))
	json.Unmarshal(text, &all)
	b := all[step]
	if info, _ := tries.Stat(); info.Size() <= int64(b.Throttles) {
		fmt.Fprint(os.Stderr, "* GET x: TOOMANYREQUESTS: Rate exceeded")
		return 1
	}
	if b.IgnoresTerm {
		signal.Ignore(syscall.SIGTERM)
	}
	time.Sleep(time.Duration(b.Seconds * float64(time.Second)))
	fmt.Fprint(os.Stderr, b.Says)
	switch {
	case step == "read" && b.Form != "none":
		os.Mkdir("form", 0o777)
		os.WriteFile("form/form.json", []byte(b.Form), 0o666)
	case b.Exit != 0:
	case step == "account":
		os.WriteFile("form/accounting.json", []byte("{}"), 0o666)
	case step == "scan":
		os.WriteFile("report.json", []byte("{}"), 0o666)
	case step == "convert":
		os.WriteFile("sbom.cdx.json", []byte("{}"), 0o666)
	case step == "version":
		fmt.Print("{}")
	}
	return b.Exit
}

// build is one build of one image.
type build struct {
	t         *testing.T
	home, out string
	job       job
	variables map[string]string
}

// newBuild gives each step its name as its first argument.
func newBuild(t *testing.T, behaviours map[string]behaviour) *build {
	t.Helper()
	folder := t.TempDir()
	t.Chdir(folder)
	b := &build{t: t, home: filepath.Join(folder, "scan"), out: filepath.Join(folder, "out")}
	bin := filepath.Join(folder, "bin")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	os.Mkdir(b.home, 0o777)
	os.Mkdir(bin, 0o777)
	os.Symlink(self, filepath.Join(bin, "trivy"))
	t.Setenv("PATH", bin)
	if behaviours["read"].Form == "" {
		with := behaviours["read"]
		with.Form = `{"javaArchives":false}`
		behaviours["read"] = with
	}
	text, _ := json.Marshal(behaviours)
	os.WriteFile(filepath.Join(b.home, "behaviours.json"), text, 0o666)
	b.variables = map[string]string{"PATH": bin, "IMAGE_REFERENCE": reference, "SCAN_ID": scanID}
	b.job = job{
		Seconds: seconds{time.Minute}, KillAfterSeconds: seconds{time.Second},
		VersionSeconds: seconds{10 * time.Second}, VersionKillAfterSeconds: seconds{time.Second},
		ThrottledPauseSeconds: seconds{2 * time.Second}, Throttled: pattern{regexp.MustCompile("TOOMANYREQUESTS")},
		RegistryVariables: []string{"AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY"}, HermeticVariables: map[string]string{"HTTPS_PROXY": "http://127.0.0.1:9"},
		Files:   map[string]string{"none": "", "secrets-{scan-id}.yaml": "{}"},
		Read:    []string{"read", "{digest}", "form", "{repository}"},
		Version: []string{"version"}, Scan: []string{"scan", "secrets-{scan-id}.yaml"}, Account: []string{"account"}, Convert: []string{"convert"},
		ErrorBytes: 100,
	}
	b.job.Download.Vulnerabilities = []string{"download", "{registry}/db"}
	b.job.Download.Java = []string{"java", "{registry}/java-db"}
	return b
}

func (b *build) scanner() *scanner {
	variable := func(name string) string { return b.variables[name] }
	images, err := imagesOf(variable)
	if err != nil {
		b.t.Fatal(err)
	}
	s, err := newScanner(b.job, images[0], b.home, variable, b.t.Output())
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// run gives what run.json says.
func (b *build) run() runRecord {
	b.t.Helper()
	if _, err := b.scanner().scanImage(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	return b.record()
}

func (b *build) record() (r runRecord) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.result("run.json")), &r); err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *build) result(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.out, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// taken is nothing where the step was not started.
func (b *build) taken(step string) (t taken) {
	text, _ := os.ReadFile(filepath.Join(b.home, step+".taken"))
	json.Unmarshal(text, &t)
	return t
}

func (b *build) tries(step string) int {
	text, _ := os.ReadFile(filepath.Join(b.home, step+".tries"))
	return len(text)
}
