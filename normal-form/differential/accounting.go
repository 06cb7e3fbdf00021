//go:build linux

package differential

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// accounting is what the program says after a scan, and what it said of the files before it.
type accounting struct {
	reported   map[string]map[string]bool // "kind path" to "name version"
	notCovered map[string]string          // by path
	unread     map[string]string
	owned      map[string]bool // by "kind path"
	kinds      map[string]bool // of what is not covered
	reasons    []string
}

// errNoReport: Trivy itself fails, so there is no verdict.
var errNoReport = errors.New("trivy fails")

var managersOfSystems = []string{"dpkg", "rpm", "apk"}

// account scans the normal form with the flags of this project's own scans, and lets the program match its inventory with the report.
func (a *accountant) account(out string) (*accounting, error) {
	reportFile := filepath.Join(out, "report.json")
	args := []string{"image", "--input=" + filepath.Join(out, "image"), "--cache-dir=" + a.trivy.cache, "--cache-backend=memory", "--skip-db-update", "--skip-java-db-update", "--offline-scan", "--skip-check-update",
		"--skip-vex-repo-update", "--skip-version-check", "--disable-telemetry", "--scanners=vuln", "--format=json", "--list-all-pkgs", "--detection-priority=comprehensive", "--exit-code=0", "--no-progress",
		"--quiet", "--output=" + reportFile}
	// some databases make Trivy ask for more memory than there is
	scan := exec.Command("/bin/sh", append([]string{"-c", `ulimit -v 8000000; exec "$0" "$@"`, a.trivy.program}, args...)...)
	scan.Dir, scan.Env = a.trivy.home, []string{"HOME=" + a.trivy.home, "PATH=/nowhere", "TMPDIR=" + filepath.Dir(out)}
	if said, err := scan.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %w: %.300s", errNoReport, err, said)
	}
	match := exec.Command(a.program.path, "account", "--advisories", filepath.Join(a.trivy.cache, "db", "trivy.db"), out, reportFile)
	if said, err := match.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("account: %w: %s", err, said)
	}
	return readAccounting(out, reportFile)
}

func readAccounting(out, reportFile string) (*accounting, error) {
	a := &accounting{reported: map[string]map[string]bool{}, notCovered: map[string]string{}, unread: map[string]string{}, owned: map[string]bool{}, kinds: map[string]bool{}}
	var report struct {
		Results []struct {
			Target, Class string
			Packages      []struct {
				Name, Version, Release, FilePath, AnalyzedBy string
				Epoch                                        int
			}
		}
	}
	var says struct {
		NotCovered, Unread           []struct{ Path, Kind, Detail string }
		NotCoveredCount, UnreadCount int
	}
	var inventory struct {
		Declarations []struct {
			Path, Kind string
			Owner      json.RawMessage
		}
	}
	for file, into := range map[string]any{reportFile: &report, filepath.Join(out, "accounting.json"): &says, filepath.Join(out, "inventory.json"): &inventory} {
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, result := range report.Results {
		for _, p := range result.Packages {
			kind, path, version := p.AnalyzedBy, p.FilePath, p.Version
			switch {
			case kind == "python-egg":
				kind = "python-pkg"
			case slices.Contains(managersOfSystems, kind):
				path = ""
				if p.Release != "" {
					version += "-" + p.Release
				}
				if p.Epoch != 0 {
					version = fmt.Sprintf("%d:%s", p.Epoch, version)
				}
			}
			if path == "" && !slices.Contains(managersOfSystems, kind) {
				path = result.Target
			}
			at := kind + " " + path
			if a.reported[at] == nil {
				a.reported[at] = map[string]bool{}
			}
			a.reported[at][alike(kind, p.Name, version)] = true
		}
	}
	for _, n := range says.NotCovered {
		a.notCovered[n.Path] = n.Detail
		a.kinds[n.Kind] = true
		a.reasons = append(a.reasons, "not covered: "+n.Kind+" "+withoutNames(n.Detail))
	}
	for _, n := range says.Unread {
		a.unread[n.Path] = n.Detail
		a.reasons = append(a.reasons, "unread: "+n.Kind+" "+withoutNames(n.Detail))
	}
	for _, d := range inventory.Declarations {
		if d.Owner != nil {
			a.owned[d.Kind+" "+d.Path] = true
		}
	}
	return a, nil
}

var (
	separators = regexp.MustCompile(`[-_.]+`)
	noMeaning  = regexp.MustCompile(`(?i)([.-](0+|final|ga|release))+$`)
)

// alike is a text that two spellings of one package share.
func alike(kind, name, version string) string {
	name, version = asJSON(name), asJSON(version)
	switch kind {
	case "python-pkg":
		name = strings.ToLower(separators.ReplaceAllString(name, "-"))
	case "composer-vendor":
		name = strings.ToLower(name)
	case "jar":
		version = strings.ToLower(noMeaning.ReplaceAllString(version, ""))
	}
	return name + " " + version
}

// hold what the managers list against what is said.
func (a *accounting) hold(listed []installed, v *answer) {
	v.reasons = append(v.reasons, a.reasons...)
	switch {
	case len(a.notCovered) > 0:
		v.result = "not covered"
	case len(a.unread) > 0:
		v.result = "unread"
	default:
		v.result = "all accounted"
	}
	for _, i := range listed {
		how := a.answers(i)
		v.listed[i.kind+" "+how]++
		if how == "UNACCOUNTED" {
			v.unaccounted = append(v.unaccounted, fmt.Sprintf("SEED=%d %s: %q declares %q %q; the image is %s", v.seed, i.kind, i.paths, i.name, i.version, v.result))
		}
	}
}

func (a *accounting) answers(i installed) string {
	isSystems := slices.Contains(managersOfSystems, i.kind)
	for _, path := range append(i.paths, "") {
		if (path == "") == isSystems && a.reported[i.kind+" "+asJSON(path)][alike(i.kind, i.name, i.version)] {
			return "reported"
		}
	}
	for _, path := range i.paths {
		for at := path; at != ""; at = parent(at) { // of a nested archive also the outer one
			if _, is := a.notCovered[asJSON(at)]; is {
				return "not covered"
			}
			if _, is := a.unread[asJSON(at)]; is {
				return "unread"
			}
			if a.owned[i.kind+" "+asJSON(at)] {
				return "owned"
			}
		}
	}
	if isSystems && len(a.kinds) > 0 && (a.kinds[i.kind] || a.kinds["release"] || a.kinds["system"]) {
		return "not covered"
	}
	return "UNACCOUNTED"
}

func parent(path string) string {
	at := strings.LastIndexByte(path, '/')
	return path[:max(0, at)]
}
