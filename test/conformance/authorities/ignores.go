package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/aquasecurity/trivy/pkg/clock"
	"github.com/aquasecurity/trivy/pkg/purl"
	"github.com/aquasecurity/trivy/pkg/result"
	"github.com/package-url/packageurl-go"
)

type ignoreFile struct {
	Name     string        `json:"name"`
	Text     string        `json:"text"`
	Now      time.Time     `json:"now"`
	Findings []findingAsked `json:"findings"`
}

type findingAsked struct {
	Type   string   `json:"type"`
	IDs    []string `json:"ids"`
	Target string   `json:"target"`
	Path   string   `json:"path"`
	Purl   string   `json:"purl"`
}

type covered struct {
	Error   string `json:"error,omitempty"`
	Covered []bool `json:"covered,omitempty"`
}

// ignores reads the file as Trivy does, and asks Trivy of each finding whether it is ignored.
func ignores(asked ignoreFile) (covered, error) {
	folder, err := os.MkdirTemp("", "ignores-")
	if err != nil {
		return covered{}, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, asked.Name)
	if err := os.WriteFile(file, []byte(asked.Text), 0o600); err != nil {
		return covered{}, err
	}
	config, err := result.ParseIgnoreFile(clock.With(context.Background(), asked.Now), file)
	if err != nil {
		return covered{Error: err.Error()}, nil
	}
	answer := covered{Covered: []bool{}}
	for _, finding := range asked.Findings {
		is, err := isIgnored(&config, finding)
		if err != nil {
			return covered{}, err
		}
		answer.Covered = append(answer.Covered, is)
	}
	return answer, nil
}

func isIgnored(config *result.IgnoreConfig, finding findingAsked) (bool, error) {
	switch finding.Type {
	case "vulnerability":
		var of *packageurl.PackageURL
		if finding.Purl != "" {
			parsed, err := purl.FromString(finding.Purl)
			if err != nil {
				return false, err
			}
			of = parsed.Unwrap()
		}
		return config.MatchVulnerability(finding.IDs[0], finding.Target, finding.Path, of) != nil, nil
	case "misconfiguration":
		return config.MatchMisconfiguration(finding.IDs, finding.Target) != nil, nil
	case "secret":
		return config.MatchSecret(finding.IDs[0], finding.Target) != nil, nil
	default:
		return config.MatchLicense(finding.IDs[0], finding.Path) != nil, nil
	}
}
