package books

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

const (
	esmStatus   = "var/lib/ubuntu-advantage/status.json"
	esmService  = "esm-infra"
	maxEsmBytes = 4 << 20
)

// extendedMaintenance of Ubuntu, by the file of its client. To Trivy this file says "Ubuntu" without a release, and makes "15.5" of whatever system
// "15.5-ESM": in another system it hides every finding. In an Ubuntu it does, too, if it is heard before lsb-release, and debian_version between the two;
// that is chance within a layer, and cannot be where the file came in a later one.
func extendedMaintenance(tree Tree, verdict *statement) []Declaration {
	file, found := tree.Resolve(esmStatus)
	if !found || !isEsmEnabled(file) {
		return nil
	}
	why := ""
	switch debianFile, _ := tree.Resolve("etc/debian_version"); {
	case verdict == nil || verdict.family != ubuntu:
		why = "says that the system is an Ubuntu with extended maintenance, and no other file does; remove it"
	case debianFile.ReaderAt != nil && file.Layer <= slices.Max([]int{debianFile.Layer, verdict.file.Layer}):
		why = "came in the same layer as etc/debian_version and etc/lsb-release, and Trivy takes the release from one of them by chance; do not squash the layers"
	default:
		return nil
	}
	return []Declaration{{Path: esmStatus, Kind: Release, Layer: file.Layer, Broken: fmt.Sprintf("%.100q %s", esmStatus, why)}}
}

// isEsmEnabled reads the first value, as Trivy does.
func isEsmEnabled(file File) bool {
	var status struct {
		Services []struct{ Name, Status string }
	}
	if file.Size > maxEsmBytes || json.NewDecoder(io.NewSectionReader(file, 0, file.Size)).Decode(&status) != nil {
		return file.Size > maxEsmBytes
	}
	for _, service := range status.Services {
		if service.Name == esmService && service.Status == "enabled" {
			return true
		}
	}
	return false
}
