package differential

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// scanner is the real, pinned Trivy. Every regular file of the generated images is a package.json with a name and a version of its own,
// and every file name is made one that Trivy reads as such. So its list of packages is its list of files, with their content.
type scanner struct {
	program string
	home    string // an empty folder: neither trivy.yaml nor .trivyignore
	cache   string // with a database, for the honest images
}

func newScanner(home string) (*scanner, error) {
	program := os.Getenv("TRIVY")
	if program == "" {
		return nil, fmt.Errorf("TRIVY names no program: give the path of the pinned trivy")
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, err
	}
	// Without this no path is left out of the search for secrets, as in the scan of this project.
	rules := "skip-patterns: []\ndisable-allow-rules: [dist-info, tests, examples, vendor, usr-dirs, locale-dir, markdown, node.js, golang, python, rubygems, wordpress, anaconda-log]\n"
	if err := os.WriteFile(filepath.Join(home, "secrets.yaml"), []byte(rules), 0o644); err != nil {
		return nil, err
	}
	return &scanner{program: program, home: home, cache: filepath.Join(home, "cache")}, nil
}

// report is the part of Trivy's JSON that is compared.
type report struct {
	Metadata struct {
		OS      json.RawMessage
		DiffIDs []string
	}
	Results []struct {
		Target, Class, Type string
		Packages            []trivyPackage
		Vulnerabilities     []trivyVulnerability
		Secrets             []trivySecret
		Misconfigurations   []trivyMisconfiguration
	}
}

type trivyPackage struct {
	ID, Name, Version, FilePath string
	Layer                       struct{ DiffID string }
}

type trivyVulnerability struct{ VulnerabilityID, PkgName, PkgPath, InstalledVersion, FixedVersion, Severity, Status string }

type trivySecret struct {
	RuleID, Match string
	Layer         struct{ DiffID string }
}

type trivyMisconfiguration struct{ ID, Status, Message string }

// run scans a layout folder. It gives Trivy's own words if it fails.
func (s *scanner) run(layout string, flags ...string) (*report, error) {
	args := []string{"image", "--input", layout, "--quiet", "--format", "json", "--list-all-pkgs", "--offline-scan", "--skip-version-check",
		"--cache-backend", "memory", "--cache-dir", s.cache, "--secret-config", filepath.Join(s.home, "secrets.yaml")}
	cmd := exec.Command(s.program, append(args, flags...)...)
	cmd.Dir, cmd.Env = s.home, []string{"HOME=" + s.home, "PATH=/nowhere", "TMPDIR=" + os.TempDir(), "GOGC=400"} // as in builds
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("trivy: %w: %s", err, errs.String())
	}
	var r report
	return &r, json.Unmarshal(out, &r)
}

// files is what Trivy sees of an image of generated files: their content by path, and the paths on which it found a secret.
func (s *scanner) files(layout string) (map[string]string, map[string]bool, error) {
	r, err := s.run(layout, "--scanners", "license,secret", "--file-patterns", "node-pkg:.*")
	if err != nil {
		return nil, nil, err
	}
	seen, secrets := map[string]string{}, map[string]bool{}
	for _, result := range r.Results {
		for _, p := range result.Packages {
			if was, twice := seen[p.FilePath]; twice {
				return nil, nil, fmt.Errorf("trivy lists %q twice: %s and %s@%s", p.FilePath, was, p.Name, p.Version)
			}
			seen[p.FilePath] = p.Name + "@" + p.Version
		}
		if len(result.Secrets) > 0 {
			secrets[strings.TrimPrefix(result.Target, "/")] = true
		}
	}
	return seen, secrets, nil
}

// asTrivy gives what Trivy should list of a tree: path and package of each file that is a package.json, in the spelling of its JSON.
func asTrivy(t tree) map[string]string {
	m := map[string]string{}
	for p, x := range t {
		var pkg struct{ Name, Version string }
		// Trivy reads the first JSON value of a file, whatever follows it.
		if x.Kind == 'f' && json.NewDecoder(strings.NewReader(x.Content)).Decode(&pkg) == nil && pkg.Name != "" {
			m[asJSON(p)] = pkg.Name + "@" + pkg.Version
		}
	}
	return m
}

// asJSON replaces each byte that is no UTF-8, as a JSON encoder does.
func asJSON(s string) string {
	b, _ := json.Marshal(s)
	var t string
	_ = json.Unmarshal(b, &t)
	return t
}
