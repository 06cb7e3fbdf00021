//go:build linux

package scan

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// job is what src/core/scanning/scan-job.ts writes: limits, and the arguments of each program. Arguments and names of files may contain words that
// only the build can fill in, see image.fill.
type job struct {
	// Seconds is the limit of all steps together.
	Seconds                 seconds `json:"seconds"`
	KillAfterSeconds        seconds `json:"killAfterSeconds"`
	VersionSeconds          seconds `json:"versionSeconds"`
	VersionKillAfterSeconds seconds `json:"versionKillAfterSeconds"`
	ThrottledPauseSeconds   seconds `json:"throttledPauseSeconds"`
	Throttled               pattern `json:"throttled"`
	// RegistryVariables are the variables that programs which talk to registries may see, HermeticVariables all that the others get.
	RegistryVariables []string          `json:"registryVariables"`
	HermeticVariables map[string]string `json:"hermeticVariables"`
	// Files are all that is in the folder that Trivy starts in, by name.
	Files    map[string]string `json:"files"`
	Read     []string          `json:"read"`
	Download struct {
		Vulnerabilities []string `json:"vulnerabilities"`
		Java            []string `json:"java"`
	} `json:"download"`
	Version []string `json:"version"`
	Scan    []string `json:"scan"`
	Account []string `json:"account"`
	Convert []string `json:"convert"`
	// Signs are lines of Trivy that are kept whatever else it says, ErrorBytes is how much of the rest.
	Signs      []pattern `json:"signs"`
	ErrorBytes int64     `json:"errorBytes"`
}

func readJob(name string) (job, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return job{}, err
	}
	var j job
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&j); err != nil {
		return job{}, fmt.Errorf("the job %s cannot be read: %v; synthesize the build and the program from one version of the library", name, err)
	}
	return j, nil
}

type seconds struct{ time.Duration }

func (s *seconds) UnmarshalJSON(text []byte) error {
	var n float64
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	s.Duration = time.Duration(n * float64(time.Second))
	return nil
}

type pattern struct{ *regexp.Regexp }

func (p *pattern) UnmarshalText(text []byte) (err error) {
	p.Regexp, err = regexp.Compile(string(text))
	return err
}
