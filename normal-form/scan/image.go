//go:build linux

package scan

import (
	"fmt"
	"regexp"
	"strings"
)

// image is one image to scan, and where its results go.
type image struct {
	reference, scanID, out string
}

var scanIDs = regexp.MustCompile(`^[0-9A-Z]{26}$`)

// imagesOf are those that the variables of the build name: one. The id becomes the name of a folder, so nothing else is taken for one.
func imagesOf(variable func(string) string) ([]image, error) {
	i := image{variable("IMAGE_REFERENCE"), variable("SCAN_ID"), "out"}
	if !scanIDs.MatchString(i.scanID) {
		return nil, fmt.Errorf("SCAN_ID is %.100q, allowed: a ULID; let the dispatcher start the build", i.scanID)
	}
	return []image{i}, nil
}

// fill puts into each text what only the build knows.
func (i image) fill(texts ...string) []string {
	at := strings.LastIndex(i.reference, "@")
	repository := i.reference
	if at >= 0 {
		repository = i.reference[:at]
	}
	registry, _, _ := strings.Cut(i.reference, "/")
	words := strings.NewReplacer(
		"{digest}", i.reference[at+1:],
		"{repository}", repository,
		"{registry}", registry,
		"{scan-id}", i.scanID,
	)
	filled := make([]string, len(texts))
	for n, text := range texts {
		filled[n] = words.Replace(text)
	}
	return filled
}
