package books

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const apkRepositories = "etc/apk/repositories"

// repositoryOf is how Trivy takes the system and the release from an address, also in a comment.
var repositoryOf = regexp.MustCompile(`(https*|ftp)://[0-9A-Za-z.-]+/([A-Za-z]+)/v?([0-9A-Za-z_.-]+)/`)

// repositories of Alpine: Trivy takes the advisories of the highest release among them, and not of the one that is installed. For "latest-stable"
// or 3.99 it has none. Those of edge know all that are fixed.
func repositories(tree Tree, verdict *statement) []Declaration {
	if verdict == nil || verdict.family != alpine {
		return nil
	}
	lines, file, err := releaseLines(tree, apkRepositories)
	if err != nil {
		return []Declaration{{Path: apkRepositories, Kind: Release, Layer: file.Layer, Broken: err.Error()}}
	}
	other := ""
	for _, l := range lines {
		found := repositoryOf.FindStringSubmatch(l)
		switch {
		case found == nil:
		case found[2] != alpine, found[3] == "edge": // of two systems Trivy takes neither
			return nil
		case !isAtMost(found[3], verdict.release):
			other = found[3]
		}
	}
	if other == "" {
		return nil
	}
	why := fmt.Sprintf("%.100q names the release %.100q, whose advisories Trivy takes for the packages of %.100q; write the release that is installed",
		apkRepositories, other, verdict.release)
	return []Declaration{{Path: apkRepositories, Kind: Release, Layer: file.Layer, Broken: why}}
}

// isAtMost compares the first two numbers of two releases.
func isAtMost(one, other string) bool {
	a, b := strings.Split(one+".0", "."), strings.Split(other+".0", ".")
	for n := range 2 {
		x, err1 := strconv.ParseUint(a[n], 10, 32)
		y, err2 := strconv.ParseUint(b[n], 10, 32)
		if err1 != nil || err2 != nil || x != y {
			return err1 == nil && err2 == nil && x < y
		}
	}
	return true
}
